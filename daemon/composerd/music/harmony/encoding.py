"""Encodes a melody and the chords below it as inputs of the harmonist's net, a row a slot, relative to a tonic.

Each slot has a `whole` row (for a slot that is over) and a `first` row (of its first step alone). Rows of unknown slots
are zeros. Both the daemon and the training use this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from composerd.music.harmony.slots import Slot

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

STYLES = ("folk", "hymn", "jazz", "pop", "rock")
WHOLE_TUNE, WHOLE, FIRST_TUNE, FIRST = 39, 66, 14, 40
"""columns of a row: of the melody alone, and with the notes below it and the flag that the row is known"""
HISTORY, PLACE, ENDING = 24, 41, 4
FORMS = (8, 12)
"""bars of the forms that a place is counted in"""
PAST_WIDTH = WHOLE + FIRST + HISTORY + PLACE + len(STYLES)
FUTURE_WIDTH = WHOLE + FIRST + PLACE + len(STYLES) + ENDING
PAST_STYLE = slice(PAST_WIDTH - len(STYLES), PAST_WIDTH)
FUTURE_STYLE = slice(FUTURE_WIDTH - ENDING - len(STYLES), FUTURE_WIDTH - ENDING)
"""columns of the style's flags"""
FADING = 0.93
"""weight of a slot's notes in the recent history, per slot that has passed since"""


@dataclass(frozen=True, slots=True, eq=False)
class Below:
    """Notes below the melody: `tones` (steps, 12) flags of pitch classes, `bass` (steps,) pitch class or -1 for none.

    Two or more tones are a chord; a bass alone is a bass.
    """

    tones: npt.NDArray[np.bool_]
    bass: npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class BelowRoll:
    """`Below` from step `first` on."""

    first: int
    sounding: Below

    def since(self, step: int) -> BelowRoll:
        """The steps from `step` on, which becomes step 0."""
        sounding = self.window(step, max(step, self.first + len(self.sounding.bass)))
        return BelowRoll(0, sounding)

    def window(self, first: int, end: int) -> Below:
        """Steps [first, end); those outside this roll are silent."""
        tones, bass = np.zeros((end - first, 12), np.bool_), np.full(end - first, -1, np.int16)
        low, high = max(first, self.first), min(end, self.first + len(self.sounding.bass))
        if low < high:
            here, there = slice(low - first, high - first), slice(low - self.first, high - self.first)
            tones[here], bass[here] = self.sounding.tones[there], self.sounding.bass[there]
        return Below(tones, bass)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Rows of slots: `whole` (slots, WHOLE), `first` (slots, FIRST) and `counts` (slots, 12) of sounding steps."""

    whole: Floats
    first: Floats
    counts: Ints


def heard(
    pitch: npt.NDArray[np.int16],
    onset: npt.NDArray[np.bool_],
    slots: Sequence[Slot],
    tonic: int,
    below: Below | None = None,
) -> Heard:
    """Rows for `slots`, which lie one after the other from index 0 of `pitch` (steps,) on, all of them in it."""
    starts = np.array([slot.start for slot in slots]) - slots[0].start
    lengths = np.array([slot.length for slot in slots])
    whole, first = np.zeros((len(slots), WHOLE), np.float32), np.zeros((len(slots), FIRST), np.float32)
    sounds = pitch >= 0
    relative = (pitch.astype(np.int64) - tonic) % 12
    tones = np.zeros((len(pitch), 12))
    tones[np.flatnonzero(sounds), relative[sounds]] = 1.0
    counts = np.add.reduceat(tones, starts, 0)
    whole[:, :12] = counts / lengths[:, None]
    struck = np.add.reduceat(tones * onset[:, None], starts, 0)
    whole[:, 12:24] = 2.0 * struck / lengths[:, None]
    last = _last_sounding(sounds, starts)
    rows = np.flatnonzero(last >= 0)
    whole[rows, 24 + relative[last[rows]]] = 1.0
    whole[:, 36] = 1.0 - counts.sum(1) / lengths
    whole[:, 37] = np.add.reduceat(onset.astype(np.float64), starts) / 4.0
    moves = np.diff(pitch[last[rows]].astype(np.int64), prepend=int(pitch[last[rows[0]]]) if len(rows) else 0)
    whole[rows, 38] = np.clip(moves, -12, 12) / 12.0
    first[:, :12] = tones[starts]
    first[:, 12] = sounds[starts] & onset[starts]
    first[:, 13] = ~sounds[starts]
    if below is not None:
        _write_below(whole, first, below, starts, lengths, tonic)
    whole[:, WHOLE - 1] = first[:, FIRST - 1] = 1.0
    return Heard(whole, first, counts.astype(np.int64))


def _last_sounding(sounds: npt.NDArray[np.bool_], starts: Ints) -> Ints:
    """(slots,): index of the last step of each slot that sounds, -1 where none does."""
    index = np.where(sounds, np.arange(len(sounds)), -1)
    last = np.maximum.reduceat(index, starts)
    return np.where(last >= starts, last, -1)


def _write_below(whole: Floats, first: Floats, below: Below, starts: Ints, lengths: Ints, tonic: int) -> None:
    flags = np.roll(below.tones, -tonic, 1)
    bass = np.zeros(flags.shape)
    at = np.flatnonzero(below.bass >= 0)
    bass[at, (below.bass[at].astype(np.int64) - tonic) % 12] = 1.0
    chord = (flags.sum(1) >= 2).astype(np.float64)
    for target, column, values in (
        (whole, WHOLE_TUNE, np.add.reduceat(flags.astype(np.float64), starts, 0) / lengths[:, None]),
        (whole, WHOLE_TUNE + 12, np.add.reduceat(bass, starts, 0) / lengths[:, None]),
        (whole, WHOLE_TUNE + 24, np.add.reduceat(chord, starts)[:, None] / lengths[:, None]),
        (whole, WHOLE_TUNE + 25, np.add.reduceat(bass.sum(1), starts)[:, None] / lengths[:, None]),
        (first, FIRST_TUNE, flags[starts]),
        (first, FIRST_TUNE + 12, bass[starts]),
        (first, FIRST_TUNE + 24, chord[starts][:, None]),
    ):
        target[:, column : column + values.shape[1]] = values


@lru_cache(maxsize=8)
def _faded(count: int) -> npt.NDArray[np.float64]:
    """(count, count): weight of each slot (column) in the recent history of each later slot (row)."""
    gone = np.arange(count)[:, None] - 1 - np.arange(count)[None]
    return np.where(gone >= 0, FADING ** np.maximum(gone, 0), 0.0)


def history(counts: Ints) -> Floats:
    """(slots, HISTORY): shares of the pitch classes in all slots before each, and in the recent ones."""
    total = np.cumsum(counts, 0) - counts
    found = np.empty((len(counts), HISTORY), np.float32)
    # the sums are of whole numbers, or in the order of time: equal for a tune in any key, to the last bit
    found[:, :12] = total / np.maximum(total.sum(1, keepdims=True), 1)
    faded, sums = _faded(len(counts)), counts.sum(1, keepdims=True)
    found[:, 12:] = (faded @ counts) / np.maximum(faded @ sums, 1e-6)
    return found


def places(slots: Sequence[Slot], origin: int = 0) -> Floats:
    """(slots, PLACE): each slot's place in its bar, and its bar's in groups of 2, 4, 8 and 12 from bar `origin` on."""
    table = np.array([(slot.length, slot.index, slot.count, slot.level, slot.bar) for slot in slots], np.int64)
    rows, at = np.zeros((len(slots), PLACE), np.float32), np.arange(len(slots))
    length, index, count, level, bar = table.T
    rows[at, np.minimum(index, 7)] = 1.0
    rows[at, 7 + np.minimum(count, 5)] = 1.0
    rows[at, 13 + level] = 1.0
    bar = bar - origin
    rows[:, 16], rows[:, 17], rows[:, 18] = bar % 2, bar % 4 / 3, bar % 8 / 7
    rows[:, 19] = np.clip(bar, 0, 4) / 4
    rows[:, 20] = length / 4
    column = 21
    for bars in FORMS:
        rows[at, column + bar % bars] = 1.0
        column += bars
    return rows


def style_row(style: str | None) -> Floats:
    """(STYLES,) one-hot; zeros for an unknown style."""
    return np.array([float(style == name) for name in STYLES], np.float32)


def endings(count: int, last: int | None) -> Floats:
    """(slots, ENDING): distance to the slot `last`, on which the melody ends; zeros for None, not known."""
    rows = np.zeros((count, ENDING), np.float32)
    if last is not None:
        ahead = last - np.arange(count)
        rows[:, 0] = np.clip(ahead / 64, -1, 4)
        rows[:, 1], rows[:, 2], rows[:, 3] = ahead == 0, np.abs(ahead) < 4, 1.0
    return rows


def _turning() -> npt.NDArray[np.int64]:
    """(12, PAST_WIDTH): for each tonic, the order of a past row's columns above it."""
    whole = [0, 12, 24, WHOLE_TUNE, WHOLE_TUNE + 12]
    first = [WHOLE, WHOLE + FIRST_TUNE, WHOLE + FIRST_TUNE + 12]
    before = [WHOLE + FIRST, WHOLE + FIRST + 12]
    columns = np.tile(np.arange(PAST_WIDTH), (12, 1))
    for tonic in range(12):
        for start in (*whole, *first, *before):
            columns[tonic, start : start + 12] = start + (np.arange(12) + tonic) % 12
    return columns


