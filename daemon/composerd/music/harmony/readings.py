"""Mixes the net's ratings of a tune under several readings, each an assumed tonic and style.

The melody alone often leaves key and style (a blues?) open. The net rates chords under each reading; a reading's weight
is the softmax of its mean log probability of the best chord over the slots so far (a mixture of experts, Jacobs et al.
1991, in which one net is every expert).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from composerd.music.harmony.net import CHORDS
from composerd.music.harmony.styles import HarmonyStyle

Floats = npt.NDArray[np.float32]

SHIFTS = (0, 7, 5)
"""tonics relative to the one that the notes fit best: itself, a fifth above, a fifth below [semitones]"""
SHARP = 30.0
"""inverse temperature of the softmax: 0 weights all readings alike"""
FEW = 16
"""number of slots at which differences count half as much as in the limit of many slots"""


class Reading(NamedTuple):
    tonic: int
    """pitch class that the net's input is relative to"""
    heard: str | None
    """style of the song in the net's input; None: unknown"""


def readings_of(tonic: int, style: HarmonyStyle, said: bool) -> tuple[Reading, ...]:
    """The readings of a style; the last is also shifted by SHIFTS, unless the player has `said` the key."""
    *first, last = style.heard, *style.also
    shifts = SHIFTS[:1] if said else SHIFTS
    return (
        *(Reading(tonic, heard) for heard in first),
        *(Reading((tonic + shift) % 12, last) for shift in shifts),
    )


def sureness(logs: Floats) -> Floats:
    """(readings, slots) log probability of the best chord."""
    found: Floats = np.maximum.reduce(logs, -1)
    return found


def weighed(readings: Sequence[Reading], logs: Floats, sure: Floats) -> Floats:
    """Scores of chords (slots, CHORDS) above the first reading's tonic: the weighted mean over readings.

    `logs` (readings, slots, CHORDS) are the log probabilities, `sure` (readings, slots) is `sureness` so far.
    """
    if len(logs) == 1:
        alone: Floats = logs[0]
        return alone
    mean = np.add.reduce(sure, 1) / np.float32(sure.shape[1] + FEW)
    shares = np.exp(SHARP * (mean - mean.max()))
    shares /= shares.sum()
    worth = np.zeros(logs.shape[1:], np.float32)
    for share, reading, rows in zip(shares, readings, logs, strict=True):
        at = 3 * ((reading.tonic - readings[0].tonic) % 12)
        worth[:, at:] += share * rows[:, : CHORDS - at]
        worth[:, :at] += share * rows[:, CHORDS - at :]
    return worth
