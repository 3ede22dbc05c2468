"""The conductor: owns all musical state, waits on the inbox alone, and decides when and whether."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Protocol, get_args

from composerd.engine.clock_in import STOP, TICK, ClockIn
from composerd.engine.clock_out import ClockOut, Send
from composerd.engine.controls import ControlMap
from composerd.engine.desk import Desk, Direct
from composerd.engine.form import Choices
from composerd.engine.jam import Jam
from composerd.engine.messages import (
    ClockHeard,
    Composed,
    Control,
    Crashed,
    Delegated,
    EndBand,
    Finish,
    GenreLoaded,
    Heard,
    KeyboardChanged,
    Message,
    Mode,
    Panic,
    SetEngine,
    SetMetre,
    SetMode,
    SetTempo,
    Snapshot,
    StartBand,
    Stop,
)
from composerd.engine.phrase import PhraseAct
from composerd.engine.ports import Composer, Inbox
from composerd.engine.settings import EngineSettings
from composerd.engine.stage import Stage
from composerd.music.genre import PLAYER_CHANNEL, Genre
from composerd.music.metre import BarGrid, Metre
from composerd.music.midi import SUSTAIN_PEDAL, Midi, control
from composerd.music.tempo import MAX_BPM, MIN_BPM, Tempo

TEMPO_NEWS = 0.005
"""share by which a clock that only ticks must differ from the tempo set to change it"""
LONGEST_ENDING = 8.0
"""seconds a last chord may ring before the program ends all the same: a supervisor waits ten"""
PEDAL_UP = control(PLAYER_CHANNEL, SUSTAIN_PEDAL, 0)
HEARTBEAT = 1.0
"""seconds: the longest the conductor waits, so that a supervisor sees it alive"""
_CHOICES = frozenset(get_args(Control))


class Act(Protocol):
    """A way to play: jam or phrase."""

    @property
    def playing(self) -> bool: ...
    @property
    def tempo(self) -> Tempo: ...
    @property
    def bpm(self) -> float: ...
    def beat_at(self, second: float) -> float | None: ...
    def deadline(self) -> float: ...
    def tick(self, now: float) -> float: ...
    def press(self, at: float, pitch: int, velocity: int) -> None: ...
    def release(self, at: float, pitch: int) -> None: ...
    def control(self, at: float, message: Midi) -> None: ...
    def composed(self, answer: Composed, now: float) -> None: ...
    def set_tempo(self, bpm: float, now: float) -> None: ...
    def set_clock(self, line: Tempo | None, now: float) -> None: ...
    def set_metre(self, metre: Metre, now: float) -> None: ...
    def set_settings(self, settings: EngineSettings) -> None: ...
    def set_genre(self, genre: Genre, now: float) -> None: ...
    def start(self, at: float) -> None: ...
    def end(self, now: float, at_once: bool = False) -> None: ...
    def toggle(self, at: float) -> None: ...
    def stop(self, at: float) -> None: ...
    def finish(self, at: float) -> None: ...
    def direct(self, command: Direct) -> None: ...
    def beat_tapped(self, at: float, bpm: float) -> None: ...
    def panic(self, now: float) -> None: ...
    def snapshot(self, now: float, keyboard: str | None) -> Snapshot: ...


@dataclass(frozen=True, slots=True)
class Start:
    """How a conductor begins."""

    mode: Mode = Mode.JAM
    bpm: float = 100.0
    grid: BarGrid = field(default_factory=BarGrid)
    fixed_at: float | None = None
    """second of bar 1, beat 1 where the bars are given (a file, a clock); None: the first key is"""


class Conductor:
    def __init__(
        self,
        inbox: Inbox,
        composer: Composer,
        stage: Stage,
        settings: EngineSettings,
        start: Start,
        report: Callable[[Snapshot], None] = lambda _: None,
        pages: Callable[[str | None, str], ControlMap] = lambda _, __: ControlMap(),
        delegate: Callable[[Delegated], None] = lambda _: None,
        clock: Send = lambda _, __: None,
    ) -> None:
        """`pages` finds a keyboard's control page by port name and USB id; `delegate` gets what the app must do.

        `clock` sends MIDI clock, where the settings want it.
        """
        self._inbox, self._composer, self._stage, self._settings = inbox, composer, stage, settings
        self._start, self._publish = start, report
        self._keyboard: str | None = None
        self._mode = start.mode
        self._grid = start.grid
        self._choices = Choices.of(settings)
        stage.set_swing(settings.swing)
        self._desk = Desk(lambda: self._act, stage, self._choices, inbox.now, self.handle, pages, delegate)
        self._act: Act = self._new_act(Tempo(start.bpm, start.fixed_at or 0.0))
        self._due: float | None = None
        """the act's next deadline, while nothing has happened since it was told"""
        self._stopped_at = inf
        """the moment after which the program is over; infinity while nobody asked"""
        self._clock_in, self._clock_out = ClockIn(), ClockOut(clock)
        self._handlers: dict[type, Callable[..., None]] = {
            Heard: self._heard,
            Composed: lambda message: self._act.composed(message, self._inbox.now()),
            Crashed: self._crashed,
            KeyboardChanged: self._keyboard_changed,
            Finish: self._finish,
            Stop: self._stop,
            SetTempo: self._set_tempo,
            SetMetre: self._set_metre,
            SetMode: self._set_mode,
            SetEngine: self._set_engine,
            GenreLoaded: self._genre_loaded,
            StartBand: lambda message: self._act.start(message.at),
            EndBand: lambda message: self._act.end(self._inbox.now(), message.now),
            Panic: self._panic,
            ClockHeard: self._clock_heard,
            **self._desk.handlers(),
        }

    def run(self, alive: Callable[[float], None] = lambda _: None) -> None:
        """Play until told to stop. On every way out exactly what sounds is released, then the listeners are closed.

        `alive` is called with the moment at every turn of the loop, at least every HEARTBEAT.
        """
        try:
            self._report(self._inbox.now())
            while not self.over:
                self.step()
                alive(self._inbox.now())
        finally:
            now = self._inbox.now()
            self._act.panic(now)
            self._clock_out.stop(now)
            self._stage.release_player(now)
            self._composer.close()
            self._stage.close()

    @property
    def over(self) -> bool:
        """Told to stop, or to finish and nothing is left to play."""
        return self._stopped_at < inf and (not self._act.playing or self._inbox.now() >= self._stopped_at)

    def step(self) -> None:
        """Wait for the next message or moment and do what it asks."""
        due = self._act.deadline() if self._due is None else self._due
        until = min(due, self._clock_in.lost_at(), self._stopped_at)
        if self._settings.clock_out:
            until = min(until, self._clock_out.deadline(self._act))
        if self._start.fixed_at is None:
            until = min(until, self._inbox.now() + HEARTBEAT)
        message = self._inbox.receive(until)
        if message is None:
            self._due = self._act.tick(self._inbox.now())
        else:
            self._due = None
            self.handle(message)
        self._tend_clocks(self._inbox.now())

    def handle(self, message: Message) -> None:
        self._handlers[type(message)](message)
        if type(message) in _CHOICES:  # what was chosen shows at once
            self._report(self._inbox.now())

    def _heard(self, heard: Heard) -> None:
        message = heard.message
        if self._desk.takes(heard.at, message):
            return
        self._stage.player(heard.at, message, self._act.beat_at(heard.at))
        self._act.tick(heard.at)
        if message.starts_note and self._stopped_at == inf:  # a last chord is not played on
            self._act.press(heard.at, message.data1, message.data2)
        elif message.ends_note:
            self._act.release(heard.at, message.data1)
        else:
            self._act.control(heard.at, message)

    def _keyboard_changed(self, change: KeyboardChanged) -> None:
        self._keyboard = change.name
        self._desk.keyboard_changed(change)
        if change.name is None:
            for pitch in self._stage.release_player(change.at):
                self._act.release(change.at, pitch)
            self._act.control(change.at, PEDAL_UP)
        self._report(change.at)

    def _crashed(self, message: Crashed) -> None:
        raise message.error

    def _finish(self, _: Finish) -> None:
        now = self._inbox.now()
        self._stopped_at = min(self._stopped_at, now + LONGEST_ENDING)
        self._act.finish(now)

    def _stop(self, _: Stop) -> None:
        self._stopped_at = self._inbox.now()

    def _clock_heard(self, clock: ClockHeard) -> None:
        """Another machine's clock starts, leads and ends the band; ticks alone tell the tempo."""
        if self._settings.sync != "midi":
            return
        jumped = self._clock_in.hear(clock)
        line = self._clock_in.line(self._act.bpm)
        if clock.status == STOP:
            self._act.set_clock(None, clock.at)
            self._act.end(clock.at, at_once=True)
        elif jumped:  # as at the end of a loop: the next tick begins anew
            self._act.set_clock(None, clock.at)
        elif clock.status == TICK and line is not None:
            self._act.set_clock(line, self._inbox.now())
        elif clock.status == TICK and (bpm := self._clock_in.bpm) and abs(bpm / self._act.bpm - 1) > TEMPO_NEWS:
            self._act.set_tempo(bpm, clock.at)

    def _tend_clocks(self, now: float) -> None:
        if self._clock_in.lost(now):
            self._clock_in, self._due = ClockIn(), None
            self._act.set_clock(None, now)
            self._act.end(now)
        if self._settings.clock_out:
            self._clock_out.tick(self._act, now)
        else:
            self._clock_out.stop(now)

    def _set_tempo(self, message: SetTempo) -> None:
        if self._clock_in.running:
            return
        given = self._start.fixed_at is not None  # a file's tempo is what it is
        bpm = message.bpm if given else min(MAX_BPM, max(MIN_BPM, message.bpm))
        now = self._inbox.now()
        self._act.set_tempo(bpm, now)
        self._report(now)

    def _set_metre(self, message: SetMetre) -> None:
        known = message.back and self._grid.place(0).metre == message.metre
        metre = Metre() if known else message.metre
        self._grid = BarGrid.of(metre)
        self._act.set_metre(metre, self._inbox.now())

    def _set_engine(self, message: SetEngine) -> None:
        self._choices.take(self._settings, message.settings)
        if message.settings.swing != self._settings.swing:
            self._stage.set_swing(message.settings.swing)
        self._settings = message.settings
        self._act.set_settings(message.settings)

    def _set_mode(self, message: SetMode) -> None:
        other = Mode.JAM if self._mode is Mode.PHRASE else Mode.PHRASE
        mode = message.mode or other
        if mode is self._mode:
            return
        now = self._inbox.now()
        self._act.panic(now)
        self._mode = mode
        self._act = self._new_act(self._act.tempo)
        self._report(now)

    def _genre_loaded(self, message: GenreLoaded) -> None:
        now = self._inbox.now()
        self._act.set_genre(message.genre, now)
        self._report(now)

    def _panic(self, _: Panic) -> None:
        now = self._inbox.now()
        self._act.panic(now)
        self._stage.release_player(now)
        self._act.control(now, PEDAL_UP)
        self._stage.panic(now)

    def _new_act(self, tempo: Tempo) -> Act:
        if self._mode is Mode.PHRASE:
            return PhraseAct(
                self._stage, self._composer, self._settings, tempo, self._grid, self._report, self._choices
            )
        fixed = self._start.fixed_at is not None
        return Jam(self._stage, self._composer, self._settings, tempo, self._grid, fixed, self._report, self._choices)

    def _report(self, at: float) -> None:
        self._publish(self._desk.shown(self._act.snapshot(at, self._keyboard)))
