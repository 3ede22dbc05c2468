"""Notes as onsets and rolls on the 16th grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from composerd.music.roll import PITCHES
from composerd_export.evaluation.judge.windows import BAR, KEY, OFF, ON, Notes

Bars = npt.NDArray[np.bool_]
"""(bars - 1, 16) flags, from bar 2 on"""
Rolls = npt.NDArray[np.bool_]
"""(steps, 128) flags"""
Features = dict[str, float]
NAN = float("nan")


def onsets(notes: Notes, steps: int) -> Bars:
    """(bars - 1, 16): on which steps from bar 2 on a note begins."""
    begins = np.zeros(steps, np.bool_)
    at = np.rint(notes[:, ON]).astype(np.int64)
    begins[at[(at >= 0) & (at < steps)]] = True
    return begins[BAR:].reshape(-1, BAR)


def roll(notes: Notes, steps: int) -> Rolls:
    """(steps, 128): what sounds on each step; a note lasts a step at least."""
    first = np.rint(notes[:, ON]).astype(np.int64)
    end = np.maximum(first + 1, np.rint(notes[:, OFF]).astype(np.int64))
    sounds = np.zeros((steps, PITCHES), np.bool_)
    for start, stop, pitch in zip(first.tolist(), end.tolist(), notes[:, KEY].astype(int).tolist(), strict=True):
        if start < steps and stop > 0:
            sounds[max(0, start) : stop, pitch] = True
    return sounds


def mean(values: npt.NDArray[Any], empty: float = NAN) -> float:
    """The mean, or `empty` of no values."""
    return float(np.mean(values)) if len(values) else empty
