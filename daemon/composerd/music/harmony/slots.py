"""Slots: the grid of the harmonist, roughly a beat each; at most one chord begins on each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from composerd.music.metre import BarGrid, Metre

LINE, HALF, BEAT = range(3)
"""levels of a slot's first step: bar line, middle of the bar, another beat"""


@dataclass(frozen=True, slots=True)
class Slot:
    """Steps [start, start + length): a quarter note, a dotted quarter in compound metres, or the rest of an odd bar."""

    start: int
    length: int
    index: int
    """in its bar, from 0"""
    count: int
    """slots of its bar"""
    level: int
    """LINE, HALF or BEAT"""
    bar: int

    @property
    def end(self) -> int:
        return self.start + self.length


@lru_cache(maxsize=256)
def slots_of_bar(bar_steps: int, unit: int) -> tuple[tuple[int, int, int, int, int], ...]:
    """(offset, length, index, count, level) of the slots of a bar; a last slot shorter than two steps joins the one
    before it."""
    starts = list(range(0, bar_steps, unit))
    if len(starts) > 1 and bar_steps - starts[-1] < 2:
        starts.pop()
    ends = [*starts[1:], bar_steps]
    return tuple(
        (start, end - start, index, len(starts), LINE if start == 0 else HALF if 2 * start == bar_steps else BEAT)
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    )


def unit_of(metre: Metre) -> int:
    """Length of a slot in `metre` [steps]."""
    compound = metre.denominator == 8 and metre.numerator % 3 == 0 and metre.bar_steps % 6 == 0
    return 6 if compound else 4


@lru_cache(maxsize=64)
def slots_between(grid: BarGrid, first: int, until: int) -> tuple[Slot, ...]:
    """The slots that begin in [bar line at or before `first`, `until`), in order."""
    found, line = [], grid.bar_line(first)
    while line < until:
        place = grid.place(line)
        for offset, length, index, count, level in slots_of_bar(place.bar_steps, unit_of(place.metre)):
            if line + offset < until:
                found.append(Slot(line + offset, length, index, count, level, place.bar))
        line += place.bar_steps
    return tuple(found)
