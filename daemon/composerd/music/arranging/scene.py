"""The common input of all rule-based parts: chord plan, melody, metre and form of a stretch of music."""

from __future__ import annotations

from dataclasses import dataclass, replace

from composerd.music.arranging.patterns import draw
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.metre import BarGrid
from composerd.music.roll import MelodyRoll

GROUP_BARS, SECTION_BARS = 4, 8
"""bars of a group and of a section"""
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10, 11)
"""Scales above the tonic; the minor one with both of its sevenths."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The input for arranging steps [first, until)."""

    style: str
    grid: BarGrid
    bpm: float
    plan: ChordPlan
    melody: MelodyRoll
    first: int
    until: int
    harmony_from: int
    seed: int
    variation: str = "A"
    creativity: float = 0.3
    fill_until: int | None = None
    ending_at: int | None = None
    sections: tuple[int, ...] = ()
    """steps on which a song's sections begin; empty: sections are counted from bar 1"""
    whole: bool = False
    """the melody is known throughout"""

    def sung(self, step: int) -> int | None:
        """The melody's pitch at a step, None for a rest; the last known pitch if the step is not known yet."""
        at = min(step, self.melody.end - 1) - self.melody.first
        if at < 0:
            return None
        pitch = int(self.melody.pitch[at])
        return pitch if pitch >= 0 else None

    def strikes(self, step: int) -> bool:
        """Whether the melody has an onset at `step`, as far as it is known."""
        at = step - self.melody.first
        return 0 <= at < len(self.melody.onset) and bool(self.melody.onset[at])

    def bar_in_section(self, bar_line: int) -> int:
        """The bar at `bar_line`, counted from 0 where its section begins; without a song from bar 1."""
        bar = self.grid.place(bar_line).bar
        starts = [start for start in self.sections if start <= bar_line]
        return bar - self.grid.place(starts[-1]).bar if starts else bar

    def begins_section(self, bar_line: int) -> bool:
        """Whether a section, not the first one, begins on the bar line."""
        if self.sections:
            return bar_line in self.sections and bar_line > 0
        bar = self.grid.place(bar_line).bar
        return bar > 0 and bar % SECTION_BARS == 0

    def draw(self, *keys: int) -> float:
        return draw(self.seed, *keys)


def ending_plan(plan: ChordPlan, grid: BarGrid, ending_at: int, voices: bool = False) -> ChordPlan:
    """The plan closed: the dominant before `ending_at`, where it starts after what already sounds, and the tonic on it.

    `voices`: a cadence of four parts, the dominant for the last beat only.
    """
    key = plan.key if plan.key is not None else _last_root(plan, ending_at)
    tonic = Chord(key, "m" if plan.minor else "")
    bar = grid.place(ending_at).bar_steps
    length = 4 if voices else max(4, grid.place(ending_at - 1).bar_steps // 2)
    ends = plan.with_chord(PlannedChord(ending_at, bar, tonic))
    before = ending_at - length
    if before >= (plan.chords[0].step if plan.chords else ending_at):
        ends = ends.with_chord(PlannedChord(before, length, Chord((key + 7) % 12, "7")))
    kept = tuple(chord for chord in ends.chords if chord.step <= ending_at)
    return replace(ends, chords=kept)


def _last_root(plan: ChordPlan, step: int) -> int:
    planned = plan.at(step - 1)
    return planned.chord.root if planned else 0
