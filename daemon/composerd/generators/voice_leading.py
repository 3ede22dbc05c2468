"""Finds the notes with which a voice would move in parallel fifths or octaves with another one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from composerd.music.roll import PITCHES

PERFECT = (0, 7)
"""intervals that two voices do not keep while both move in one direction [semitones, modulo 12]"""
VOICE = "voice"
"""role of a part that sings one voice of a choir"""
_PITCH = np.arange(PITCHES)


def parallels(before: int, others: Iterable[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """(128,) the pitches that make parallel fifths, octaves or unisons after the pitch `before`.

    `others` are the pitches of the other voices, before and now; -1 where a voice rests.
    """
    found = np.zeros(PITCHES, np.bool_)
    for other, moved in others:
        interval = abs(before - other) % 12
        if min(before, other, moved) < 0 or moved == other or interval not in PERFECT:
            continue
        along = before < _PITCH if moved > other else before > _PITCH
        found |= along & (np.abs(_PITCH - moved) % 12 == interval)
    return found
