"""Estimates harmony from notes: the cells of a bar that have one chord each, their chord labels, and the key.

A chord is an index: `12 * quality + root`, qualities in the order of QUALITY_NAMES. All is vectorised over cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.music.chords import QUALITIES, Chord
from composerd.music.metre import BarGrid, Metre
from composerd.music.roll import Cells

Weights = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

NO_CHORD = -1
QUALITY_NAMES = ("", "m", "7", "maj7", "m7", "dim", "m7b5", "sus4", "6", "aug")
"""qualities that are distinguished here and in the inputs of the players' nets"""
_NEAREST = {"dim7": "dim", "sus2": "sus4", "m6": "m"}
"""other quality -> nearest of QUALITY_NAMES"""
CHORD_COUNT = 12 * len(QUALITY_NAMES)

_COST = {
    "": 0.0,
    "m": 0.0,
    "7": 0.03,
    "maj7": 0.05,
    "m7": 0.05,
    "dim": 0.05,
    "m7b5": 0.07,
    "sus4": 0.1,
    "6": 0.12,
    "aug": 0.12,
}
"""penalty of a quality: rarer ones must fit better"""
_MISSING = (0.25, 0.2, 0.08, 0.25)
"""Cost of a chord tone that does not sound: root, third, fifth, seventh."""
_BASS_ON_ROOT, _BASS_ON_TONE = 0.3, 0.08
CHANGE_COSTS = (0.1, 0.4)
"""Costs of a chord change on a bar line and inside a bar: with them rock, pop and jazz have the 0.9 to 1.2 chords a bar
of lead sheets (1.3 to 1.5 where each cell has the chord of its own notes)."""
BEAT_CHANGE_COSTS = (0.6, 0.9)
"""The same for cells of a beat: with them chorales have 2.2 chords a bar, as many as the harmonist plans for them (3.2
where each beat has the chord of its own notes), so that voices pass through a chord."""
_PRESENT = 0.08
"""Share of a cell's weight from which on a tone counts as fully present."""


def _chord_tables() -> tuple[Weights, Weights, Weights]:
    tones, missing = np.zeros((CHORD_COUNT, 12)), np.zeros((CHORD_COUNT, 12))
    cost = np.zeros(CHORD_COUNT)
    for index in range(CHORD_COUNT):
        quality, root = divmod(index, 12)
        for place, interval in enumerate(QUALITIES[QUALITY_NAMES[quality]]):
            tones[index, (root + interval) % 12] = 1.0
            missing[index, (root + interval) % 12] = _MISSING[place]
        cost[index] = _COST[QUALITY_NAMES[quality]]
    return tones, missing, cost


TONES, _MISSING_COST, _QUALITY_COST = _chord_tables()
"""(chords, 12): 1 where a pitch class belongs to the chord."""
_ROOTS = np.eye(12)[np.arange(CHORD_COUNT) % 12]


