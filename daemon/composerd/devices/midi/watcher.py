"""Finds the keyboard and the synth, and reopens them when they are unplugged and plugged in, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Thread

from composerd.devices.midi import port_names
from composerd.devices.midi.input import ClockSource
from composerd.devices.midi.keyboard_ports import Controls, KeyboardPorts
from composerd.devices.midi.output import MidiOutSink, open_output
from composerd.devices.midi.port_names import CLIENT, plain
from composerd.devices.midi.settings import VIRTUAL, MidiSettings
from composerd.devices.midi.system import MidiSystem, find_system
from composerd.devices.system.bell import Bell
from composerd.devices.system.inbox import RealInbox
from composerd.errors import DeviceError
from composerd.threads import spawn

_AGAIN = 4
"""number of checks after which a port that could not be opened is tried again, though nothing has changed"""
_SELDOM = 2
"""factor of the interval between checks if the system notifies us of changes; JACK 1 and PipeWire miss some"""
_GATHER = 0.03
"""wait for further ports of a device, which appear one after the other, before they are opened [s]"""
LONGEST_PAUSE = 2.0
"""longest pause between attempts to find a MIDI system, doubled each time up to this [s]"""


@dataclass(frozen=True, slots=True)
class PortStatus:
    """The state of the ports."""

    api: str = ""
    """ALSA or JACK; empty while there is none"""
    keyboard: str | None = None
    also: tuple[str, ...] = ()
    """further input ports of the player"""
    others: tuple[str, ...] = ()
    """inputs that might be keyboards too"""
    clock: str | None = None
    """the port that MIDI clock comes from, if it is not the keyboard's"""
    output: str | None = None
    """the synth's port, or None"""
    virtual: bool = False
    """the output is a port of our own, to which a synth must be connected"""
    problem: str = ""

    def line(self) -> str:
        """One line for the user."""
        if not self.api:
            return f"waiting for a MIDI system: {self.problem}"
        heard = f"keyboard {' and '.join((self.keyboard, *self.also))}" if self.keyboard else "waiting for a keyboard"
        others = f" (also there: {', '.join(self.others)})" if self.keyboard and self.others else ""
        heard += f", clock {self.clock}" if self.clock else ""
        out = f"virtual port {CLIENT}:out, connect a synth to it" if self.virtual else self.output
        told = "; ".join(filter(None, ("press a key" if self.keyboard else "", self.problem)))
        return f"{heard}{others}, output {out or 'none yet'}, {self.api}{'; ' if told else ''}{told}"


OnStatus = Callable[[PortStatus], None]


