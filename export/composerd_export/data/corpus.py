"""The corpus format: note events of many pieces in one compressed .npz per genre and split.

Arrays: `don` onset delta to the previous note of the piece in ticks of 1/24 quarter note, `dur` duration in ticks,
`pitch`, `vel`, `track` (index in the tracks' names), cut by `note_ptr` into pieces; `blen` bar lengths in ticks,
`bnum` / `bden` time signatures, cut by `bar_ptr`; `meta` UTF-8 JSON
`{"tracks": [...], "tpb": 24, "pieces": [{"id", "title", "bpm", ...}, ...]}`.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from composerd.errors import ConfigError
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
    """id, title, source, licence, bpm, ts, key, mode, swing and what else is known"""

    @property
    def name(self) -> str:
        return str(self.meta.get("id") or self.meta.get("title") or "unnamed")

    @property
    def work(self) -> str:
        """What all arrangements of one melody share: splits never part them."""
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


def read_corpus(path: Path, as_written: bool = False) -> Corpus:
    """ConfigError where the file is missing or is not a corpus.

    Generated parts whose notes were never ended are repaired (`ended`), unless asked for `as_written`.
    """
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        head = json.loads(bytes(arrays["meta"]).decode())
        pieces = tuple(_piece(arrays, index, meta) for index, meta in enumerate(head["pieces"]))
        corpus = Corpus(tuple(head["tracks"]), pieces)
        return corpus if as_written else _repaired(corpus)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such corpus file") from None
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{path}: not a corpus file ({error})") from None


def _piece(arrays: dict[str, npt.NDArray[Any]], index: int, meta: dict[str, Any]) -> Piece:
    notes = slice(*arrays["note_ptr"][index : index + 2])
    bars = slice(*arrays["bar_ptr"][index : index + 2])
    start = np.cumsum(arrays["don"][notes].astype(np.int64))
    columns = [start, *(arrays[name][notes] for name in ("dur", "pitch", "vel", "track"))]
    length = arrays["blen"][bars].astype(np.int64)
    places = [np.cumsum(length) - length, arrays["bnum"][bars], arrays["bden"][bars], length]
    return Piece(np.stack(columns, 1).astype(np.int32), np.stack(places, 1).astype(np.int32), meta)


UNENDED = 384
"""Ticks: the length that notes without an end were given, four bars of 4/4; strummed and picked strings, mostly."""
_STRUM, _CHORD = 4, 3


def _repaired(corpus: Corpus) -> Corpus:
    return replace(corpus, pieces=tuple(_with_ends(piece, corpus.tracks) for piece in corpus))


def _with_ends(piece: Piece, tracks: tuple[str, ...]) -> Piece:
    """Generated tracks in which most notes were never ended get their ends."""
    notes = piece.notes
    for name in piece.meta.get("derived") or ():
        rows = notes[:, TRACK] == tracks.index(name) if name in tracks else np.zeros(len(notes), np.bool_)
        if rows.any() and (notes[rows, LENGTH] >= UNENDED).mean() > 0.5:
            notes = notes.copy()
            notes[rows] = ended(notes[rows], piece.bars)
    return replace(piece, notes=notes)


def ended(notes: Ints, bars: Ints) -> Ints:
    """One track's notes, each ended by the same pitch, the next chord or the half bar's end, whichever comes first."""
    start, starts = notes[:, START], np.unique(notes[:, START])
    bar = np.maximum(np.searchsorted(bars[:, BAR_START], start, "right") - 1, 0)
    half = 2 * TICKS_PER_BEAT
    lines = bars[bar, BAR_START]
    line = np.minimum(lines + ((start - lines) // half + 1) * half, lines + np.maximum(bars[bar, BAR_LENGTH], half))
    spread = np.searchsorted(start, starts + _STRUM) - np.searchsorted(start, starts)
    chords = np.append(starts[spread >= _CHORD], LONGEST * TICKS_PER_BEAT)
    chord = chords[np.searchsorted(chords, start + _STRUM)]
    again = np.full(len(notes), LONGEST * TICKS_PER_BEAT)
    for pitch in np.unique(notes[:, PITCH]):
        same = np.flatnonzero(notes[:, PITCH] == pitch)
        again[same[:-1]] = start[same[1:]]
    kept = notes.copy()
    kept[:, LENGTH] = np.maximum(1, np.minimum.reduce([notes[:, LENGTH], line - start, chord - start, again - start]))
    return kept


def write_corpus(path: Path, corpus: Corpus) -> None:
    """Writes `path` whole or not at all. ValueError where a rest is longer than the format holds (682 bars)."""
    head = {"tracks": list(corpus.tracks), "tpb": TICKS_PER_BEAT, "pieces": [piece.meta for piece in corpus]}
    text = np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        np.savez_compressed(file, allow_pickle=False, meta=text, **_columns(corpus))
    os.replace(part, path)


def _columns(corpus: Corpus) -> dict[str, npt.NDArray[Any]]:
    notes = [piece.notes[np.lexsort(piece.notes[:, [PITCH, TRACK, START]].T)] for piece in corpus]
    deltas = [np.diff(rows[:, START], prepend=0) for rows in notes]
    if any(len(delta) and (delta.min() < 0 or delta.max() >= LONGEST) for delta in deltas):
        raise ValueError("notes before the start, or a rest longer than 65534 ticks")
    flat = np.concatenate([*notes, np.zeros((0, 5), np.int32)])
    bars = np.concatenate([*(piece.bars for piece in corpus), np.zeros((0, 4), np.int32)])
    return {
        "don": np.concatenate([*deltas, np.zeros(0, np.int32)]).astype(np.uint16),
        "dur": np.clip(flat[:, LENGTH], 1, LONGEST).astype(np.uint16),
        "pitch": flat[:, PITCH].astype(np.uint8),
        "vel": flat[:, VELOCITY].astype(np.uint8),
        "track": flat[:, TRACK].astype(np.uint8),
        "blen": bars[:, BAR_LENGTH].astype(np.uint16),
        "bnum": bars[:, NUMERATOR].astype(np.uint8),
        "bden": bars[:, DENOMINATOR].astype(np.uint8),
        "note_ptr": np.cumsum([0, *map(len, notes)]),
        "bar_ptr": np.cumsum([0, *(len(piece.bars) for piece in corpus)]),
    }
