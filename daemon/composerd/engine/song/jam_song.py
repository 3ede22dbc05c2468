"""The song of a jam: by a chart, learned and recognised, heard in what repeats, or recorded as a chord loop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from composerd.engine.mode import Cue
from composerd.engine.requests import Composed
from composerd.engine.song.form import SongForm
from composerd.engine.song.learned import LearnedSongs
from composerd.engine.song.loaded import SongLoaded
from composerd.engine.song.loop import LoopRecording
from composerd.music.charts.chart import Chart
from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.harmony.chart_guard import on_chart
from composerd.music.heard_form import HeardForm
from composerd.music.songbook import NO_SONGS

if TYPE_CHECKING:
    from composerd.engine.jam.performance import JamPerformance
    from composerd.engine.services import ModeServices

BALLAD_BPM = 90.0
"""quarter notes a minute up to which the last bar slows down, where nothing else leads the clock"""
BALLAD_BROADENING = 0.15
"""the relative slowing of the last bar of a ballad"""
ENDING_BARS = 2
"""number of bars before the end from which on requests contain it"""

SONG_CUES = (Cue.NEXT_SECTION, Cue.STAY, Cue.ENDING, Cue.TOP)
"""cues about the form of a song"""


def form_of(chart: Chart | None, genre: Genre, first: int, intro: bool, choruses: int | None) -> SongForm | None:
    """The chart's form from step `first` on; genres that end on a fermata add no tag."""
    if chart is None:
        return None
    return SongForm(chart, first, intro=intro, tag=not genre.broadening, choruses=choruses)


class JamSong:
    """Connects a performance with the form that it plays: metre, breaks and ending at each bar line, given chords."""

    def __init__(self, run: JamPerformance, services: ModeServices, first: int, intro: bool) -> None:
        """The chart that is chosen is played from step `first` on, `intro` first if it has one."""
        choices, settings = services.choices(), services.settings()
        self._run = run
        self.form = form_of(choices.song, services.stage.genre, first, intro, choices.choruses)
        """of the chart that is played; None without a chart"""
        self.learned = LearnedSongs(choices.book if settings.memory == "book" else NO_SONGS)
        """the learned song that is recognised and played"""
        self.heard = HeardForm()
        """the form in which the melody repeats itself"""
        self.recording: LoopRecording | None = None
        """the chord loop that is being recorded"""

    # -- what is played

    @property
    def given_plan(self) -> ChordPlan | None:
        """The given chords: those that the player plays, or the chart's with the left hand's laid over them."""
        run = self._run
        if self.form is None:
            known = self.learned.plan(run.open_step, run.grid.place(run.open_step).bar_steps)
            played = run.keys.chords(run.grid)
            return played if known is None else known.led_by(played)
        return self.form.plan().led_by(run.keys.left_hand_plan)

    def is_again(self, step: int) -> bool:
        """Whether the section at `step` is played a second time, or more often."""
        if self.form is not None:
            return self.form.bar_at(step).place.chorus > 1
        place = self.heard.place(step)
        return place is not None and place.time > 1

    def fitted(self, answer: Composed, genre: Genre) -> Composed:
        """`answer` with notes that clash with a known song's chords moved."""
        if self.form is None and self.learned.found is None:
            return answer
        return replace(answer, sections=tuple(on_chart(section, genre, answer.plan) for section in answer.sections))

    # -- bar lines and the end

    def bar_ended(self, step: int) -> None:
        """Process the end of the bar whose last step is `step`."""
        run, line = self._run, self._run.grid.bar_line(step)
        if self.recording is not None:
            self.recording.bar_ended(run.heard_plan, run.grid, line)
        if self.form is None:
            self._hear_bar(line, step + 1)
        else:
            self._reach(self.form, step + 1)
        if run.clock.free:
            run.grid = self.learned.grid(run.grid, step + 1)

    def end_near(self, step: int) -> int | None:
        """The step of the final chord, once it is near enough to be prepared."""
        run = self._run
        if self.form is None or self.form.end_step is None or run.ending.step is not None:
            return None
        end = self.form.end_step
        return end if end - step <= ENDING_BARS * run.grid.place(step).bar_steps else None

    @property
    def has_end(self) -> bool:
        """Whether a chart is played whose ending was not asked for yet."""
        return self.form is not None and not self.form.is_ending and self._run.ending.step is None

    def broadening(self, genre: Genre) -> float:
        """The relative slowing of the last bar."""
        slow = self.form is not None and self._run.clock.pulse.nominal <= BALLAD_BPM
        return max(genre.broadening, BALLAD_BROADENING if slow else 0.0)

    def _reach(self, form: SongForm, step: int) -> None:
        """Take over the metre and the breaks of the bars from bar line `step` on."""
        run = self._run
        form.reach(step)
        run.grid = form.grid(run.grid)
        bar_end = run.grid.next_bar_line(step)
        breaks = [stretch for stretch in form.breaks(step) if stretch[0] < bar_end]
        if breaks:
            run.form.rest(*breaks[0])

    def _hear_bar(self, line: int, end: int) -> None:
        """Tell the heard form the melody and chords of the bar from step `line` to `end`."""
        plan = self._run.heard_plan
        halves = (plan.at(line), plan.at((line + end) // 2))
        chords = [(planned.chord.root, planned.chord.is_minor) for planned in halves if planned is not None]
        tune = self._run.keys.recorder.roll(end, end - line).window(line, end)
        self.heard.bar_ended(line, tune.pitch, chords, plan.key)

    # -- requests of the player

    def carry_out(self, cue: Cue) -> None:
        """Carry out one of SONG_CUES from the next bar line on."""
        run, form = self._run, self.form
        if form is None:
            return
        step = max(run.open_step, run.first)
        if cue is Cue.NEXT_SECTION:
            form.next_section(step)
        elif cue is Cue.STAY:
            form.stay(step)
        elif cue is Cue.TOP:
            form.from_top(step)
        else:
            form.ask_ending(step)
        run.grid = form.grid(run.grid)

    def choose(self, chosen: SongLoaded, first: int) -> None:
        """Play by a chart from step `first` on, or by none."""
        self.form = form_of(chosen.chart, self._run.genre, first, False, chosen.choruses)

    def record_loop(self, slot: str, first: int) -> None:
        """Record chords for a loop from step `first` on; an empty slot: record none."""
        self.recording = LoopRecording(slot, first) if slot else None

    def recorded_loop(self) -> tuple[Chart, int] | None:
        """The loop that was being recorded and the step on which it begins; None where no chord was played yet."""
        recording, self.recording = self.recording, None
        if recording is None:
            return None
        run = self._run
        return recording.loop(run.heard_plan, run.grid, run.open_step, run.clock.pulse.nominal)
