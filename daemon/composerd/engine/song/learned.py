"""Recognises a learned song in the melody, follows it, and drops it when the melody departs from it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from composerd.engine.song.form import tonic
from composerd.engine.song.form_place import SongPosition
from composerd.music.charts.chart import Chart
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.metre import BarGrid, Metre
from composerd.music.recall import AHEAD_BARS
from composerd.music.roll import MelodyRoll
from composerd.music.songbook import Recognised, Songbook

LAID_BARS = 8
"""number of bars whose chords are laid out, from the current one on"""


@dataclass(frozen=True, slots=True)
class _SongPlace:
    """A bar of a song."""

    step: int
    section: int
    bar: int
    """from 0 in the section"""


class LearnedSongs:
    """Recognises songs in one performance; a recognised song holds until a bar's melody disagrees."""

    def __init__(self, book: Songbook) -> None:
        self._book = book
        self.found: Recognised | None = None
        self._chorus = 1
        self._known: _Known | None = None
        """the chart of the song recognised last"""

    def follow(self, melody: MelodyRoll, bar_steps: int, keyed: bool, searched: bool = True) -> None:
        """`melody` up to now; `keyed`: its last step is that of a key just struck. A song is looked for on beats only,
        and not at all unless `searched`."""
        if not searched:
            self.found = None
            return
        if self.found is not None:
            turned = self._book.turned(self.found, melody.end)
            self._chorus += turned != self.found
            self.found = turned
            if not self._book.stays(melody, self.found, bar_steps):
                self.found = None
        if self.found is None and not keyed:
            self.found, self._chorus = self._book.find(melody), 1
        if self.found is not None and (self._known is None or self._known.song != self.found.song):
            self._known = _Known(self._book.charts[self.found.song], self.found.song)

    def melody(self, first: int, bar_steps: int) -> MelodyRoll | None:
        """The song's melody from step `first` on; None if no song is recognised."""
        if self.found is None:
            return None
        return self._book.melody(self.found, first, first + AHEAD_BARS * bar_steps)

    def plan(self, step: int, bar_steps: int) -> ChordPlan | None:
        """The song's chords from the bar that holds `step` on."""
        if self.found is None or self._known is None:
            return None
        return self._known.plan(self.found, step - bar_steps, step + LAID_BARS * bar_steps)

    def sections(self, step: int, bar_steps: int) -> tuple[int, ...]:
        """The steps near `step` on which sections begin."""
        if self.found is None or self._known is None:
            return ()
        return self._known.sections(self.found, step - LAID_BARS * bar_steps, step + LAID_BARS * bar_steps)

    def grid(self, grid: BarGrid, step: int) -> BarGrid:
        """`grid` with the song's bars from the first bar line after `step` on, and a shorter bar before them where its
        bar lines lie elsewhere."""
        if self.found is None or self._known is None or self.found.pace != 1:
            return grid
        metre, line = self._known.chart.metre, grid.next_bar_line(step)
        rest = -self._known.into_bar(self.found, line) % metre.bar_steps
        if grid.place(line).metre == metre and not rest:
            return grid
        if rest:
            grid = grid.changed(line, Metre(rest // 4, 4) if rest % 4 == 0 else Metre(rest, 16))
        return grid.changed(line + rest, metre)

    def position(self, step: int) -> SongPosition | None:
        if self.found is None or self._known is None:
            return None
        return self._known.position(self.found, step, self._chorus)


class _Known:
    """A song's chart, prepared for look-ups at every beat."""

    def __init__(self, chart: Chart, song: int) -> None:
        self.chart, self.song, self._length = chart, song, chart.steps
        self._changes = [(step, symbol.chord() if symbol else None) for step, symbol in chart.changes()]
        bars = [(index, bar) for index, section in enumerate(chart.sections) for bar in range(len(section.bars))]
        lines = [step for step, _ in chart.bar_lines()]
        self._bars = [_SongPlace(step, *where) for step, where in zip(lines, bars, strict=True)]
        self._lines = lines
        self._key, self._minor = tonic(chart)

    def plan(self, found: Recognised, first: int, until: int) -> ChordPlan:
        """The chords over the player's steps [first, until); after the song's end it begins again."""
        chords = []
        for start, end, chord in self._spans(found, first, until):
            if chord is not None:
                chords.append(PlannedChord(start, end - start, chord.transposed(found.semitones), found.certainty))
        return ChordPlan(tuple(chords), (self._key + found.semitones) % 12, self._minor)

    def sections(self, found: Recognised, first: int, until: int) -> tuple[int, ...]:
        """The player's steps in [first, until) on which sections begin."""
        starts = [place.step for place in self._bars if place.bar == 0]
        return tuple(step for step, _ in self._steps_of(found, starts, first, until) if step >= first)

    def into_bar(self, found: Recognised, step: int) -> int:
        """Number of steps of the song's bar that are over at the player's step."""
        at = found.in_song(step) % self._length
        return at - self._lines[bisect_right(self._lines, at) - 1]

    def position(self, found: Recognised, step: int, chorus: int) -> SongPosition:
        beyond, at = divmod(found.in_song(step), self._length)
        place = self._bars[bisect_right(self._lines, at) - 1]
        section = self.chart.sections[place.section]
        name = self.chart.title or "a learned song"
        return SongPosition(name, section.name, place.bar + 1, len(section.bars), max(1, chorus + beyond), ())

    def _spans(self, found: Recognised, first: int, until: int) -> list[tuple[int, int, Chord | None]]:
        """(first step, step after, chord) of each change that rules a step in [first, until)."""
        starts = self._steps_of(found, [step for step, _ in self._changes], first, until)
        chords = [chord for _, chord in self._changes]
        ends = [step for step, _ in starts[1:]] + [until]
        return [(step, end, chords[index]) for (step, index), end in zip(starts, ends, strict=True) if step < end]

    def _steps_of(self, found: Recognised, at: list[int], first: int, until: int) -> list[tuple[int, int]]:
        """(index, player's step) of the song's steps `at` that lie in [first, until), and of the one before."""
        low, high = found.in_song(first), found.in_song(until - 1)
        steps = []
        for chorus in range(low // self._length - 1, high // self._length + 1):
            begin = max(0, bisect_right(at, low - chorus * self._length) - 1)
            end = bisect_right(at, high - chorus * self._length)
            steps += [(self._player(found, at[i] + chorus * self._length), i) for i in range(begin, end)]
        before = max((i for i, (step, _) in enumerate(steps) if step <= first), default=0)
        return steps[before:]

    def _player(self, found: Recognised, step: int) -> int:
        """The player's first step at or after the song's."""
        return -int((found.offset - step) / found.pace // 1)
