"""Pieces of music as note events on a grid of 24 ticks a beat, and as rolls of 16ths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from composerd.music.roll import HELD, ONSET, PITCHES, REST, Cells, MelodyRoll

TICKS_PER_BEAT = 24
TICKS_PER_STEP = 6
START, LENGTH, PITCH, VELOCITY, TRACK = range(5)
"""Columns of a piece's notes; START and LENGTH in ticks, drums' PITCH is the General MIDI percussion key."""
BAR_START, NUMERATOR, DENOMINATOR, BAR_LENGTH = range(4)
"""Columns of a piece's bars; BAR_START and BAR_LENGTH in ticks."""
BAND_TRACKS = ("melody", "drums", "bass", "guitar", "keys", "strings", "winds", "other")
LONGEST = 65535

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One piece of music."""

    notes: Ints
    """(notes, 5): START, LENGTH, PITCH, VELOCITY, TRACK, in order of start"""
    bars: Ints
    """(bars, 4): BAR_START, NUMERATOR, DENOMINATOR, BAR_LENGTH"""
    meta: dict[str, Any] = field(default_factory=dict)
    """id, title, source, licence, bpm, ts, key, mode, swing and further fields"""

    @property
    def name(self) -> str:
        return str(self.meta.get("id") or self.meta.get("title") or "unnamed")

    @property
    def work(self) -> str:
        """Name shared by all arrangements of one melody, which are always in one split."""
        return str(self.meta.get("work") or self.name)

    def track(self, index: int) -> Ints:
        """The notes of one track."""
        rows: Ints = self.notes[self.notes[:, TRACK] == index]
        return rows

    def windows(self, bars: int, bar_ticks: int = 4 * TICKS_PER_BEAT, every: int | None = None) -> list[int]:
        """Starts, in ticks, of runs of `bars` bars that are all `bar_ticks` long; `every` bars from one to the next."""
        fits = self.bars[:, BAR_LENGTH] == bar_ticks
        starts, at = [], 0
        while at + bars <= len(fits):
            whole = bool(fits[at : at + bars].all())
            if whole:
                starts.append(int(self.bars[at, BAR_START]))
            at += (every or bars) if whole else 1
        return starts

    def cells(self, tracks: Sequence[int], start: int, steps: int) -> Cells:
        """A band roll (len(tracks), steps, 128) of the 16th grid from tick `start` on."""
        return np.stack([cells_of(self.track(index), start, steps) for index in tracks])

    def melody(self, track: int, start: int, steps: int) -> MelodyRoll:
        """The melody track as one voice, its highest note where several sound, counted from step 0 at tick `start`."""
        return melody_of(cells_of(self.track(track), start, steps))


def cells_of(notes: Ints, start: int, steps: int) -> Cells:
    """Notes as a roll (steps, 128) of SILENT, HELD, ONSET: onsets on the nearest 16th, notes at least one step long."""
    first = (notes[:, START] - start + TICKS_PER_STEP // 2) // TICKS_PER_STEP
    end = (notes[:, START] + notes[:, LENGTH] - start + TICKS_PER_STEP // 2) // TICKS_PER_STEP
    end = np.maximum(first + 1, end)
    low, high = np.clip(first, 0, steps), np.clip(end, 0, steps)
    lengths = np.maximum(high - low, 0)
    offsets = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    cells = np.zeros((steps, PITCHES), np.uint8)
    cells[np.repeat(low, lengths) + offsets, np.repeat(notes[:, PITCH], lengths)] = HELD
    begins = (first >= 0) & (first < steps)
    cells[first[begins], notes[begins, PITCH]] = ONSET
    return cells


def melody_of(cells: Cells) -> MelodyRoll:
    """The highest note of each step of `cells` (steps, 128); a note uncovered by a higher one's end begins anew."""
    sounds = cells.max(axis=1) > 0
    top = PITCHES - 1 - np.argmax(cells[:, ::-1] > 0, axis=1)
    pitch = np.where(sounds, top, REST).astype(np.int16)
    onset = sounds & (cells[np.arange(len(cells)), top] == ONSET)
    onset[1:] |= sounds[1:] & (pitch[1:] != pitch[:-1])
    return MelodyRoll(0, pitch, onset)


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Pieces with the same tracks."""

    tracks: tuple[str, ...]
    pieces: tuple[Piece, ...]

    def __len__(self) -> int:
        return len(self.pieces)

    def __iter__(self) -> Iterator[Piece]:
        return iter(self.pieces)

    @property
    def melody_track(self) -> int:
        """The track the player takes: `melody`, else the first."""
        return self.tracks.index("melody") if "melody" in self.tracks else 0
