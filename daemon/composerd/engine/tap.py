"""Tap tempo: two taps suffice, more are averaged, a slip is ignored."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean, median

from composerd.music.tempo import MAX_BPM, MIN_BPM

TAPS = 8
"""the latest that count"""
BOUNCE = 0.12
"""seconds: a second tap this soon is the contact's"""
ANEW = 3
"""intervals in a row that are alike and differ from the rest: another tempo is meant"""
STRAY = 0.2
"""share of the usual interval by which one may differ and still count"""


class TapTempo:
    def __init__(self) -> None:
        self._taps: list[float] = []

    def tap(self, at: float) -> float | None:
        """The tempo in beats a minute after a tap at second `at`, or None while there is none."""
        if self._taps and at - self._taps[-1] > 2 * 60 / MIN_BPM:
            self._taps.clear()
        if not self._taps or at - self._taps[-1] >= BOUNCE:
            self._taps = [*self._taps, at][-TAPS:]
        interval = self._interval()
        return None if interval is None else min(MAX_BPM, max(MIN_BPM, 60 / interval))

    def _interval(self) -> float | None:
        intervals = [later - earlier for earlier, later in pairwise(self._taps)]
        if not intervals:
            return None
        latest = intervals[-ANEW:]
        if not _alike(latest[-1], median(intervals)) and all(_alike(one, latest[-1]) for one in latest):
            self._taps = self._taps[-ANEW - 1 :]
            return fmean(latest)
        usual = median(intervals)
        return fmean([one for one in intervals if _alike(one, usual)] or intervals)


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= STRAY * other
