"""The corpus format: note events of many pieces in one compressed .npz per genre and split.

Arrays: `don` onset delta to the previous note of the piece in ticks of 1/24 quarter note, `dur` duration in ticks,
`pitch`, `vel`, `track` (index in the tracks' names), cut by `note_ptr` into pieces; `blen` bar lengths in ticks,
`bnum` / `bden` time signatures, cut by `bar_ptr`; `meta` UTF-8 JSON
`{"tracks": [...], "tpb": 24, "pieces": [{"id", "title", "bpm", ...}, ...]}`.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from composerd.errors import ConfigError
from composerd.files.atomic import whole_file
from composerd_export.data.pieces import (
    BAND_TRACKS,
    BAR_LENGTH,
    BAR_START,
    DENOMINATOR,
    LENGTH,
    LONGEST,
    NUMERATOR,
    PITCH,
    START,
    TICKS_PER_BEAT,
    TICKS_PER_STEP,
    TRACK,
    VELOCITY,
    Corpus,
    Ints,
    Piece,
    cells_of,
    melody_of,
)  # fmt: skip
from composerd_export.data.repair import repaired

__all__ = [
    "BAND_TRACKS", "BAR_LENGTH", "BAR_START", "DENOMINATOR", "LENGTH", "LONGEST", "NUMERATOR", "PITCH", "START",
    "TICKS_PER_BEAT", "TICKS_PER_STEP", "TRACK", "VELOCITY", "Corpus", "Ints", "Piece", "cells_of", "melody_of",
    "read_corpus", "write_corpus",
]  # fmt: skip


def read_corpus(path: Path, as_written: bool = False) -> Corpus:
    """Reads a corpus file. Raises ConfigError if it is missing or is not a corpus.

    Pieces with generated parts are repaired, unless asked for `as_written`: notes that were never ended get their ends
    (`ended`), bar lines that lie two beats beside the harmony's are moved (`rebarred`).
    """
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        head = json.loads(bytes(arrays["meta"]).decode())
        pieces = tuple(_piece(arrays, index, meta) for index, meta in enumerate(head["pieces"]))
        corpus = Corpus(tuple(head["tracks"]), pieces)
        return corpus if as_written else repaired(corpus)
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


def write_corpus(path: Path, corpus: Corpus) -> None:
    """Writes a corpus file atomically. Raises ValueError if a rest is longer than the format holds (682 bars)."""
    head = {"tracks": list(corpus.tracks), "tpb": TICKS_PER_BEAT, "pieces": [piece.meta for piece in corpus]}
    text = np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = _columns(corpus)
    with whole_file(path) as file:
        np.savez_compressed(file, allow_pickle=False, meta=text, **columns)


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
