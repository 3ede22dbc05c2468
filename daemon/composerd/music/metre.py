"""Metre and the bar grid, in steps of a 16th note counted from bar 1, beat 1 of the performance."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

STEPS_PER_BEAT = 4
"""Steps (16ths) per beat; a beat is always a quarter note."""


@dataclass(frozen=True, slots=True)
class Metre:
    """A time signature. ValueError where a bar is not a whole number of 16ths."""

    numerator: int = 4
    denominator: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.numerator <= 64 or self.denominator not in (1, 2, 4, 8, 16, 32):
            raise ValueError(f"time signature {self} is not one")
        if self.numerator * 16 % self.denominator:
            raise ValueError(f"time signature {self}: a bar is not a whole number of 16ths")

    @property
    def bar_steps(self) -> int:
        return self.numerator * 16 // self.denominator

    @property
    def pulse_steps(self) -> int:
        """Length of the pulse [steps]: a dotted quarter in 6/8, 9/8 and 12/8, else the denominator's note value."""
        compound = self.denominator == 8 and self.numerator % 3 == 0 and self.numerator > 3
        return 6 if compound else max(1, 16 // self.denominator)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


def parse_metre(text: str) -> Metre:
    """Parse a time signature such as `3/4`. Raises ValueError."""
    over, _, under = text.partition("/")
    try:
        return Metre(int(over), int(under))
    except ValueError:
        raise ValueError("expected a time signature such as 4/4, whose bars are whole 16ths") from None


class BarPlace(NamedTuple):
    """Where a step lies: `bar` from 0, `step` within the bar from 0."""

    bar: int
    step: int
    metre: Metre

    @property
    def bar_steps(self) -> int:
        return self.metre.bar_steps


@dataclass(frozen=True, slots=True)
class BarGrid:
    """Bars of a performance: metre changes as (step, bar, metre), the first at step 0, each on a bar line."""

    changes: tuple[tuple[int, int, Metre], ...] = ((0, 0, Metre()),)

    @classmethod
    def of(cls, metre: Metre) -> BarGrid:
        return cls(((0, 0, metre),))

    def place(self, step: int) -> BarPlace:
        first, bar, metre = self._change_at(step)
        bars, within = divmod(step - first, metre.bar_steps)
        return BarPlace(bar + bars, within, metre)

    def bar_line(self, step: int) -> int:
        """The step at which the bar holding `step` starts."""
        first, _, metre = self._change_at(step)
        return step - (step - first) % metre.bar_steps

    def next_bar_line(self, step: int) -> int:
        """The first bar line after `step` (never `step` itself)."""
        first, _, metre = self._change_at(step)
        return step - (step - first) % metre.bar_steps + metre.bar_steps

    def _change_at(self, step: int) -> tuple[int, int, Metre]:
        if len(self.changes) == 1:
            return self.changes[0]
        return self.changes[max(0, bisect_right(self.changes, step, key=lambda change: change[0]) - 1)]

    def starting(self, step: int) -> BarGrid:
        """The bars from the bar line at `step` on, as a grid that starts there."""
        kept = [(at - step, metre) for at, _, metre in self.changes if at > step]
        grid = BarGrid.of(self.place(step).metre)
        for at, metre in kept:
            grid = grid.changed(at, metre)
        return grid

    def changed(self, step: int, metre: Metre) -> BarGrid:
        """The grid with `metre` from the first bar line at or after `step` on."""
        at = step if self.place(step).step == 0 else self.next_bar_line(step)
        kept = tuple(change for change in self.changes if change[0] < at)
        if not kept:
            return BarGrid(((at, 0, metre),)) if at > 0 else BarGrid.of(metre)
        return BarGrid((*kept, (at, BarGrid(kept).place(at).bar, metre)))
