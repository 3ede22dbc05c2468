"""Corpora as training arrays: whole runs of bars on the 16th grid, all pieces concatenated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from composerd.contract.frames import UNKNOWN_PHASE, fold
from composerd.contract.layout import DRUM_CLASSES, DRUMS, MONO, Track
from composerd.errors import ConfigError
from composerd.music.roll import ONSET, REST
from composerd_export.data.chord_labels import label_chords
from composerd_export.data.corpus import (
    BAR_LENGTH,
    BAR_START,
    LENGTH,
    PITCH,
    START,
    TICKS_PER_STEP,
    Corpus,
    Piece,
    cells_of,
    melody_of,
    read_corpus,
)  # fmt: skip
from composerd_export.datasets import Dataset

Ints = npt.NDArray[np.int64]
BAR_GROUPS = {96: 16, 48: 16, 192: 16, 72: 12, 36: 12, 144: 12}
"""Bar length in ticks to the 16- or 12-step bars it is read as (2/4 and 3/8 bars in pairs)."""
FEWEST = 3
"""A part with this many notes or fewer counts as absent."""
_UNPITCHED = ("drums", "timpani")


@dataclass(frozen=True, slots=True, eq=False)
class Rolls:
    """All pieces of a dataset's split, one after the other. Arrays run over steps."""

    melody: npt.NDArray[np.int16]
    melody_onset: npt.NDArray[np.bool_]
    phase: npt.NDArray[np.int8]
    chord: npt.NDArray[np.int16]
    chord_bass: npt.NDArray[np.int8]
    chord_cell: npt.NDArray[np.int32]
    """running number of the cell that one planned chord rules"""
    sheet: npt.NDArray[np.int16]
    """index of the chord as a lead sheet writes it"""
    sheet_bass: npt.NDArray[np.int8]
    cells: tuple[npt.NDArray[np.uint8], ...]
    """per track (steps, rows)"""
    piece: npt.NDArray[np.int32]
    """index into `meta`"""
    present: npt.NDArray[np.bool_]
    """(pieces, tracks): whether a piece has the part at all"""
    meta: tuple[dict[str, Any], ...]
    weights: npt.NDArray[np.float64]
    """per piece, how often its windows are drawn"""


