"""Labels the chords of a piece by its notes: one for each cell of a bar, and as a lead sheet writes them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from composerd.music.harmony import labelling
from composerd.music.harmony.labelling import NO_CHORD, CellWeights
from composerd.music.metre import Metre
from composerd_export.data.corpus import (
    BAR_LENGTH,
    BAR_START,
    DENOMINATOR,
    NUMERATOR,
    TICKS_PER_STEP,
    TRACK,
    Piece,
    cells_of,
)

Ints = npt.NDArray[np.int64]
INVERTED = 0.7
"""Share of a chord's time in which a tone other than the root is the lowest note, from which on it is the bass."""


@dataclass(frozen=True, slots=True, eq=False)
class ChordLabels:
    """Chords of a piece; arrays run over steps."""

    chord: Ints
    """index (labelling) of the chord of each cell's own notes, NO_CHORD where nothing sounds"""
    bass: Ints
    """pitch class of the cell's lowest note, -1 where nothing sounds"""
    cell: Ints
    """number of the cell"""
    sheet: Ints
    """index of the lead sheet's chord, which changes where a bass or melody in passing does not explain the notes"""
    sheet_bass: Ints
    """pitch class of its bass: the root, or the tone of an inversion"""


def label_chords(piece: Piece, pitched: list[int], steps: int, per_beat: bool) -> ChordLabels:
    """The chords of a piece of `steps` steps, from the notes of its tracks `pitched`; `per_beat`: cells of one beat."""
    starts, lines = _cells(piece, steps, per_beat)
    rows = piece.notes[np.isin(piece.notes[:, TRACK], pitched)]
    weights = labelling.cell_weights(cells_of(rows, 0, steps)[None], starts)
    labels = labelling.label_weights(weights)
    bass = np.where(weights.bass.sum(1) > 0, weights.bass.argmax(1), -1)
    sheet = labelling.lead_sheet(weights, np.isin(starts, lines), per_beat)
    below = sheet_basses(weights, sheet)
    cell = np.searchsorted(starts, np.arange(steps), "right") - 1
    return ChordLabels(labels[cell], np.where(labels < 0, -1, bass)[cell], cell, sheet[cell], below[cell])


def sheet_basses(weights: CellWeights, chords: Ints) -> Ints:
    """(cells,) pitch class of the bass of each run of equal `chords` (cells,), -1 without one."""
    found = np.full(len(chords), -1, np.int64)
    edges = [0, *(np.flatnonzero(np.diff(chords)) + 1).tolist(), len(chords)]
    for first, end in pairwise(edges):
        chord, low = int(chords[first]), weights.bass[first:end].sum(0)
        if chord == NO_CHORD:
            continue
        lowest = int(low.argmax())
        inverted = labelling.TONES[chord, lowest] > 0 and low[lowest] >= INVERTED * low.sum()
        found[first:end] = lowest if inverted else chord % 12
    return found


def _cells(piece: Piece, steps: int, per_beat: bool) -> tuple[Ints, Ints]:
    """First steps of the cells, and the bar lines."""
    starts, lines = [0], list[int]()
    for bar in piece.bars:
        start, length = int(bar[BAR_START]) // TICKS_PER_STEP, int(bar[BAR_LENGTH]) // TICKS_PER_STEP
        metre = Metre(int(bar[NUMERATOR]), int(bar[DENOMINATOR]))
        lengths = labelling.cell_lengths(metre, per_beat) if metre.bar_steps == length else (length,)
        starts += [start + sum(lengths[:i]) for i in range(len(lengths)) if start + sum(lengths[:i]) < steps]
        lines.append(start)
    return np.unique(np.array(starts)), np.array(lines)
