"""Writes a chord plan as a chart, bar by bar."""

from __future__ import annotations

from composerd.music.charts.chart import Bar, Chart, ChartSection, bar_of
from composerd.music.charts.symbols import ChordSymbol, symbol_of
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


def bar_of_plan(plan: ChordPlan, grid: BarGrid, line: int, end: int) -> Bar | None:
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


def without_gaps(bars: list[Bar | None]) -> list[Bar]:
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