def straighten(notes: npt.NDArray[np.int32], bars: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Swung off-beat eighths (on the triplet grid) moved onto the 16th grid: two thirds of a beat become a half."""
    moved = notes.copy()
    bar = np.searchsorted(bars[:, BAR_START], notes[:, START], "right") - 1
    origin = bars[np.maximum(bar, 0), BAR_START]
    for column in (START, LENGTH):
        at = notes[:, START] + (notes[:, LENGTH] if column == LENGTH else 0) - origin
        beat, within = at // 24, at % 24
        bent = np.where(within < 16, within * 12 / 16, 12 + (within - 16) * 12 / 8)
        moved[:, column] = np.round(beat * 24 + bent).astype(np.int32) + origin
    moved[:, LENGTH] = np.maximum(1, moved[:, LENGTH] - moved[:, START])
    return moved


def track_cells(track: Track, notes: npt.NDArray[np.int32], steps: int) -> npt.NDArray[np.uint8]:
    """Cells (steps, rows) of one part's notes (ticks from 0)."""
    if track.kind == DRUMS:
        return _drum_cells(notes, steps)
    folded = notes.copy()
    folded[:, PITCH] = fold(notes[:, PITCH].astype(np.int64), track.low, track.high)
    if track.kind == MONO:
        folded = _lowest(folded)
    cells: npt.NDArray[np.uint8] = cells_of(folded, 0, steps)[:, track.low : track.high + 1]
    return cells


def _drum_cells(notes: npt.NDArray[np.int32], steps: int) -> npt.NDArray[np.uint8]:
    classes = np.full(128, -1)
    for index, (_, _, keys) in enumerate(DRUM_CLASSES):
        classes[list(keys)] = index
    at = (notes[:, START] + TICKS_PER_STEP // 2) // TICKS_PER_STEP
    row = classes[notes[:, PITCH]]
    keep = (row >= 0) & (at >= 0) & (at < steps)
    cells = np.zeros((steps, len(DRUM_CLASSES)), np.uint8)
    cells[at[keep], row[keep]] = ONSET
    return cells


def _lowest(notes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """One voice: the lowest note of each onset step, ended by the next."""
    if not len(notes):
        return notes
    step = (notes[:, START] + TICKS_PER_STEP // 2) // TICKS_PER_STEP
    order = np.lexsort((notes[:, PITCH], step))
    kept = notes[order][np.unique(step[order], return_index=True)[1]]
    gap = np.diff(np.sort(np.unique(step)), append=1 << 24) * TICKS_PER_STEP
    kept[:, START] = np.unique(step) * TICKS_PER_STEP
    kept[:, LENGTH] = np.minimum(kept[:, LENGTH], gap)
    return kept


def _phases(piece: Piece, steps: int) -> npt.NDArray[np.int8]:
    """Per step: its phase, counted from the first bar line of its run of bars of one kind."""
    phase = np.full(steps, UNKNOWN_PHASE, np.int8)
    kind, origin = 0, 0
    for bar in piece.bars:
        start, length = int(bar[BAR_START]), int(bar[BAR_LENGTH])
        group = BAR_GROUPS.get(length, 0)
        if start % TICKS_PER_STEP or group == 0:
            kind = 0
            continue
        first, until = start // TICKS_PER_STEP, (start + length) // TICKS_PER_STEP
        if group != kind or length in (96, 72):
            kind, origin = group, first
        place = (np.arange(first, until) - origin) % group
        phase[first : min(until, steps)] = (place + (16 if group == 12 else 0))[: max(0, steps - first)]
    return phase


def _notes(piece: Piece, corpus: Corpus, dataset: Dataset) -> list[npt.NDArray[np.int32]]:
    """The notes of each track of the dataset, each corpus track read once; FEWEST or fewer notes count as none."""
    notes = {name: piece.track(i) for i, name in enumerate(corpus.tracks)}
    played = {name for name, rows in notes.items() if len(rows) > FEWEST}
    read, free = {}, played - {track.name for track in dataset.tracks} - {dataset.melody}
    for name, others in dataset.stand_ins:
        other = next((one for one in others if one in free), None)
        if name not in played and other is not None:
            read[name] = notes[other]
            free.discard(other)
    none = np.zeros((0, 5), np.int32)
    return [read.get(track.name, notes.get(track.name, none)) for track in dataset.tracks]


def _arrays(piece: Piece, corpus: Corpus, dataset: Dataset) -> dict[str, Any]:
    swung = bool(piece.meta.get("swing")) and dataset.name == "jazz"
    if swung:
        piece = Piece(straighten(piece.notes, piece.bars), piece.bars, piece.meta)
    steps = int(piece.bars[-1, BAR_START] + piece.bars[-1, BAR_LENGTH]) // TICKS_PER_STEP
    melody_track = corpus.tracks.index(dataset.melody) if dataset.melody in corpus.tracks else corpus.melody_track
    melody = melody_of(cells_of(piece.track(melody_track), 0, steps))
    pitched = [i for i, name in enumerate(corpus.tracks) if name not in _UNPITCHED]
    labels = label_chords(piece, pitched, steps, dataset.plan_steps < 8)
    notes = _notes(piece, corpus, dataset)
    cells = tuple(track_cells(track, rows, steps) for track, rows in zip(dataset.tracks, notes, strict=True))
    return {
        "melody": melody.pitch, "onset": melody.onset, "phase": _phases(piece, steps),
        "chord": labels.chord, "bass": labels.bass, "cell": labels.cell, "sheet": labels.sheet,
        "sheet_bass": labels.sheet_bass, "cells": cells, "present": [len(rows) > FEWEST for rows in notes],
    }  # fmt: skip


def load(dataset: Dataset, data: Path, split: str, limit: int | None = None) -> Rolls:
    """Reads `split` (train or valid), at most `limit` pieces a set. Raises ConfigError if a file is missing."""
    found: list[dict[str, Any]] = []
    meta: list[dict[str, Any]] = []
    weights: list[float] = []
    for prefix, weight in dataset.sets:
        if prefix and not (data / dataset.folder / f"{prefix}{split}.npz").is_file():
            continue  # further sets may lack a validation split
        corpus = read_corpus(data / dataset.folder / f"{prefix}{split}.npz")
        for piece in corpus.pieces[:limit]:
            if not len(piece.bars) or not len(piece.notes):
                continue
            found.append(_arrays(piece, corpus, dataset))
            meta.append(piece.meta)
            weights.append(weight * (1.0 if piece.meta.get("derived") else dataset.genuine_weight))
    if not found:
        raise ConfigError(
            f"{data}: found no song in {dataset.name}'s {split} split, expected one at least: import two songs or more"
        )
    return _joined(dataset, found, meta, weights)


def _joined(dataset: Dataset, found: list[dict[str, Any]], meta: list[dict[str, Any]], weights: list[float]) -> Rolls:
    lengths = [len(arrays["melody"]) for arrays in found]
    cell_counts = np.cumsum([0, *(int(arrays["cell"][-1]) + 1 for arrays in found)])

    def join(name: str, dtype: Any) -> npt.NDArray[Any]:
        return np.concatenate([arrays[name] for arrays in found]).astype(dtype)

    cell = np.concatenate([arrays["cell"] + base for arrays, base in zip(found, cell_counts[:-1], strict=True)])
    cells = tuple(np.concatenate([arrays["cells"][i] for arrays in found]) for i in range(len(dataset.tracks)))
    melody = np.where(join("melody", np.int64) < 0, REST, fold(join("melody", np.int64)))
    return Rolls(
        melody.astype(np.int16), join("onset", np.bool_), join("phase", np.int8), join("chord", np.int16),
        join("bass", np.int8), cell.astype(np.int32), join("sheet", np.int16), join("sheet_bass", np.int8), cells,
        np.repeat(np.arange(len(found)), lengths).astype(np.int32),
        np.array([arrays["present"] for arrays in found]), tuple(meta), np.array(weights),
    )  # fmt: skip
