"""Writes a chord plan as a chart, bar by bar."""

from __future__ import annotations

from composerd.music.charts.chart import Bar, Chart, ChartSection, bar_of
from composerd.music.charts.symbols import symbol_of
from composerd.music.chords import ChordPlan
from composerd.music.metre import BarGrid


def chart_of(plan: ChordPlan, grid: BarGrid, end: int) -> Chart | None:
    """The bars from the first chord's to that of step `end` - 1; None if there are none.

    Of chords that begin between two beats the beat before has them.
    """
    if not plan.chords:
        return None
    bars: list[Bar] = []
    line = grid.bar_line(plan.chords[0].step)
    while line < end:
        metre = grid.place(line).metre
        beat = max(1, metre.bar_steps // metre.numerator)
        last = [plan.at(line + offset + beat - 1) for offset in range(0, beat * metre.numerator, beat)]
        bars.append(bar_of([None if found is None else symbol_of(found.chord) for found in last], metre))
        line += metre.bar_steps
    return Chart((ChartSection("", tuple(bars)),), key=plan.key, minor=plan.minor) if bars else None
