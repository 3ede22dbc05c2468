"""Tap tempo: two taps suffice, more are averaged, an outlier is ignored."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from statistics import fmean, median

from composerd.music.tempo import MAX_BPM, MIN_BPM

TAPS = 8
"""number of latest taps that are averaged"""
BOUNCE = 0.12
"""a second tap within this time is contact bounce [s]"""
ANEW = 3
"""number of equal intervals in a row, different from the rest, that set another tempo"""
STRAY = 0.2
"""greatest relative deviation from the current interval that still counts"""
PAUSE = 3.5
"""pause after which taps begin anew [current intervals]"""


class TapTempo:
    """Estimates a tempo from taps."""

    def __init__(self) -> None:
        self._taps: list[float] = []
        self.on_beat = False
        """whether the last tap was a beat, not a slip"""

    def tap(self, at: float) -> float | None:
        """The tempo [beats a minute] after a tap at second `at`, or None while there is none."""
        usual, since = self._interval(), at - self._taps[-1] if self._taps else 0.0
        if since > min(2 * 60 / MIN_BPM, PAUSE * usual if usual is not None else inf):
            self._taps.clear()
        self.on_beat = not self._taps or since >= BOUNCE
        if self.on_beat:
            self._taps = [*self._taps, at][-TAPS:]
        interval = self._interval()
        if self.on_beat and interval is not None:
            self.on_beat = _alike(since / max(1, round(since / interval)), interval)
        return None if interval is None else min(MAX_BPM, max(MIN_BPM, 60 / interval))

    def _interval(self) -> float | None:
        intervals = [later - earlier for earlier, later in pairwise(self._taps)]
        if not intervals:
            return None
        latest = intervals[-ANEW:]
        if not _alike(latest[-1], median(intervals)) and all(_alike(one, latest[-1]) for one in latest):
            self._taps = self._taps[-ANEW - 1 :]
            return fmean(latest)
        return next(fmean(found) for usual in (median(intervals), intervals[0]) if (found := _like(usual, intervals)))


def _like(usual: float, intervals: list[float]) -> list[float]:
    return [one for one in intervals if _alike(one, usual)]


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= STRAY * other
