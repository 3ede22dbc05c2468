"""Inputs of a plan: the slots in view, the encoded notes on them, and the key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from composerd.music.harmony import encoding
from composerd.music.harmony.encoding import Below, BelowRoll, Heard
from composerd.music.harmony.key import Key
from composerd.music.harmony.slots import Slot, slots_between
from composerd.music.harmony.tonic import key_of, relative_major
from composerd.music.metre import BarGrid
from composerd.music.roll import REST, MelodyRoll

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Consecutive slots, and arrays that depend on them alone."""

    slots: tuple[Slot, ...]
    starts: Ints
    ends: Ints
    place: encoding.Floats
    """(slots, PLACE)"""

    @property
    def end(self) -> int:
        return self.slots[-1].end


@lru_cache(maxsize=8)
def view_of(grid: BarGrid, first: int, until: int) -> View:
    """The slots that begin in [bar line at or before `first`, `until`)."""
    slots = slots_between(grid, first, until)
    starts, lengths = np.array([slot.start for slot in slots]), np.array([slot.length for slot in slots])
    return View(slots, starts, starts + lengths, encoding.places(slots))


@dataclass(frozen=True, slots=True, eq=False)
class Tune:
    """A view with the notes in it, encoded above C."""

    view: View
    melody: MelodyRoll
    """the melody over the view's steps"""
    rows: Heard
    begun: int
    """slots whose first step is known"""
    tonic: int
    """of the relative major of the estimated key, or of the one that was set"""
    key: Key
    bass: Ints
    """(slots,) pitch class of a single low note on each slot's first step, -1 for none"""
    last: int
    """the last slot in which the melody sounds"""


def tune_of(view: View, melody: MelodyRoll, below: BelowRoll | None, said: Key | None) -> Tune:
    """Encode what is known: every step of `melody` before its end, nothing after it."""
    first = view.slots[0].start
    heard = melody.window(first, view.end)
    lower = (
        None if below is None else BelowRoll(first, below.window(first, max(first, melody.end))).window(first, view.end)
    )
    begun = int(np.searchsorted(view.starts, melody.end))
    over = int(np.searchsorted(view.ends, melody.end, "right"))
    rows = encoding.heard(heard.pitch, heard.onset, view.slots, 0, lower)
    counts = np.add.reduce(rows.counts, 0)
    if lower is not None:
        counts = counts + lower.tones.sum(0)
    nearest = _first_tone(heard.pitch)
    key = said or Key(*key_of(counts, nearest))
    tonic = (key.tonic + 3 * key.minor) % 12 if said is not None else relative_major(counts, nearest)
    rows.whole[over:], rows.first[begun:], rows.counts[over:] = 0.0, 0.0, 0
    sounding = np.flatnonzero(np.logical_or.reduce(rows.counts, 1))
    last = int(sounding[-1]) if len(sounding) else 0
    return Tune(view, heard, rows, begun, tonic, key, _single_bass(lower, view, begun), last)


def _first_tone(pitch: npt.NDArray[np.int16]) -> int:
    sounding = pitch != REST
    return int(pitch[sounding.argmax()]) % 12 if sounding.any() else 0


def _single_bass(below: Below | None, view: View, begun: int) -> Ints:
    bass = np.full(len(view.slots), -1, np.int64)
    if below is not None:
        at = view.starts[:begun] - view.slots[0].start
        alone = (below.tones[at].sum(1) == 1) & (below.bass[at] >= 0)
        bass[:begun] = np.where(alone, below.bass[at], -1)
    return bass
