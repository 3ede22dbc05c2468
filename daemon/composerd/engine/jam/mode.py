"""Jam: the band plays while the player plays, and each harmony step is decided at the key press."""

from __future__ import annotations

from math import floor

from composerd.engine.jam.performance import JamPerformance
from composerd.engine.jam.start import JamStart
from composerd.engine.mode import Cue, End, IdleOr
from composerd.engine.services import ModeServices
from composerd.engine.song.loaded import SongLoaded
from composerd.music.charts.chart import Chart
from composerd.music.genre import Genre
from composerd.music.metre import STEPS_PER_BEAT, BarGrid, Metre
from composerd.music.midi import Midi
from composerd.music.tempo import Tempo


class Jam(IdleOr[JamPerformance]):
    """Implements `PerformanceMode`: idle until the first key or a start."""

    def __init__(
        self, services: ModeServices, tempo: Tempo, grid: BarGrid, fixed: bool = False, rests_end: bool = True
    ) -> None:
        """`fixed`: bars are those of `tempo` and `grid` whenever the player starts; else the first key is beat 1.

        `rests_end`: bars without a key end the performance.
        """
        super().__init__(services, tempo)
        self._grid, self._fixed, self._rests_end = grid, fixed, rests_end
        self._performances = 0
        self._loop_wanted = ""
        """the slot of the chord loop that is recorded from the first key on"""
        self._clock: Tempo | None = None
        """another machine's beat, while it leads"""

    @property
    def bpm(self) -> float:
        return self._tempo.bpm if self.performance is None else self.performance.clock.pulse.nominal

    @property
    def grid(self) -> BarGrid:
        """The bars of the performance, or of the last one if a file gives the bars."""
        return self._grid if self.performance is None else self.performance.grid

    def heard(self, at: float, message: Midi) -> None:
        """Take a key; pedals and wheels need no answer."""
        if message.starts_note:
            self._press(at, message)
        elif message.ends_note and self.performance is not None:
            self.performance.release(at, message.data1)

    def retune(self, bpm: float, now: float, beat_at: float | None = None) -> None:
        self._tempo = self._tempo.changed(bpm, now)
        if self.performance is not None:
            self.performance.retune(bpm, now, beat_at)

    def lead(self, line: Tempo | None, now: float) -> None:
        """Follow another machine's clock; one that did not lead before starts the band."""
        begins = self._clock is None and line is not None
        self._clock = line
        if begins and not self._fixed:
            self.end(End.NOW, now)
            self._start(now)
        elif line is not None and self.performance is not None:
            self.performance.lead(line, now)

    def change(self, what: Genre | Metre | SongLoaded, now: float) -> None:
        """Change genre, metre or song: at the next bar line while playing, else at once."""
        if isinstance(what, SongLoaded):
            if self.performance is not None:
                self.performance.set_song(what)
        elif isinstance(what, Metre):
            self._change_metre(what, now)
        elif self.performance is not None:
            self.performance.next_genre = what
        else:
            self._services.stage.set_genre(what)

    def carry_out(self, cue: Cue, at: float) -> None:
        running = self.performance
        if cue is Cue.START or (cue is Cue.START_OR_END and (not running or running.ending.ringing)):
            self._start(at)
        elif cue is Cue.START_OR_END and running is not None and running.song.has_end:
            running.carry_out(Cue.ENDING)
        elif cue in (Cue.END, Cue.START_OR_END):
            self.end(End.BAR_LINE, at)
        elif cue is Cue.STOP:  # once more silences the last chord
            self.end(End.NOW if running and running.ending.asked else End.NEXT_BEAT, at)
        elif running is not None:
            running.carry_out(cue)

    @property
    def recording_slot(self) -> str:
        """The slot of the chord loop that is recorded, or will be from the first bar on; empty for none."""
        recording = None if self.performance is None else self.performance.song.recording
        return recording.slot if recording is not None else self._loop_wanted

    def record_loop(self, slot: str) -> None:
        """Record chords for a loop from the next bar line on, or from the first key on; empty: record none."""
        self._loop_wanted = ""
        if self.performance is None or self.performance.ending.ringing:
            self._loop_wanted = slot
        else:
            self.performance.record_loop(slot)

    def recorded_loop(self) -> tuple[Chart, int] | None:
        """The loop that was being recorded and the step on which it begins; its recording is over."""
        return None if self.performance is None else self.performance.song.recorded_loop()

    def begin_song(self, chosen: SongLoaded, first: int) -> None:
        """Play by a chart from the bar line at `first` on, which may be the last one."""
        if self.performance is not None:
            self.performance.set_song(chosen, first)

    def _press(self, at: float, key: Midi) -> None:
        running = self.performance
        if running is None or (running.ending.ringing and not running.ending.asked):
            running = self._begin(at)
        running.press(at, key.data1, key.data2)

    def _start(self, at: float) -> None:
        if self.performance is None or self.performance.ending.ringing:
            led = self._fixed or self._clock is not None
            counted = self._services.settings().count_in_bars or int(self._services.choices().song is not None)
            begun = self._begin(at, 0 if led else counted, by_control=True)
            begun.ask(begun.first, keyed=False)

    def _begin(self, at: float, count_in_bars: int = 0, by_control: bool = False) -> JamPerformance:
        self.end(End.NOW, at)
        self._performances += 1
        count_in = count_in_bars * self._grid.place(0).bar_steps
        tempo = self._clock or Tempo(self._tempo.bpm, at, -count_in / STEPS_PER_BEAT)
        if self._fixed:
            tempo = self._tempo
        begin = JamStart(
            tempo=tempo,
            grid=self._grid,
            first=max(0, floor(tempo.beat_at(at) * STEPS_PER_BEAT + 0.5)),
            number=self._performances,
            count_in=count_in,
            waiting=by_control,
            intro=by_control,
            clocked=self._clock is not None and not self._fixed,
            given=self._fixed,
            rests_end=self._rests_end,
        )
        self.performance = JamPerformance(self._services, begin)
        if self._loop_wanted:
            self.performance.record_loop(self._loop_wanted, begin.first)
            self._loop_wanted = ""
        return self.performance

    def _change_metre(self, metre: Metre, now: float) -> None:
        if self._fixed:
            self._grid = self._grid.changed(round(self._tempo.beat_at(now) * STEPS_PER_BEAT), metre)
        else:
            self._grid = BarGrid.of(metre)
        if self.performance is not None:
            self.performance.set_metre(metre, now)

    def _ended(self, performance: JamPerformance, now: float) -> None:  # noqa: ARG002 - as IdleOr calls it
        if self._fixed:
            self._tempo, self._grid = performance.tempo, performance.grid
        else:
            pulse = performance.clock.pulse
            self._tempo = Tempo(pulse.nominal * pulse.coming / performance.form.pace)
        if performance.next_genre is not None:
            self._services.stage.set_genre(performance.next_genre)
