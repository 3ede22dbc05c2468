"""Rhythm of a performance: swing measured and straightened."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from composerd_export.data.corpus import BAR_START, LENGTH, START, TICKS_PER_BEAT, Piece

STRAIGHT, TRIPLET = 0.5, 2.0 / 3.0
"""Where in the beat the off-beat eighth falls: straight, and swung 2:1."""
_OFF_BEAT = (0.45, 0.72)
_SWUNG_FROM = 0.56
_LEAST_OFF_BEATS = 8


def swing_of(places: npt.NDArray[np.float64]) -> float:
    """How far off-beat eighths are delayed: 0 straight, 1 on the triplet; `places` of onsets in the beat, 0 to 1.

    0 where too few onsets fall near an off-beat to tell, or most of them are straight.
    """
    off_beats = places[(places >= _OFF_BEAT[0]) & (places <= _OFF_BEAT[1])]
    if len(off_beats) < _LEAST_OFF_BEATS:
        return 0.0
    middle = float(np.median(off_beats))
    return (middle - STRAIGHT) / (TRIPLET - STRAIGHT) if middle >= _SWUNG_FROM else 0.0


def straight_beats(beats: npt.NDArray[np.float64], swing: float) -> npt.NDArray[np.float64]:
    """Moments in beats with swung eighths moved onto straight ones; each half of the beat is stretched evenly."""
    off_beat = STRAIGHT + swing * (TRIPLET - STRAIGHT)
    whole = np.floor(beats)
    within = beats - whole
    early = within * STRAIGHT / off_beat
    late = STRAIGHT + (within - off_beat) * (1.0 - STRAIGHT) / (1.0 - off_beat)
    return np.asarray(whole + np.where(within <= off_beat, early, late))


def swing_of_piece(piece: Piece) -> float:
    """The swing its notes still have: 1 where meta says `swing`, 0 where it denies it, else measured."""
    said = piece.meta.get("swing")
    if said is not None:
        return 1.0 if said else 0.0
    return swing_of((piece.notes[:, START] - _origins(piece)) % TICKS_PER_BEAT / TICKS_PER_BEAT)


def straightened(piece: Piece) -> Piece:
    """The piece with its swung eighths on the 16th grid; meta then says `swing` False and keeps the `swing_amount`."""
    swing = swing_of_piece(piece)
    if swing == 0.0:
        return piece
    notes, origin = piece.notes.copy(), _origins(piece)
    starts = straight_beats((notes[:, START] - origin) / TICKS_PER_BEAT, swing)
    ends = straight_beats((notes[:, START] + notes[:, LENGTH] - origin) / TICKS_PER_BEAT, swing)
    notes[:, START] = origin + np.rint(starts * TICKS_PER_BEAT)
    notes[:, LENGTH] = np.maximum(1, origin + np.rint(ends * TICKS_PER_BEAT) - notes[:, START])
    notes = notes[np.argsort(notes[:, START], kind="stable")]
    return replace(piece, notes=notes, meta={**piece.meta, "swing": False, "swing_amount": round(swing, 2)})


def _origins(piece: Piece) -> npt.NDArray[np.int32]:
    """The bar line before each note, in ticks: beats are counted from there."""
    lines = piece.bars[:, BAR_START] if len(piece.bars) else np.zeros(1, np.int32)
    bar = np.searchsorted(lines, piece.notes[:, START], "right") - 1
    return np.asarray(lines[np.maximum(bar, 0)])
