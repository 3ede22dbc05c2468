"""The form of a song while it is played: lays out intro, choruses and ending bar by bar, ahead of the music."""

from __future__ import annotations

import re
from dataclasses import replace

from composerd.engine.requests import Directions
from composerd.engine.song.form_place import FormPlace, LaidBar, SongPosition
from composerd.music.charts.chart import Chart, ChartSection
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.metre import BarGrid

AHEAD_BARS = 8
"""number of bars laid out beyond the current one"""
TAG_BARS = INTRO_BARS = 4
"""length of the tag [bars]: the end of the chorus, played again before the final chord or as a lead-in"""
INTRO, BODY, TAG, ENDING = "intro", "body", "tag", "ending"
_INTROS, _ENDINGS = re.compile(r"intro", re.I), re.compile(r"ending|outro|tag\b", re.I)
_FULLER = re.compile(r"chorus|bridge|refrain|hook", re.I)


class SongForm:
    """The bars of a song laid out from step `first` on. A player's request replaces those after the next bar line."""

    def __init__(
        self, chart: Chart, first: int, intro: bool = True, tag: bool = True, choruses: int | None = None
    ) -> None:
        """`intro`: play the chart's intro, or its last bars, before the first chorus. `tag`: play a tag before the
        final chord if the chart has no ending. `choruses`: end after so many."""
        self.chart, self._choruses, self._tag = chart, choruses, tag
        names = [section.name for section in chart.sections]
        self._intro = _leading(names, _INTROS)
        self._ending = _trailing(names, _ENDINGS, len(self._intro))
        self._body = tuple(i for i in range(len(names)) if i not in self._intro + self._ending) or tuple(
            range(len(names))
        )
        self._laid: list[LaidBar] = []
        self._first = first
        self._next: FormPlace | None = self._opening(intro)
        self._stays = self._ends = False
        self.end_step: int | None = None
        """the bar line on which the final chord falls, once it is laid out"""
        self._extend(first)

    # -- requests of the player

    def next_section(self, step: int) -> None:
        """Go to the next section at the bar line after `step`."""
        here = self.bar_at(step).place
        self._stays = False
        self._replace_after(step, self._after_section(here))

    def from_top(self, step: int) -> None:
        """Go back to the first section at the bar line after `step`."""
        self._stays = self._ends = False
        self._replace_after(step, FormPlace(BODY, self._body[0], 0))

    def stay(self, step: int) -> None:
        """Repeat this section until further notice; a second call continues."""
        self._stays = not self._stays
        self._replace_after(step, self._following(self.bar_at(step).place))

    def ask_ending(self, step: int) -> None:
        """Play the ending after this chorus."""
        self._ends, self._stays = True, False
        self._replace_after(step, self._following(self.bar_at(step).place))

    @property
    def is_ending(self) -> bool:
        return self._ends

    # -- what is played

    def reach(self, step: int) -> None:
        """Lay out bars beyond the current `step`, and drop old ones."""
        self._extend(step)
        while len(self._laid) > 1 and self._laid[1].end <= step - 64:
            self._laid.pop(0)

    def bar_at(self, step: int) -> LaidBar:
        """The bar that contains `step`, or the nearest one laid out."""
        return next((laid for laid in reversed(self._laid) if laid.step <= step), self._laid[0])

    def plan(self) -> ChordPlan:
        """The chords of the bars laid out, one entry for each chord and bar; none in a bar without chords."""
        chords = []
        for laid in self._laid:
            changes = laid.bar.changes
            beats = [change.beat for change in changes[1:]] + [laid.bar.beats]
            for change, until in zip(changes, beats, strict=True):
                if change.chord is not None:
                    step = laid.step + change.beat * laid.bar.beat_steps
                    end = laid.step + until * laid.bar.beat_steps if until < laid.bar.beats else laid.end
                    chords.append(PlannedChord(step, end - step, change.chord.chord()))
        key, minor = tonic(self.chart)
        plan = ChordPlan(tuple(chords), key, minor)
        if self.end_step is None:
            return plan
        last = self._laid[-1].bar.metre.bar_steps
        plan = replace(plan, chords=tuple(c for c in plan.chords if c.step < self.end_step))
        return plan.with_chord(PlannedChord(self.end_step, last, Chord(key, "m" if minor else "")))

    def breaks(self, step: int) -> list[tuple[int, int]]:
        """The spans [first, until) without chords in bars from `step` on, in which the band is silent."""
        found = []
        for laid in self._laid:
            if laid.step < step:
                continue
            ends = [change.beat for change in laid.bar.changes[1:]] + [laid.bar.beats]
            for change, until in zip(laid.bar.changes, ends, strict=True):
                if change.chord is None:
                    first = laid.step + change.beat * laid.bar.beat_steps
                    found.append((first, laid.step + until * laid.bar.metre.bar_steps // laid.bar.beats))
        return found

    def fill_before(self, until: int) -> int | None:
        """The last end of a section at or before `until` [step], or None."""
        ends = [laid.end for laid in self._laid if laid.ends_section and laid.end <= until]
        return ends[-1] if ends else None

    def section_start(self, step: int) -> int:
        """The first step of the section that contains `step`, as far as bars are kept."""
        here = self.bar_at(step)
        return here.step - sum(
            bar.metre.bar_steps for bar in self.chart.sections[here.place.section].bars[: here.place.bar]
        )

    def is_fuller(self, step: int) -> bool:
        """Whether the section is usually played fuller: a chorus, a bridge, the last pass."""
        place = self.bar_at(step).place
        name = self.chart.sections[place.section].name
        return bool(_FULLER.search(name)) or (self._ends and place.part == BODY) or name == "B"

    def directed(self, given: Directions, step: int) -> Directions:
        """`given` directions with those of the song at `step`: the beginnings of sections, and a fuller variation."""
        starts = sorted(
            {laid.step for laid in self._laid if laid.place.bar == 0}
            | {laid.end for laid in self._laid if laid.ends_section}
        )
        variation = "B" if given.variation == "A" and self.is_fuller(step) else given.variation
        return replace(given, sections=tuple(starts), variation=variation)

    def grid(self, grid: BarGrid) -> BarGrid:
        """The grid with the metres of the bars laid out."""
        for laid in self._laid:
            place = grid.place(laid.step)
            if place.metre != laid.bar.metre and place.step == 0:
                grid = grid.changed(laid.step, laid.bar.metre)
        return grid

    def position(self, step: int, chords: int = 4, moved: int = 0) -> SongPosition:
        """The position in the song for the status line and the page; its chords `moved` semitones higher."""
        here = self.bar_at(step)
        section = self.chart.sections[here.place.section]
        ahead: list[str] = []
        for planned in self.plan().transposed(moved).chords:
            if planned.step > step and (not ahead or ahead[-1] != str(planned.chord)):
                ahead.append(str(planned.chord))
        name = section.name if here.place.part != TAG else "tag"
        bars = len(section.bars)
        return SongPosition(
            self.chart.title, name, here.place.bar + 1, bars, here.place.chorus, tuple(ahead[:chords]), self._stays
        )

    # -- laying out

    def _opening(self, intro: bool) -> FormPlace:
        if intro and self._intro:
            return FormPlace(INTRO, self._intro[0], 0)
        last = self._body[-1]
        bars = len(self.chart.sections[last].bars)
        if intro and sum(len(self.chart.sections[index].bars) for index in self._body) >= 2 * INTRO_BARS and bars >= 2:
            return FormPlace(INTRO, last, max(0, bars - INTRO_BARS))
        return FormPlace(BODY, self._body[0], 0)

    def _replace_after(self, step: int, following: FormPlace | None) -> None:
        """Replace the bars after the one that contains `step` by `following`."""
        here = self.bar_at(step)
        self._laid = [laid for laid in self._laid if laid.step <= here.step]
        self._next, self.end_step = following, None
        self._extend(step)

    def _extend(self, step: int) -> None:
        while self._next is not None and len([1 for laid in self._laid if laid.step > step]) < AHEAD_BARS:
            place = self._next
            section = self.chart.sections[place.section]
            start = self._laid[-1].end if self._laid else self._first
            last = place.bar == len(section.bars) - 1
            self._laid.append(LaidBar(start, section.bars[place.bar], place, last))
            self._next = self._following(place)
        if self._next is None and self.end_step is None and self._laid:
            self.end_step = self._end()

    def _end(self) -> int:
        """The step of the final chord: on the tonic held by the last bars, else after them."""
        key, _ = tonic(self.chart)
        end = self._laid[-1].end
        for laid in reversed(self._laid):
            changes = laid.bar.changes
            held = changes[0].chord is not None and changes[0].chord.root == key and len(changes) == 1
            if not held or laid.place.part not in (TAG, ENDING, BODY):
                break
            end = laid.step
        return end if end > self._laid[0].step else self._laid[-1].end

    def _following(self, place: FormPlace) -> FormPlace | None:
        section: ChartSection = self.chart.sections[place.section]
        if place.bar + 1 < len(section.bars):
            return replace(place, bar=place.bar + 1)
        if self._stays and place.part == BODY:
            return replace(place, bar=0)
        return self._after_section(place)

    def _after_section(self, place: FormPlace) -> FormPlace | None:
        order = {INTRO: self._intro, BODY: self._body, ENDING: self._ending, TAG: ()}[place.part]
        at = order.index(place.section) if place.section in order else len(order)
        if at + 1 < len(order):
            return FormPlace(place.part, order[at + 1], 0, place.chorus)
        if place.part == INTRO:
            return FormPlace(BODY, self._body[0], 0)
        if place.part != BODY:
            return None
        if self._ends or place.chorus == self._choruses:
            self._ends = True
            return self._closing(place)
        return FormPlace(BODY, self._body[0], 0, place.chorus + 1)

    def _closing(self, place: FormPlace) -> FormPlace | None:
        if self._ending:
            return FormPlace(ENDING, self._ending[0], 0, place.chorus)
        bars = len(self.chart.sections[self._body[-1]].bars)
        if not self._tag or bars < 2 * TAG_BARS:
            return None
        return FormPlace(TAG, self._body[-1], bars - TAG_BARS, place.chorus)


def tonic(chart: Chart) -> tuple[int, bool]:
    """(tonic, is minor) of the chart's key, or of its first chord if it states none."""
    if chart.key is not None:
        return chart.key, chart.minor
    first = next((symbol for _, symbol in chart.changes() if symbol is not None), None)
    return (first.root, first.chord().is_minor) if first is not None else (0, False)


def _leading(names: list[str], wanted: re.Pattern[str]) -> tuple[int, ...]:
    count = next((i for i, name in enumerate(names) if not wanted.match(name)), len(names))
    return tuple(range(count)) if count < len(names) else ()


def _trailing(names: list[str], wanted: re.Pattern[str], least: int) -> tuple[int, ...]:
    first = len(names)
    while first > least and wanted.match(names[first - 1]):
        first -= 1
    return tuple(range(first, len(names))) if first > least else ()
