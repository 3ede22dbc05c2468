"""Converts corpora to notes: the sounding notes of each part on every step, packed in bits, with its bars and plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from composerd.contract.groove import UNKNOWN
from composerd.contract.layout import DRUMS, MONO, Track
from composerd.contract.voicing import NoteTape
from composerd.contract.voicing_layout import MANNER, VoicingLayout, manner_of
from composerd.errors import ConfigError
from composerd.music.harmony.labelling import NO_CHORD
from composerd.music.roll import ONSET, PITCHES
from composerd_export.data.bars import BarSet, bars_of_all, reference_pieces
from composerd_export.data.rolls import Rolls, load
from composerd_export.datasets import Dataset

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint8]
FEWEST = 8
"""Number of chords or notes in a piece from which on they are a manner."""
FAR = 16
"""Limit of a chord's age, and of the distance to the next chord [steps]."""


@dataclass(frozen=True, slots=True, eq=False)
class NoteSet:
    """The notes of a split. Parts are the pitched ones, in order."""

    layout: VoicingLayout
    tracks: tuple[tuple[Track, ...], ...]
    """per genre, since the ranges of like parts differ"""
    bars: BarSet
    tape: NoteTape
    packed: Bits
    """(parts, steps, 16): the notes that begin, packed in bits"""
    begins: Flags
    """(parts, steps): whether one begins"""
    voices: npt.NDArray[np.uint8]
    """(parts, steps): how many sound"""
    manner: Ints
    """(bars, parts, MANNER) of the whole piece, UNKNOWN for a part that it lacks"""

    def struck(self, part: int, at: Ints) -> Bits:
        """(N, 128) flags of the notes that begin at steps (N,)."""
        return np.unpackbits(self.packed[part, at], axis=-1)


def read_notes(datasets: Sequence[Dataset], data: Path, split: str, limit: int | None = None) -> NoteSet:
    """One set of all datasets, whose tracks must be alike in number and kind.

    Raises ConfigError where a file is missing or there is no note to learn from.
    """
    names = tuple(dataset.name for dataset in datasets)
    read = [load(one, data, split, limit) for one in datasets]
    bars = bars_of_all(datasets, read, split)
    some = [_packed(rolls, dataset) for rolls, dataset in zip(read, datasets, strict=True)]
    sounding, struck = (np.concatenate([one[i] for one in some], 1) for i in range(2))
    begins, voices = (np.concatenate([one[i] for one in some], 1) for i in (2, 3))
    if not begins.any():
        raise ConfigError(f"{', '.join(names)}: found no note of a pitched part in the {split} split")
    chord = np.concatenate([rolls.sheet for rolls in read]).astype(np.int64)
    pieces = np.cumsum([0, *(len(rolls.meta) for rolls in read)])
    piece = np.concatenate([rolls.piece + first for rolls, first in zip(read, pieces[:-1], strict=True)])
    begun, following, follows = chord_times(chord, piece)
    tape = NoteTape(
        sounding, tuple(np.flatnonzero(rows) for rows in begins), chord,
        np.concatenate([rolls.sheet_bass for rolls in read]).astype(np.int64), begun, following, follows,
        np.concatenate([rolls.melody for rolls in read]), np.concatenate([rolls.melody_onset for rolls in read]),
        np.concatenate([rolls.phase for rolls in read]),
    )  # fmt: skip
    layout = VoicingLayout(datasets[0].tracks, names)
    tracks = tuple(one.tracks for one in datasets)
    manner = _manners(layout, tracks, bars, piece, struck, begins)
    return NoteSet(layout, tracks, bars, tape, struck, begins, voices, manner)


def _manners(
    layout: VoicingLayout, tracks: tuple[tuple[Track, ...], ...], bars: BarSet, piece: Ints, struck: Bits,
    begins: Flags,
) -> Ints:  # fmt: skip
    """(bars, parts, MANNER): each part's manner in the whole piece."""
    pieces, genre = int(piece.max()) + 1, np.zeros(int(piece.max()) + 1, np.int64)
    genre[piece[bars.start]] = bars.genre
    found = np.full((pieces, len(layout.pitched), len(MANNER)), UNKNOWN)
    offset = len(layout.tracks) - len(layout.pitched)
    for part, rows in enumerate(begins):
        at = np.flatnonzero(rows)
        bounds = np.searchsorted(piece[at], np.arange(pieces + 1))
        for one in np.flatnonzero(np.diff(bounds) >= FEWEST).tolist():
            packed = struck[part, at[bounds[one] : bounds[one + 1]]]
            notes = np.unpackbits(packed, axis=-1)
            repeats = (packed[1:] == packed[:-1]).all(1).mean()
            pitch = (notes.sum(0) * np.arange(PITCHES)).sum() / notes.sum()
            track = tracks[genre[one]][offset + part]
            found[one, part] = manner_of(track, notes.sum() / len(notes), float(pitch), float(repeats))
    return found[piece[bars.start]]


def manners(notes: NoteSet) -> list[list[list[list[int]]]]:
    """Per genre and piece of `reference_pieces`: the manners of all parts.

    The pieces are those of `bars.textures`, in the same order. Chords have the highest register but one at most, since
    the player's melody is above them.
    """
    lines = np.array([track.kind == MONO for track in notes.layout.pitched])
    highest = np.where(lines, MANNER[1] - 1, MANNER[1] - 2)
    found = notes.manner.copy()
    found[:, :, 1] = np.minimum(found[:, :, 1], highest)
    return [found[rows].tolist() for rows in reference_pieces(notes.bars)]


def _packed(rolls: Rolls, dataset: Dataset) -> tuple[Bits, Bits, Flags, npt.NDArray[np.uint8]]:
    """Notes that sound and notes that begin, packed; whether one begins; how many sound."""
    sounding, struck = list[Bits](), list[Bits]()
    begins, voices = list[Flags](), list[npt.NDArray[np.uint8]]()
    for track, cells in zip(dataset.tracks, rolls.cells, strict=True):
        if track.kind == DRUMS:
            continue
        for found, flags in ((sounding, cells > 0), (struck, cells == ONSET)):
            wide = np.zeros((len(cells), PITCHES), np.bool_)
            wide[:, track.low : track.high + 1] = flags
            found.append(np.packbits(wide, axis=-1))
        begins.append((cells == ONSET).any(1) & (rolls.sheet != NO_CHORD))
        voices.append((cells > 0).sum(1).astype(np.uint8))
    return np.stack(sounding), np.stack(struck), np.stack(begins), np.stack(voices)


def chord_times(chord: Ints, piece: Ints) -> tuple[Ints, Ints, Ints]:
    """Per step: steps since the chord began, the next chord of the piece (NO_CHORD: none near), steps until it."""
    steps = np.arange(len(chord))
    starts = np.flatnonzero(np.r_[True, (chord[1:] != chord[:-1]) | (piece[1:] != piece[:-1])])
    place = np.searchsorted(starts, steps, "right") - 1
    after = np.append(starts, len(chord))[place + 1]
    safe = np.minimum(after, len(chord) - 1)
    near = (after < len(chord)) & (piece[safe] == piece) & (after - steps <= FAR)
    return (
        np.minimum(steps - starts[place], FAR), np.where(near, chord[safe], NO_CHORD), np.minimum(after - steps, FAR),
    )  # fmt: skip
