"""Records the played chords bar by bar, to loop them as a chart."""

from __future__ import annotations

from dataclasses import replace

from composerd.music.charts.chart import Bar, Chart, ChartSection
from composerd.music.charts.of_plan import bar_of_plan, without_gaps
from composerd.music.chords import ChordPlan
from composerd.music.metre import STEPS_PER_BEAT, BarGrid

LONGEST_LOOP = 64
"""longest loop [bars], at which recording ends by itself"""
EARLY_STEPS = STEPS_PER_BEAT
"""a loop requested within this time after a bar line begins on that line, not on the next [steps]"""


class LoopRecording:
    """The recorded bars from step `first` on. On a beat without a known chord the one before continues."""

    def __init__(self, slot: str, first: int) -> None:
        self.slot, self.first = slot, first
        self._bars: list[Bar | None] = []

    @property
    def bars(self) -> int:
        """Number of complete bars."""
        return len(self._bars)

    def bar_ended(self, plan: ChordPlan, grid: BarGrid, line: int) -> None:
        """Record the bar that begins at step `line`, with the chords of `plan`."""
        if line >= self.first and self.bars < LONGEST_LOOP:
            self._bars.append(bar_of_plan(plan, grid, line, grid.next_bar_line(line)))

    def loop(self, plan: ChordPlan, grid: BarGrid, step: int, bpm: float) -> tuple[Chart, int] | None:
        """The recorded chart up to `step`, and the step at which it repeats; None if no chord was played.

        The bar that contains `step` is included unless it has only just begun.
        """
        line = grid.bar_line(step)
        bars, first = list(self._bars), line
        if line >= self.first and (step - line >= EARLY_STEPS or not bars):
            bars.append(bar_of_plan(plan, grid, line, step + 1))
            first = grid.next_bar_line(step)
        found = without_gaps(bars)
        if not found:
            return None
        chart = Chart((ChartSection("", tuple(found)),), title=loop_title(self.slot), bpm=round(bpm, 1))
        return replace(chart, key=plan.key, minor=plan.minor), first


def recording_place(recording: LoopRecording, step: int) -> str:
    """The text about the recording for the status line."""
    if step < recording.first:
        return "recording from the next bar on"
    return f"recording, bar {recording.bars + 1}"


def loop_title(slot: str) -> str:
    return f"Loop {slot}"


def loop_name(slot: str) -> str:
    """The name of a slot's loop in the list of songs."""
    return f"loop-{slot}"


def loop_slot(chart: Chart) -> str:
    """The slot that a recorded loop is for."""
    return chart.title.removeprefix("Loop ")
