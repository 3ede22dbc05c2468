"""Estimates the tonic that notes are encoded against: that of the best key, or of its relative major.

It is computed in whole numbers, so that transposing a melody always transposes its tonic. Profiles: Krumhansl & Kessler
(1982).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from composerd.music.harmony.labelling import MAJOR_PROFILE, MINOR_PROFILE

Counts = npt.NDArray[np.int64]

_SCALE = 10_000


def _weights() -> Counts:
    """(24, 12): probe-tone profiles of 12 major and 12 minor keys, centred, of length _SCALE, as whole numbers."""
    rows = []
    for profile in (MAJOR_PROFILE, MINOR_PROFILE):
        centred = profile - profile.mean()
        whole = np.round(_SCALE * centred / np.linalg.norm(centred)).astype(np.int64)
        rows += [np.roll(whole, key) for key in range(12)]
    return np.stack(rows)


_WEIGHTS = _weights()
_RELATIVE_MAJOR = np.concatenate([np.arange(12), (np.arange(12) + 3) % 12])


def relative_major(counts: Counts, nearest: int) -> int:
    """The relative major's tonic for pitch-class counts (12,); among equals the one nearest above `nearest`."""
    scores = _WEIGHTS @ counts
    best = np.flatnonzero(scores == scores.max())
    tonics = _RELATIVE_MAJOR[best]
    return int(tonics[((tonics - nearest) % 12).argmin()])


def key_of(counts: Counts, nearest: int) -> tuple[int, bool]:
    """(tonic, whether the key is minor) for pitch-class counts (12,); among equals as in `relative_major`."""
    scores = _WEIGHTS @ counts
    best = np.flatnonzero(scores == scores.max())
    first = int(best[((best - nearest) % 12 + 12 * (best // 12)).argmin()])
    return first % 12, first >= 12
