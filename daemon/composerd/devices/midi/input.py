"""Opens the ports of keyboards and clocks, and puts their messages into the inbox with their time."""

from __future__ import annotations

import rtmidi

from composerd.devices.midi.echo import EchoGuard, SentMessages
from composerd.devices.midi.port_names import CLIENT
from composerd.devices.midi.system import Api, close_input, new_client
from composerd.devices.system.inbox import RealInbox
from composerd.engine.messages import KeyboardMessage
from composerd.engine.tempo.clock_in import clock_message
from composerd.errors import DeviceError
from composerd.music.midi import CONTROL, SOFT_PEDAL, SOSTENUTO_PEDAL, SUSTAIN_PEDAL, Midi, control, note_off, parse

PEDALS = (SUSTAIN_PEDAL, SOSTENUTO_PEDAL, SOFT_PEDAL)
LATEST = 0.02
"""greatest age of a message that is assumed [s]"""
DRIFT = 1e-4
"""largest drift between the driver's clock and ours [s/s]: more than any crystal has"""


class Stamps:
    """Computes the moments of messages on our clock from the driver's time differences.

    A callback comes late when Python is busy, the driver's own delta does not: the earliest callback seen, counted
    along the deltas, tells when the later ones really happened. A jump of either clock starts the count anew.
    """

    def __init__(self) -> None:
        self._driver = 0.0
        self._offset = 0.0

    def at(self, now: float, delta: float) -> float:
        """The moment [s] of a message received at `now`; `delta`: seconds since the last one by the driver's clock."""
        self._driver += delta
        late = now - self._driver - self._offset - DRIFT * delta
        self._offset += DRIFT * delta
        if not 0.0 <= late <= LATEST:
            self._offset, late = now - self._driver, 0.0
        return now - late


class Input:
    """An open input port."""

    def __init__(
        self, api: Api, name: str, inbox: RealInbox, purpose: str, keys: bool, clock: bool, sent: SentMessages
    ) -> None:
        """Open the port of this full `name`. Raises DeviceError if it has gone or refuses.

        `keys`: channel messages go into the inbox; `clock`: MIDI clock does. `purpose` names our own port. `sent`:
        what went out; none of it that comes back goes into the inbox.
        """
        self.name, self.client = name, f"{CLIENT}-in" if keys else f"{CLIENT}-{purpose}"
        self._echoes = EchoGuard(sent)
        self._held: dict[tuple[int, int], Midi] = {}
        """per key and pedal that may be down: the message that releases it"""
        self._inbox, self._keys, self._clock, self._stamps = inbox, keys, clock, Stamps()
        self._client = new_client(rtmidi.MidiIn, api, self.client)
        self._client.ignore_types(sysex=True, timing=not clock, active_sense=True)
        self._client.set_callback(self._receive)
        try:
            self._client.open_port(self._client.get_ports().index(name), purpose)
        except (rtmidi.RtMidiError, ValueError) as error:
            self.close()
            raise DeviceError(f"{name}: cannot be opened: {error}") from None

    def close(self) -> None:
        close_input(self._client)

    def release(self) -> None:
        """Release the keys and pedals held on this port, which has gone while others remain."""
        for message in tuple(self._held.values()):
            self._inbox.put(KeyboardMessage(self._inbox.now(), message))

    def _account(self, message: Midi) -> None:
        if message.starts_note or message.ends_note:
            self._held.pop((message.channel, message.data1), None)
        if message.starts_note:
            self._held[message.channel, message.data1] = note_off(message.channel, message.data1)
        elif message.kind == CONTROL and message.data1 in PEDALS:
            self._held[message.channel, -message.data1] = control(message.channel, message.data1, 0)

    def _receive(self, event: tuple[list[int], float], _data: object) -> None:
        """Put a message with its time into the inbox; called on rtmidi's thread."""
        data, delta = event
        at = self._stamps.at(self._inbox.now(), delta)
        message = parse(data)
        if message is not None:
            if self._keys and not self._echoes.is_echo(at, message):
                self._account(message)
                self._inbox.put(KeyboardMessage(at, message))
        elif self._clock and (beat := clock_message(at, data)) is not None:
            self._inbox.put(beat)


class Keyboard(Input):
    """The player's input port. Its MIDI clock goes into the inbox too, if wanted."""

    def __init__(
        self, api: Api, name: str, inbox: RealInbox, clock: bool = False, sent: SentMessages | None = None
    ) -> None:
        super().__init__(api, name, inbox, "keyboard", keys=True, clock=clock, sent=sent or SentMessages())


class ClockSource(Input):
    """An input port from which only MIDI clock is used."""

    def __init__(self, api: Api, name: str, inbox: RealInbox) -> None:
        super().__init__(api, name, inbox, "clock", keys=False, clock=True, sent=SentMessages())
