"""Records the played chords bar by bar, to loop them as a chart."""

from __future__ import annotations

from dataclasses import replace

from composerd.music.charts.chart import Bar, Chart, ChartSection, bar_of
from composerd.music.charts.of_plan import chart_of
from composerd.music.charts.symbols import ChordSymbol
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
            self._bars.append(_bar(plan, grid, line, grid.next_bar_line(line)))

    def loop(self, plan: ChordPlan, grid: BarGrid, step: int, bpm: float) -> tuple[Chart, int] | None:
        """The recorded chart up to `step`, and the step at which it repeats; None if no chord was played.

        The bar that contains `step` is included unless it has only just begun.
        """
        line = grid.bar_line(step)
        bars, first = list(self._bars), line
        if line >= self.first and (step - line >= EARLY_STEPS or not bars):
            bars.append(_bar(plan, grid, line, step + 1))
            first = grid.next_bar_line(step)
        found = _held(bars)
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


def _bar(plan: ChordPlan, grid: BarGrid, line: int, end: int) -> Bar | None:
    """The bar of steps [line, end) with its chords; None without any."""
    heard = chart_of(plan.between(line, end), grid, end)
    if heard is None:
        return None
    bar, metre = heard.bars[0], grid.place(line).metre
    beat = max(1, metre.bar_steps // metre.numerator)
    slots: list[ChordSymbol | None] = []
    for index in range(metre.numerator):
        chord = bar.at(index) if line + index * beat < end else None
        slots.append(chord or (slots[-1] if slots else None))
    return bar_of(slots, metre)


def _held(bars: list[Bar | None]) -> list[Bar]:
    """Fill bars without a chord with the one before, the first bars with the first chord; empty if there is none."""
    known = [bar for bar in bars if bar is not None]
    chords = [change.chord for bar in known for change in bar.changes if change.chord is not None]
    if not chords:
        return []
    held, found = chords[0], []
    for bar in bars:
        slots = []
        metre = bar.metre if bar is not None else known[0].metre
        for beat in range(metre.numerator):
            held = (bar.at(beat) if bar is not None else None) or held
            slots.append(held)
        found.append(bar_of(slots, metre))
    return found
