"""Measures and straightens the swing of a performance, and quantises it."""

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
    """The swing that the notes still have: 1 by meta's `swing` (yes, or the share that swings), else measured."""
    said = piece.meta.get("swing")
    if said is not None:
        return 1.0 if float(said) >= 0.5 else 0.0
    return swing_of((piece.notes[:, START] - _origins(piece)) % TICKS_PER_BEAT / TICKS_PER_BEAT)


def straightened(piece: Piece) -> Piece:
    """The piece with its swung eighths on the 16th grid; meta gets `swing` False and keeps the `swing_amount`."""
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


_STEP, _TRIPLET_STEP = 0.25, 1.0 / 3.0
_TRIPLET_PENALTY = 1.3
_LOOSEST = 0.8
_ANYWHERE = 0.0486
"""beats: the mean distance of a moment chosen at random from the nearest 16th or eighth triplet"""


def in_time(beats: npt.NDArray[np.float64]) -> bool:
    """Whether onsets follow the file's beat; those of a recording without a click do not."""
    near = np.minimum(np.abs(beats - _nearest(beats, _STEP)), np.abs(beats - _nearest(beats, _TRIPLET_STEP)))
    return not len(beats) or float(near.mean()) < _LOOSEST * _ANYWHERE


def quantised(beats: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Moments as ticks on the 16th grid, in beats that fit eighth triplets better on those."""
    straight, triplets = _nearest(beats, _STEP), _nearest(beats, _TRIPLET_STEP)
    beat = np.floor(beats + _STEP / 2).astype(np.int64)
    beat -= beat.min(initial=0)
    straight_error = np.bincount(beat, np.abs(beats - straight))
    triplet_error = np.bincount(beat, np.abs(beats - triplets))
    in_triplets = (_TRIPLET_PENALTY * triplet_error < straight_error)[beat]
    return np.rint(np.where(in_triplets, triplets, straight) * TICKS_PER_BEAT).astype(np.int64)


def _nearest(beats: npt.NDArray[np.float64], unit: float) -> npt.NDArray[np.float64]:
    return np.asarray(np.rint(beats / unit) * unit)