def chord_of(index: int) -> Chord:
    return Chord(index % 12, QUALITY_NAMES[index // 12])


def index_of(chord: Chord) -> int:
    """The chord's index; that of the nearest one where its quality is not among QUALITY_NAMES."""
    return 12 * QUALITY_NAMES.index(_NEAREST.get(chord.quality, chord.quality)) + chord.root % 12


def transposed(indices: Indices, semitones: int) -> Indices:
    """Chord indices moved by semitones; NO_CHORD stays."""
    moved = indices - indices % 12 + (indices + semitones) % 12
    return np.where(indices == NO_CHORD, NO_CHORD, moved)


def cell_lengths(metre: Metre, per_beat: bool = False) -> tuple[int, ...]:
    """Steps of the cells of one bar: half bars in 4/4, whole bars in 3/4 and 2/4, pulses in pairs elsewhere."""
    pulse, bar = metre.pulse_steps, metre.bar_steps
    if per_beat:
        return _split(bar, pulse if pulse >= 3 else 4)
    if metre.denominator == 8 and pulse == 6:
        return _split(bar, 12 if bar % 12 == 0 and bar > 12 else 6)
    if bar <= 12:
        return (bar,)
    if pulse == 2:  # 7/8, 5/8 and their like group as 2 + 2 + 3
        return _split(bar, 8)
    return {20: (12, 8), 28: (16, 12)}.get(bar, _split(bar, 8))


def _split(bar: int, unit: int) -> tuple[int, ...]:
    whole, rest = divmod(bar, unit)
    return (unit,) * whole + ((rest,) if rest else ())


def cell_starts(grid: BarGrid, first: int, until: int, per_beat: bool = False) -> list[int]:
    """First steps of the cells that overlap [first, until), in order, from the bar line at or before `first`."""
    starts, bar = [], grid.bar_line(first)
    while bar < until:
        step = bar
        for length in cell_lengths(grid.place(bar).metre, per_beat):
            if step + length > first and step < until:
                starts.append(step)
            step += length
        bar = grid.next_bar_line(bar)
    return starts


@dataclass(frozen=True, slots=True, eq=False)
class CellWeights:
    """What sounds in each cell: `chroma` (cells, 12) and `bass` (cells, 12), in note-steps."""

    chroma: Weights
    bass: Weights


def cell_weights(cells: Cells, starts: list[int] | Indices, pitched: list[int] | None = None) -> CellWeights:
    """Sums of a roll (parts, steps, 128) over cells that begin at `starts` (indices of steps, ascending).

    `pitched` are the rows that count (leave drums out); the last cell ends with the roll. `bass` holds the lowest pitch
    of every step. A doubled pitch counts once a part, so a thick chord weighs more than a thin one.
    """
    sounding = (cells if pitched is None else cells[pitched]) != 0
    return _weights_of(sounding.sum(0).astype(np.float64), np.asarray(starts, np.int64))


def _weights_of(rows: Weights, starts: Indices) -> CellWeights:
    steps = len(rows)
    bass = np.zeros((steps, 12))
    sounds = rows.any(1)
    bass[np.flatnonzero(sounds), (rows > 0).argmax(1)[sounds] % 12] = 1.0
    chroma = np.pad(rows, ((0, 0), (0, 4))).reshape(steps, 11, 12).sum(1)
    if not steps or not len(starts):
        return CellWeights(np.zeros((len(starts), 12)), np.zeros((len(starts), 12)))
    return CellWeights(np.add.reduceat(chroma, starts, 0), np.add.reduceat(bass, starts, 0))


def chord_scores(weights: CellWeights) -> Weights:
    """How well each chord fits each cell, (cells, CHORD_COUNT); about 1 for a perfect fit, 0 and less for none."""
    total = weights.chroma.sum(1, keepdims=True)
    share = weights.chroma / np.maximum(total, 1e-9)
    bass = weights.bass / np.maximum(weights.bass.sum(1, keepdims=True), 1e-9)
    inside = share @ TONES.T
    absent = np.clip(1.0 - share / _PRESENT, 0.0, 1.0) @ _MISSING_COST.T
    low = _BASS_ON_ROOT * (bass @ _ROOTS.T) + _BASS_ON_TONE * (bass @ (TONES - _ROOTS).T)
    scores: Weights = 2.0 * inside - 1.0 - absent + low - _QUALITY_COST
    return scores


def label_weights(weights: CellWeights) -> Indices:
    """The best chord of each cell, NO_CHORD where nothing sounds."""
    best = chord_scores(weights).argmax(1)
    return np.where(weights.chroma.sum(1) > 0, best, NO_CHORD)


def label_cells(cells: Cells, starts: list[int] | Indices, pitched: list[int] | None = None) -> Indices:
    """Chord index of each cell of an accompaniment roll (parts, steps, 128); see `cell_weights`."""
    return label_weights(cell_weights(cells, starts, pitched))


def lead_sheet(weights: CellWeights, on_line: npt.NDArray[np.bool_], per_beat: bool = False) -> Indices:
    """Chord index of each cell as a lead sheet writes it, NO_CHORD where nothing sounds.

    The chords with the highest sum of scores less the cost of each change (Viterbi algorithm); `on_line` (cells,):
    whether a cell begins on a bar line; `per_beat`: cells of a beat. Unlike in `label_weights`, a bass that walks
    through a chord does not change it.
    """
    sounds = weights.chroma.sum(1) > 0
    scores = chord_scores(weights) * sounds[:, None]
    costs = np.where(on_line, *(BEAT_CHANGE_COSTS if per_beat else CHANGE_COSTS))
    best, back = scores[0], np.zeros(scores.shape, np.int64)
    same = np.arange(CHORD_COUNT)
    for i in range(1, len(scores)):
        top = best.argmax()
        change = best[top] - costs[i]
        back[i] = np.where(best >= change, same, top)
        best = np.maximum(best, change) + scores[i]
    found = np.full(len(scores), best.argmax())
    for i in range(len(scores) - 1, 0, -1):
        found[i - 1] = back[i, found[i]]
    return np.where(sounds, found, NO_CHORD)


MAJOR_PROFILE = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR_PROFILE = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
"""Krumhansl & Kessler (1982), probe-tone ratings."""


def _key_profiles() -> Weights:
    rows = np.array([np.roll(profile, key) for profile in (MAJOR_PROFILE, MINOR_PROFILE) for key in range(12)])
    rows = rows - rows.mean(1, keepdims=True)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


_PROFILES = _key_profiles()


@dataclass(frozen=True, slots=True)
class KeyFit:
    """`tonic` pitch class, `minor`, and the correlation with the key's profile (-1 to 1)."""

    tonic: int
    minor: bool
    fit: float


def key_scores(histogram: Weights) -> Weights:
    """Correlation of pitch-class weights (..., 12) with 12 major, then 12 minor keys: (..., 24)."""
    centred = histogram - histogram.mean(-1, keepdims=True)
    norm = np.maximum(np.linalg.norm(centred, axis=-1, keepdims=True), 1e-9)
    return np.asarray((centred / norm) @ _PROFILES.T)


def key_of(histogram: Weights) -> KeyFit:
    """The best key for pitch-class weights (12,)."""
    scores = key_scores(np.asarray(histogram, np.float64))
    best = int(scores.argmax())
    return KeyFit(best % 12, best >= 12, float(scores[best]))
