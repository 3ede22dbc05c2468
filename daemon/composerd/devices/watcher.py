"""Plugged and pulled: finds the keyboard and the synth, again and again, without the conductor's knowing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Thread

from composerd.devices import port_names
from composerd.devices.inbox import RealInbox
from composerd.devices.midi_in import ClockSource, Keyboard
from composerd.devices.midi_out import MidiOutSink, open_output
from composerd.devices.midi_system import MidiSystem, find_system, usb_id
from composerd.devices.port_names import CLIENT, plain
from composerd.devices.ports import VIRTUAL, MidiSettings
from composerd.engine.messages import KeyboardChanged
from composerd.errors import DeviceError

LONGEST_PAUSE = 2.0
"""seconds between attempts to find a MIDI system; the pauses double up to this"""


@dataclass(frozen=True, slots=True)
class PortStatus:
    """How the ports stand."""

    api: str = ""
    """ALSA or JACK; empty while there is none"""
    keyboard: str | None = None
    others: tuple[str, ...] = ()
    """inputs that might be keyboards too"""
    clock: str | None = None
    """the port that MIDI clock comes from, where it is not the keyboard's"""
    output: str | None = None
    """the synth's port, or None"""
    virtual: bool = False
    """the output is a port of our own: somebody must connect a synth to it"""
    problem: str = ""

    def line(self) -> str:
        """One line for the user."""
        if not self.api:
            return f"waiting for a MIDI system: {self.problem}"
        heard = f"keyboard {self.keyboard}" if self.keyboard else "waiting for a keyboard"
        others = f" (also there: {', '.join(self.others)})" if self.keyboard and self.others else ""
        heard += f", clock {self.clock}" if self.clock else ""
        out = f"virtual port {CLIENT}:out, connect a synth to it" if self.virtual else self.output
        return f"{heard}{others}, output {out or 'none yet'}, {self.api}{'; ' if self.problem else ''}{self.problem}"


OnStatus = Callable[[PortStatus], None]


class PortWatcher:
    """Owns the keyboard's port and the sink's. All of it happens on one thread, but for the first look, in `start`."""

    def __init__(
        self,
        settings: MidiSettings,
        inbox: RealInbox,
        sink: MidiOutSink | None = None,
        on_status: OnStatus = lambda _: None,
        clock: bool = False,
    ) -> None:
        """`sink` None: no MIDI output. `on_status` is called with every change, on the watcher's thread.

        `clock`: MIDI clock of the port that the settings name, or the keyboard's, goes into the inbox as ClockHeard.
        """
        self._settings, self._inbox, self._sink = settings, inbox, sink
        self._on_status, self._clock = on_status, clock
        self._system: MidiSystem | None = None
        self._keyboard: Keyboard | None = None
        self._source: ClockSource | None = None
        self._output: str | None = None
        self._virtual = False
        self._seen = False
        """our own output was among the ports when it was opened"""
        self._problem = ""
        self._pause = settings.poll_ms / 1000
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="midi-watcher", daemon=True)
        self.status = PortStatus()

    def start(self) -> None:
        """Look once, so that `status` is known on return, then keep looking."""
        self._look()
        self._thread.start()

    def close(self) -> None:
        """Let go of the keyboard; the sink closes its own port."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._keyboard is not None:
            self._keyboard.close()
        self._lose_source()
        if self._system is not None:
            self._system.close()

    def _run(self) -> None:
        while not self._stopping.wait(self._pause):
            self._look()

    def _look(self) -> None:
        if self._system is not None and not (self._system.alive and self._still_there(self._system.inputs())):
            self._lose_system()
        if self._system is None:
            self._find_system()
        if self._system is not None:
            self._problem = ""
            self._lose_loose(self._system)
            inputs = self._system.inputs()
            self._tend_keyboard(self._system, inputs)
            self._tend_source(self._system, inputs)
            self._tend_output(self._system, self._system.outputs())
        self._report()

    def _still_there(self, inputs: list[str]) -> bool:
        """Our own output is among the ports that send: where it was and is no more, the system forgot us (PipeWire)."""
        return not self._seen or any(port_names.is_own(name) for name in inputs)

    def _find_system(self) -> None:
        poll = self._settings.poll_ms / 1000
        try:
            self._system = find_system(self._settings.api)
            self._pause = poll
        except DeviceError as error:
            self._problem = str(error)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _lose_system(self) -> None:
        """Every client goes before a new one is made: the other way round libjack crashes (measured)."""
        self._lose_keyboard()
        self._lose_source()
        self._lose_output()
        if self._system is not None:
            self._system.close()
        self._system = None

    def _lose_loose(self, system: MidiSystem) -> None:
        """What was unplugged and is back by its old name since the last look is opened anew."""
        if self._keyboard is not None and not system.connected(self._keyboard.client):
            self._lose_keyboard()
        if self._source is not None and not system.connected(self._source.client):
            self._lose_source()
        if self._output is not None and not system.connected(CLIENT, sends=True):
            self._lose_output()

    def _tend_keyboard(self, system: MidiSystem, inputs: list[str]) -> None:
        candidates = port_names.keyboards(inputs, self._settings.keyboard)
        if self._keyboard is not None and not self._keeps(self._keyboard.name, inputs, candidates):
            self._lose_keyboard()
        if self._keyboard is None and candidates:
            try:
                clock = self._clock and not self._settings.clock_in
                feedback = self._sink.feedback if self._sink is not None else None
                self._keyboard = Keyboard(system.api, candidates[0], self._inbox, clock, feedback)
            except DeviceError as error:
                self._problem = str(error)
                return
            self._inbox.put(KeyboardChanged(self._inbox.now(), plain(candidates[0]), usb_id(candidates[0])))

    def _tend_source(self, system: MidiSystem, inputs: list[str]) -> None:
        """The port that the clock comes from, where one is named; without it, the band's clock coasts and stops."""
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

    def _keeps(self, name: str, inputs: list[str], candidates: list[str]) -> bool:
        """Stay with what is there, unless it was a guess and something likelier has come."""
        sure = bool(self._settings.keyboard) or port_names.keyboard_rank(name) >= port_names.SURE_RANK
        likelier = bool(candidates) and port_names.keyboard_rank(candidates[0]) > port_names.keyboard_rank(name)
        return name in inputs and (sure or not likelier)

    def _lose_keyboard(self) -> None:
        if self._keyboard is None:
            return
        self._keyboard.close()
        self._keyboard = None
        self._inbox.put(KeyboardChanged(self._inbox.now(), None))

    def _tend_output(self, system: MidiSystem, outputs: list[str]) -> None:
        if self._sink is None:
            return
        wanted = "" if self._settings.output == VIRTUAL else self._settings.output
        keyboard = self._keyboard.name if self._keyboard is not None else None
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
            now = self._keyboard.name if self._keyboard is not None else None
            source = self._source.name if self._source is not None else None
            others = [name for name in port_names.keyboards(self._system.inputs()) if name not in (now, source)]
            status = replace(
                status,
                api=self._system.api.name,
                keyboard=None if now is None else plain(now),
                clock=None if self._source is None else plain(self._source.name),
                others=tuple(plain(name) for name in others),
                output=None if self._output is None else plain(self._output),
                virtual=self._virtual,
            )
        if status != self.status:
            self.status = status
            self._on_status(status)
