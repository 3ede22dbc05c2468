"""Readings: a tune is read in several ways at once, and the reading that is surest counts for most.

Which key a tune is in is often told by its chords alone, and so is whether it is a blues. In each reading the net says
how well chords fit; how sure it is on average, over all that was heard, is the weight of what it says (a mixture of
experts with the same net as each).
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
"""Tonics beside the one that the notes fit best: a fifth above, a fifth below."""
SHARP = 30.0
"""by which a difference in mean log probability is multiplied: 0 weighs all readings alike"""
FEW = 16
"""Of so many slots heard the difference counts half as much as it does of very many."""


class Reading(NamedTuple):
    tonic: int
    """above which the net sees the tune"""
    heard: str | None
    """the style of song that the net is told it hears"""


def readings_of(tonic: int, style: HarmonyStyle, said: bool) -> tuple[Reading, ...]:
    """In a style's ways; where it has only one, above other tonics too, unless the player has `said` the key."""
    if style.also or said:
        return tuple(Reading(tonic, heard) for heard in (style.heard, *style.also))
    return tuple(Reading((tonic + shift) % 12, style.heard) for shift in SHIFTS)


def sureness(logs: Floats) -> Floats:
    """(readings, slots): the log probability of the best chord."""
    found: Floats = np.maximum.reduce(logs, -1)
    return found


def weighed(readings: Sequence[Reading], logs: Floats, sure: Floats) -> Floats:
    """Worth of chords (slots, CHORDS) above the first reading's tonic.

    From what each reading says (readings, slots, CHORDS), and how sure each is over what was heard (readings, slots).
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