class PortWatcher:
    """Opens and closes the ports of keyboards and sink on a thread of its own (the first time within `start`)."""

    def __init__(
        self,
        settings: MidiSettings,
        inbox: RealInbox,
        sink: MidiOutSink | None = None,
        on_status: OnStatus = lambda _: None,
        clock: bool = False,
        controls: Controls = lambda _, __: None,
    ) -> None:
        """`sink` None: no MIDI output. `on_status` is called with every change, on the watcher's thread.

        `clock`: MIDI clock of the port that the settings name, or the keyboard's, goes into the inbox as ClockHeard.
        `controls` finds the controls of a keyboard by port name and USB id, on the watcher's thread: it may read files.
        """
        self._settings, self._inbox, self._sink = settings, inbox, sink
        self._on_status, self._clock = on_status, clock
        self._system: MidiSystem | None = None
        self._keyboards = KeyboardPorts(settings, inbox, controls, clock and not settings.clock_in)
        self._seen_state: object = None
        """state of the MIDI system at the last check"""
        self._source: ClockSource | None = None
        self._output: str | None = None
        self._virtual = False
        self._seen = False
        """whether our own output was listed among the ports when it was opened"""
        self._problem = ""
        self._pause = settings.poll_ms / 1000
        self._settling = _AGAIN
        """number of checks at the ordinary interval after a change: a port may be listed before it can be opened"""
        self._stopping, self._bell = False, Bell()
        self._thread: Thread | None = None
        self.status = PortStatus()

    def start(self) -> None:
        """Check once, so that `status` is set on return, then go on in a thread."""
        self._look()
        self._thread = spawn("midi-watcher", self._run)

    def close(self) -> None:
        """Stop the thread and close the player's ports; the sink closes its own."""
        self._stopping = True
        self._bell.ring()
        if self._thread is not None:
            self._thread.join()
        self._keyboards.close()
        self._lose_source()
        if self._system is not None:
            self._system.close()
        self._bell.close()

    def _run(self) -> None:
        turn = 0
        while not self._stopping:
            if self._told():
                turn, self._settling = 0, _AGAIN
            turn += 1 if self._settling or self._system is None or not self._system.tells else _SELDOM
            again = turn >= _AGAIN
            turn = 0 if again else turn
            if not self._stopping and (self._changed() or (self._problem and again)):
                self._look()

    def _told(self) -> bool:
        """Wait until the next check. Returns whether the system notified us of a change; if it can, checks are rare."""
        if self._system is None or not self._system.tells:
            self._bell.wait(self._pause)
            return False
        self._settling = max(0, self._settling - 1)
        pause = self._pause if self._settling else _SELDOM * self._pause
        told = self._bell.wait(pause, self._system.life_line)
        if told and not self._stopping:
            self._bell.wait(_GATHER)
        return told

    def _changed(self) -> bool:
        """Whether a port may have come or gone since the last check: cheaper than a check."""
        if self._system is None or not self._system.alive:
            return True
        state = self._system.state()
        return state is None or state != self._seen_state

    def _look(self) -> None:
        if self._system is not None and not (self._system.alive and self._still_there(self._system.inputs())):
            self._lose_system()
        if self._system is None:
            self._find_system()
        if self._system is not None:
            self._problem, self._seen_state = "", self._system.state()
            self._lose_loose(self._system)
            inputs = self._system.inputs()
            self._keyboards.tend(self._system, inputs, None if self._sink is None else self._sink.sent)
            self._problem = self._keyboards.problem
            self._tend_source(self._system, inputs)
            self._tend_output(self._system, self._system.outputs())
        self._report()

    def _still_there(self, inputs: list[str]) -> bool:
        """False if our own output, which was listed, is no longer: PipeWire has dropped our client."""
        return not self._seen or any(port_names.is_own(name) for name in inputs)

    def _find_system(self) -> None:
        poll = self._settings.poll_ms / 1000
        try:
            self._system = find_system(self._settings.api, self._bell.ring)
            self._pause, self._settling = poll, _AGAIN
        except DeviceError as error:
            self._problem = str(error)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _lose_system(self) -> None:
        """Close all clients after the system has ended: libjack crashes if new ones are made before (measured)."""
        self._keyboards.close()
        self._lose_source()
        self._lose_output()
        if self._system is not None:
            self._system.close()
        self._system = None

    def _lose_loose(self, system: MidiSystem) -> None:
        """Close ports that were replugged under the same name since the last check, so that they are reopened."""
        if self._source is not None and not system.connected(self._source.client):
            self._lose_source()
        if self._output is not None and not system.connected(CLIENT, sends=True):
            self._lose_output()

    def _tend_source(self, system: MidiSystem, inputs: list[str]) -> None:
        """Open or close the port that was named as the clock's source."""
        wanted = self._settings.clock_in
        if not (self._clock and wanted):
            return
        if self._source is not None and self._source.name not in inputs:
            self._lose_source()
        found = port_names.named(inputs, wanted)
        if self._source is None and found:
            try:
                self._source = ClockSource(system.api, found[0], self._inbox)
            except DeviceError as error:
                self._problem = self._problem or str(error)
        if self._source is None:
            self._problem = self._problem or f"no clock yet: no input's name contains {wanted!r}"

    def _lose_source(self) -> None:
        if self._source is not None:
            self._source.close()
        self._source = None

    def _tend_output(self, system: MidiSystem, outputs: list[str]) -> None:
        if self._sink is None:
            return
        wanted = "" if self._settings.output == VIRTUAL else self._settings.output
        keyboard = next(iter(self._keyboards.names), None)
        synths = [] if self._settings.output == VIRTUAL else port_names.synths(outputs, wanted, keyboard)
        if self._output is not None and self._output not in outputs:
            self._lose_output()
        if self._virtual and synths:
            self._sink.detach(alive=True)
            self._virtual, self._seen = False, False
        if self._output is None and not self._virtual and (synths or not wanted):
            self._open_output(system, self._sink, synths[0] if synths else None)
        if wanted and self._output is None:
            self._problem = self._problem or f"no output's name contains {wanted!r} yet"

    def _lose_output(self) -> None:
        if self._sink is not None:
            self._sink.detach()
        self._output, self._virtual, self._seen = None, False, False

    def _open_output(self, system: MidiSystem, sink: MidiOutSink, name: str | None) -> None:
        try:
            port = open_output(system.api, name)
        except DeviceError as error:
            self._problem = str(error)
            return
        sink.attach(port)
        self._output, self._virtual = name, name is None
        self._seen = any(port_names.is_own(port) for port in system.inputs())

    def _report(self) -> None:
        status = PortStatus(problem=self._problem)
        if self._system is not None:
            now, also = next(iter(self._keyboards.names), None), self._keyboards.names[1:]
            source = self._source.name if self._source is not None else None
            others = [name for name in port_names.keyboards(self._system.inputs()) if name not in (now, *also, source)]
            status = replace(
                status,
                api=self._system.api.name,
                keyboard=None if now is None else plain(now),
                clock=None if self._source is None else plain(self._source.name),
                also=tuple(map(plain, also)),
                others=tuple(plain(name) for name in others),
                output=None if self._output is None else plain(self._output),
                virtual=self._virtual,
            )
        if status != self.status:
            self.status = status
            self._on_status(status)