_TURNING = _turning()


def turned(rows: Floats, tonics: Sequence[int]) -> Floats:
    """Past rows (slots, PAST_WIDTH) above C, turned to each of the `tonics`: (tonics, slots, PAST_WIDTH)."""
    return np.ascontiguousarray(rows[:, _TURNING[list(tonics)]].transpose(1, 0, 2))


def turned_future(rows: Floats, tonics: Sequence[int]) -> Floats:
    """The same for future rows (slots, FUTURE_WIDTH)."""
    columns = _TURNING[list(tonics)][:, : WHOLE + FIRST]
    tune = rows[:, columns].transpose(1, 0, 2)
    rest = np.broadcast_to(rows[:, WHOLE + FIRST :], (len(tune), len(rows), FUTURE_WIDTH - WHOLE - FIRST))
    return np.concatenate([tune, rest], 2)


def past_rows(whole: Floats, first: Floats, before: Floats, place: Floats, style: Floats) -> Floats:
    """Input (slots, PAST_WIDTH) of the past's tower: the whole slot before, and this slot's first step."""
    earlier = np.concatenate([np.zeros((1, WHOLE), np.float32), whole[:-1]])
    return np.concatenate([earlier, first, before, place, np.tile(style, (len(whole), 1))], 1)


def future_rows(whole: Floats, first: Floats, place: Floats, style: Floats, ending: Floats) -> Floats:
    """Input (slots, FUTURE_WIDTH) of the future's tower."""
    return np.concatenate([whole, first, place, np.tile(style, (len(whole), 1)), ending], 1)
