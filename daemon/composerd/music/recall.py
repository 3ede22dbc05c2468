"""Recognises a passage that was played before in the same performance, from the melody alone.

The last bars are compared with all earlier bars at the same place of the bar, at the same pitch; what followed the best
match stands in for the melody to come. A match is exact in pitch and tolerant of rhythm (a step early or late) and of
ornaments (a share of the steps may differ); the note just struck must be equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.music.metre import BarGrid
from composerd.music.roll import REST, MelodyRoll, Steps

LENGTHS = ((4, 0.75), (2, 0.85), (1, 0.95))
"""bars that are compared, the longest first, and the share of their sounding steps that must agree"""
LAST_BAR = 0.7
"""share of the last bar that must agree in a longer match"""
LEAST_SOUNDING, LEAST_PITCHES = 0.4, 3
"""least share of sounding steps, and number of different pitches, of bars that can be recognised"""
AHEAD_BARS = 4
"""longest continuation that is predicted [bars]"""
CLEARLY = 0.02
"""difference of the share within which two matches are equally good; the most recent one is taken"""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A match with the passage `distance` steps ago, `bars` long; `certainty`: share of agreeing steps."""

    distance: int
    bars: int
    certainty: float

    def ahead(self, melody: MelodyRoll, bar_steps: int) -> MelodyRoll:
        """The expected continuation of the melody: the notes that followed the earlier passage."""
        length = min(AHEAD_BARS * bar_steps, self.distance)
        first = melody.end - self.distance
        there = melody.window(first, first + length)
        return MelodyRoll(melody.end, there.pitch, there.onset)


def recall(melody: MelodyRoll, bar_steps: int) -> Recalled | None:
    """The best match of the end of `melody`, all of it known; None if it is new or has too few notes."""
    pitch = melody.pitch
    for bars, least in LENGTHS:
        found = _match(pitch, bars * bar_steps, bar_steps, least) if len(pitch) > bars * bar_steps else None
        if found is not None:
            return Recalled(found[0], bars, found[1])
    return None


def extended(melody: MelodyRoll, ahead: MelodyRoll) -> MelodyRoll:
    """`melody` and, from its end on, `ahead`."""
    pitch, onset = np.concatenate([melody.pitch, ahead.pitch]), np.concatenate([melody.onset, ahead.onset])
    return MelodyRoll(melody.first, pitch, onset)


def to_bar_line(ahead: MelodyRoll, grid: BarGrid) -> MelodyRoll:
    """`ahead` up to its last bar line; all of it if it reaches none."""
    line = grid.bar_line(ahead.end)
    return ahead.window(ahead.first, line) if line > ahead.first else ahead


def _match(pitch: Steps, length: int, bar_steps: int, least: float) -> tuple[int, float] | None:
    """Distance and share of the best earlier place that agrees with the last `length` steps."""
    now = pitch[-length:]
    sounding = now >= 0
    if sounding.mean() < LEAST_SOUNDING or len(np.unique(now[sounding])) < LEAST_PITCHES:
        return None
    starts = np.arange(len(pitch) - length - bar_steps, -1, -bar_steps)
    struck = pitch[starts + length - 1] == pitch[-1]
    starts = starts[struck]
    if not len(starts):
        return None
    rows = starts[:, None] + np.arange(length)
    there = pitch[rows]
    agrees = _agreeing(pitch, rows, there, now)
    counts = sounding | (there >= 0)
    share = (agrees & counts).sum(1) / np.maximum(1, counts.sum(1))
    last = (agrees & counts)[:, -bar_steps:].sum(1) / np.maximum(1, counts[:, -bar_steps:].sum(1))
    fits = (share >= least) & (last >= LAST_BAR)
    if not fits.any():
        return None
    share = np.where(fits, share, 0.0)
    best = int(np.flatnonzero(share >= share.max() - CLEARLY)[0])  # the most recent of equals
    return int(len(pitch) - length - starts[best]), float(share[best])


def _agreeing(pitch: Steps, rows: npt.NDArray[np.int64], there: Steps, now: Steps) -> npt.NDArray[np.bool_]:
    """Whether each step has the same pitch there, or a step beside it."""
    before = np.where(rows > 0, pitch[np.maximum(rows - 1, 0)], REST)
    after = pitch[np.minimum(rows + 1, len(pitch) - 1)]
    found: npt.NDArray[np.bool_] = (there == now) | ((now >= 0) & ((before == now) | (after == now)))
    return found
