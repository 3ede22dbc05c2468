"""Chooses a sequence of chords from their scores [nats] on each slot. A chord is an index, see `net.CHORDS`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from composerd.music.harmony.net import CHORDS
from composerd.music.harmony.slots import LINE, Slot

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

FOLLOWS = 0.15
"""weight of the chord transitions of human songs, relative to the net's log probabilities"""
OFF_BASS = 5.0
"""penalty of a chord without the bass note that the player plays [nats]"""
INTERVALS = ((0, 4, 7), (0, 3, 7), (0, 3, 6))
"""triads of the kinds major, minor and diminished [semitones above the root]"""


def _tones() -> npt.NDArray[np.bool_]:
    tones = np.zeros((CHORDS, 12), np.bool_)
    for chord in range(CHORDS):
        tones[chord, [(chord // 3 + interval) % 12 for interval in INTERVALS[chord % 3]]] = True
    return tones


TONES = _tones()
"""(CHORDS, 12): the triads."""


def with_bass(worth: Floats, bass: Indices) -> Floats:
    """Log probabilities (slots, CHORDS), lowered for chords without the bass note; `bass` (slots,), -1 for none."""
    given = np.flatnonzero(bass >= 0)
    if not len(given):
        return worth
    weighed = worth.copy()
    weighed[given] -= np.where(TONES[:, bass[given]].T, 0.0, OFF_BASS).astype(np.float32)
    return weighed


def chosen(worth: Floats, slots: Sequence[Slot], staying: tuple[float, float, float]) -> Indices:
    """Chords (slots,) chosen one by one, as in jam. `staying`: bonus of the chord before, by level [nats]."""
    found = np.zeros(len(worth), np.int64)
    for index, row in enumerate(worth):
        best = int(row.argmax())
        if index and row[found[index - 1]] + staying[slots[index].level] >= row[best]:
            best = int(found[index - 1])
        found[index] = best
    return found


def foretold(worth: Floats, slots: Sequence[Slot], follow: npt.NDArray[np.float64], before: int | None) -> Indices:
    """The best sequence (slots,) after the chord `before` (Viterbi); None: after none."""
    if not len(worth):
        return np.zeros(0, np.int64)
    if before is None:
        return best(worth, slots, follow)
    entered = worth.astype(np.float64)
    entered[0] += FOLLOWS * _followers(follow)[slots[0].level, before]
    return best(entered, slots, follow)


def best(worth: npt.NDArray[np.floating], slots: Sequence[Slot], follow: npt.NDArray[np.float64]) -> Indices:
    """The sequence (slots,) with the greatest total score (Viterbi 1967)."""
    moves = FOLLOWS * _followers(follow)
    value = worth[0].astype(np.float64)
    back: list[Indices] = []
    for row, slot in zip(worth[1:], slots[1:], strict=True):
        reached = value[:, None] + moves[slot.level]
        back.append(reached.argmax(0))
        value = reached.max(0) + row
    found = [int(value.argmax())]
    for pointers in reversed(back):
        found.append(int(pointers[found[-1]]))
    return np.array(found[::-1], np.int64)


_FOLLOWERS: dict[int, tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]] = {}
"""cache of `_followers` by `id` of a net's table; the table is kept, too, so that its id is not reused"""
_MOST_TABLES = 8


def _followers(follow: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """`HarmonyNet.follow` by chord indices: (levels, CHORDS, CHORDS)."""
    known = _FOLLOWERS.get(id(follow))
    if known is None:
        if len(_FOLLOWERS) >= _MOST_TABLES:
            _FOLLOWERS.clear()
        one = np.arange(CHORDS)
        above = (one[None] // 3 - one[:, None] // 3) % 12
        known = _FOLLOWERS[id(follow)] = follow, follow[:, one[:, None] % 3, one[None] % 3, above]
    return known[1]


def entries(chords: Indices, slots: Sequence[Slot]) -> list[tuple[int, int]]:
    """Spans [low, high) of slots, one an entry of the plan; each change of chord and each bar line begins one."""
    begins = [
        index
        for index in range(len(chords))
        if index == 0 or slots[index].level == LINE or chords[index] != chords[index - 1]
    ]
    return list(pairwise([*begins, len(chords)]))
