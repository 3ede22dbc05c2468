"""The player's keyboard, and another machine's clock: open ports whose messages go into the inbox, stamped."""

from __future__ import annotations

import rtmidi

from composerd.devices.feedback import Feedback
from composerd.devices.inbox import RealInbox
from composerd.devices.midi_system import Api, close_input, new_client
from composerd.devices.port_names import CLIENT
from composerd.engine.clock_in import clock_message
from composerd.engine.messages import Heard
from composerd.errors import DeviceError
from composerd.music.midi import parse

LATEST = 0.02
"""seconds: a message is never held to be older than this"""
DRIFT = 1e-4
"""seconds a second by which the driver's clock may run away from ours: more than any crystal does"""


class Stamps:
    """Moments of messages on our clock, from the driver's deltas.

    A callback comes late when Python is busy, the driver's own delta does not: the earliest callback seen, counted
    along the deltas, tells when the later ones really happened. A jump of either clock starts the count anew.
    """

    def __init__(self) -> None:
        self._driver = 0.0
        self._offset = 0.0

    def at(self, now: float, delta: float) -> float:
        """The moment of a message that the driver saw `delta` seconds after the last and that reached us `now`."""
        self._driver += delta
        late = now - self._driver - self._offset - DRIFT * delta
        self._offset += DRIFT * delta
        if not 0.0 <= late <= LATEST:
            self._offset, late = now - self._driver, 0.0
        return now - late


class Input:
    """An open input port."""

    def __init__(
        self, api: Api, name: str, inbox: RealInbox, purpose: str, keys: bool, clock: bool, feedback: Feedback
    ) -> None:
        """Open the port of this full `name`. DeviceError where it has gone or refuses.

        `keys`: channel messages go into the inbox; `clock`: MIDI clock does. `purpose` names our own port. `feedback`
        knows what we send: none of it that comes back goes into the inbox.
        """
        self.name, self.client, self._feedback = name, f"{CLIENT}-in" if keys else f"{CLIENT}-{purpose}", feedback
        self._inbox, self._keys, self._clock, self._stamps = inbox, keys, clock, Stamps()
        self._client = new_client(rtmidi.MidiIn, api, self.client)
        self._client.ignore_types(sysex=True, timing=not clock, active_sense=True)
        self._client.set_callback(self._hear)
        try:
            self._client.open_port(self._client.get_ports().index(name), purpose)
        except (rtmidi.RtMidiError, ValueError) as error:
            self.close()
            raise DeviceError(f"{name}: cannot be opened: {error}") from None

    def close(self) -> None:
        close_input(self._client)

    def _hear(self, event: tuple[list[int], float], _data: object) -> None:
        """On rtmidi's thread: stamp and hand over, nothing else."""
        data, delta = event
        at = self._stamps.at(self._inbox.now(), delta)
        if self._feedback.hears(at, data):
            return
        message = parse(data)
        if message is not None:
            if self._keys:
                self._inbox.put(Heard(at, message))
        elif self._clock and (beat := clock_message(at, data)) is not None:
            self._inbox.put(beat)


class Keyboard(Input):
    """The player's. Its MIDI clock goes into the inbox too, where wanted."""

    def __init__(
        self, api: Api, name: str, inbox: RealInbox, clock: bool = False, feedback: Feedback | None = None
    ) -> None:
        feedback = feedback or Feedback()
        feedback.reset()
        super().__init__(api, name, inbox, "keyboard", keys=True, clock=clock, feedback=feedback)


class ClockSource(Input):
    """A port of which nothing but MIDI clock is heard."""

    def __init__(self, api: Api, name: str, inbox: RealInbox) -> None:
        super().__init__(api, name, inbox, "clock", keys=False, clock=True, feedback=Feedback())
