"""The played order of a written chart's bars: follows its repeats, endings and jumps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from composerd.music.charts.chart import MOST_BARS, Bar, ChartSection

MOST_TIMES = 16
"""a repeat is played at most so often"""


@dataclass(slots=True)
class WrittenBar:
    """A bar of a written chart."""

    bar: Bar
    section: str | None = None
    """name of the section that begins here (it may be empty); None: none begins"""
    repeat_start: bool = False
    repeat_end: int = 0
    """times that the passage which ends here is played in all; 0: no repeat ends here"""
    endings: frozenset[int] = field(default_factory=frozenset)
    """of the bar's ending bracket: the passes it is for; empty: every pass"""
    segno: bool = False
    coda: bool = False
    to_coda: bool = False
    fine: bool = False
    jump: str = ""
    """`dc` or `ds` after this bar; empty: none"""


def played_order(bars: Sequence[WrittenBar]) -> list[int]:
    """Indices of the bars in the order in which they are played. ValueError for none, or more than MOST_BARS.

    Bars that are all for later passes, none of which comes, are played once.
    """
    if not bars:
        raise ValueError("found no bars, expected at least one")
    return _Walk(_with_closed_brackets(bars)).order() or list(range(len(bars)))


def _with_closed_brackets(bars: Sequence[WrittenBar]) -> list[WrittenBar]:
    """The bars with endings' brackets that end, at the latest, where another repeat begins."""
    found: list[WrittenBar] = []
    beyond = False
    for index, bar in enumerate(bars):
        goes_on = index > 0 and bool(bar.endings) and bar.endings == bars[index - 1].endings
        beyond = goes_on and (beyond or bar.repeat_start)
        found.append(replace(bar, endings=frozenset()) if beyond else bar)
    return found


def sections_of(bars: Sequence[WrittenBar], order: Sequence[int]) -> tuple[ChartSection, ...]:
    """The bars in played order as sections: a repeat from a section's beginning on is that section once more, and so
    is a jump into it."""
    sections: list[tuple[str, list[Bar]]] = []
    for index in order:
        name = _name_at(bars, index)
        begins = index == 0 or bars[index].section is not None
        if not sections or begins or name != sections[-1][0]:
            sections.append((name, []))
        sections[-1][1].append(bars[index].bar)
    return tuple(ChartSection(name, tuple(own)) for name, own in sections)


def _name_at(bars: Sequence[WrittenBar], index: int) -> str:
    names = (bars[before].section for before in range(index, -1, -1))
    return next((name for name in names if name is not None), "")


class _Walk:
    def __init__(self, bars: Sequence[WrittenBar]) -> None:
        self._bars = bars
        self._start, self._times = 0, 1
        """first bar of the open repeat, and the number of its current pass"""
        self._jumped = False

    def order(self) -> list[int]:
        found: list[int] = []
        at: int | None = 0
        steps = 0
        while at is not None and at < len(self._bars):
            steps += 1
            at = self._visit(at, found)
            if len(found) > MOST_BARS or steps > 4 * MOST_BARS:
                raise ValueError(f"found more than {MOST_BARS} bars, its repeats followed")
        return found

    def _visit(self, at: int, found: list[int]) -> int | None:
        bar = self._bars[at]
        if bar.repeat_start and at != self._start:
            self._start, self._times = at, 1
        if bar.endings and self._ending_for_another_pass(bar):
            return self._after_ending(at)
        found.append(at)
        return self._next(at)

    def _ending_for_another_pass(self, bar: WrittenBar) -> bool:
        """After a jump only the last ending is played, as is usual."""
        return (self._last_ending() if self._jumped else self._times) not in bar.endings

    def _next(self, at: int) -> int | None:
        bar = self._bars[at]
        if self._jumped and bar.fine:
            return None
        if self._jumped and bar.to_coda and (coda := self._find("coda", at + 1)) is not None:
            self._start = coda
            return coda
        if bar.repeat_end and self._again(bar):
            self._times += 1
            return self._start
        if bar.jump and not self._jumped:
            self._jumped = True
            self._start = (self._find("segno", 0) if bar.jump == "ds" else 0) or 0
            return self._start
        if bar.repeat_end or self._leaves_endings(at):
            self._start, self._times = at + 1, 1
        return at + 1

    def _again(self, bar: WrittenBar) -> bool:
        """Whether to repeat the passage that ends here; never after a jump, as is usual."""
        times = max(bar.repeat_end, self._last_ending()) if bar.endings else bar.repeat_end
        return self._times < min(times, MOST_TIMES) and not self._jumped

    def _last_ending(self) -> int:
        """The highest number of the endings of the repeat that is open."""
        highest = 0
        for index in range(self._start, len(self._bars)):
            bar = self._bars[index]
            if index > self._start and bar.repeat_start:
                break
            if highest and not bar.endings and self._bars[index - 1].endings:
                break
            highest = max([highest, *bar.endings])
        return highest

    def _leaves_endings(self, at: int) -> bool:
        after = self._bars[at + 1].endings if at + 1 < len(self._bars) else frozenset()
        return bool(self._bars[at].endings) and not after

    def _after_ending(self, at: int) -> int:
        """The first bar after the bracket that begins at `at`."""
        own = self._bars[at].endings
        while at < len(self._bars) and self._bars[at].endings == own:
            at += 1
        if at < len(self._bars) and not self._bars[at].endings:
            self._start, self._times = at, 1
        return at

    def _find(self, flag: str, first: int) -> int | None:
        return next((i for i in range(first, len(self._bars)) if getattr(self._bars[i], flag)), None)
