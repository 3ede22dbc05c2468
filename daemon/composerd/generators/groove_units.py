"""The units that the groove net plans: bars, or groups of short bars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from composerd.music.metre import BarGrid

LEAST_UNIT = 12
"""Shorter bars are grouped until they are as long [steps]."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The bar, or group of short bars, that the groove net plans as one."""

    start: int
    steps: int
    number: int
    """index from the start of the performance"""
    since: int
    """the step from which on bars have this length"""


def unit_at(grid: BarGrid, step: int) -> Unit:
    """The unit that holds `step`."""
    since, bar, metre = max((change for change in grid.changes if change[0] <= step), default=grid.changes[0])
    steps = metre.bar_steps * -(-LEAST_UNIT // metre.bar_steps)
    if metre.bar_steps == 8:  # nets read bars of 2/4 in pairs
        steps = 16
    count = (step - since) // steps
    return Unit(since + count * steps, steps, bar + count, since)


def units(grid: BarGrid, first: int, until: int) -> Iterator[tuple[Unit, int, int]]:
    """Yield the units that overlap steps [first, until), each with the first and end step of the overlap."""
    step = first
    while step < until:
        unit = unit_at(grid, step)
        line = min([unit.start + unit.steps, until, *(at for at, _, _ in grid.changes if at > step)])
        yield unit, step, line
        step = line
