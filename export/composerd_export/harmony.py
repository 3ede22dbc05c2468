"""Learning the harmonist's tables from a corpus: a genre's chords, how they follow, which melody notes they carry."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from composerd.music import labelling
from composerd.music.harmonist import KEYS, LINE, HarmonyTables, Weights, strength_of
from composerd.music.labelling import NO_CHORD, CellWeights
from composerd.music.metre import Metre
from composerd.music.roll import REST
from composerd_export.data.corpus import (
    BAR_LENGTH,
    BAR_START,
    DENOMINATOR,
    NUMERATOR,
    TICKS_PER_STEP,
    Corpus,
    Piece,
    cells_of,
    melody_of,
    read_corpus,
)  # fmt: skip

UNPITCHED = ("drums", "timpani")
VOCABULARY = 44
"""Chords kept per mode; rarer ones are heard as their nearest kin."""
_KEY_REACH, _KEY_CHANGE_COST, _KEY_SHARPNESS = 4, 4.0, 6.0
"""Bars around a cell that its key is read from, cost of a change of key, weight of a profile's fit."""
_TRUST = 6.0
"""Counts a table row needs before it is believed over the average of all rows."""


def _simpler() -> npt.NDArray[np.int64]:
    """What a chord of one beat is without its passing notes and suspensions, which the voices add by themselves."""
    heard_as = {"maj7": "", "6": "", "sus4": "", "aug": ""}
    names = labelling.QUALITY_NAMES
    quality = np.array([names.index(heard_as.get(name, name)) for name in names])
    index = np.arange(labelling.CHORD_COUNT)
    return np.append(quality[index // 12] * 12 + index % 12, NO_CHORD)


_SIMPLER = _simpler()


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """A piece as the harmonist sees it, per cell: start step, strength, chord, key; and the melody per step."""

    starts: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.int64]
    chords: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    melody: npt.NDArray[np.int16]
    onset: npt.NDArray[np.bool_]
    strong: npt.NDArray[np.bool_]


def analysed(corpus: Corpus, per_beat: bool) -> Iterator[Analysis]:
    pitched = [
        index for index, name in enumerate(corpus.tracks) if name not in UNPITCHED and index != corpus.melody_track
    ]
    for piece in corpus:
        analysis = analyse(piece, corpus.melody_track, pitched, per_beat)
        if analysis is not None:
            yield analysis


def analyse(piece: Piece, melody_track: int, pitched: list[int], per_beat: bool) -> Analysis | None:
    """None where a piece has no notes to read chords from."""
    if not len(piece.bars):
        return None
    steps = int(piece.bars[-1, BAR_START] + piece.bars[-1, BAR_LENGTH]) // TICKS_PER_STEP
    starts, strengths = _cells(piece, steps, per_beat)
    rows = piece.notes[np.isin(piece.notes[:, 4], pitched)]
    if not len(rows) or not len(starts):
        return None
    cells = cells_of(rows, 0, steps)
    melody = melody_of(cells_of(piece.track(melody_track), 0, steps))
    weights = labelling.cell_weights(cells[None], starts)
    chords = labelling.label_weights(weights)
    if per_beat:
        chords = _SIMPLER[chords]
    keys = local_keys(weights, melody.pitch, starts, np.flatnonzero(strengths == LINE))
    beats = _on_beats(piece, steps)
    return Analysis(starts, strengths, chords, keys, melody.pitch, melody.onset, beats)


def _cells(piece: Piece, steps: int, per_beat: bool) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    starts, strengths = [], []
    for bar in piece.bars:
        start, length = int(bar[BAR_START]) // TICKS_PER_STEP, int(bar[BAR_LENGTH]) // TICKS_PER_STEP
        metre = Metre(int(bar[NUMERATOR]), int(bar[DENOMINATOR]))
        lengths = labelling.cell_lengths(metre, per_beat) if metre.bar_steps == length else (length,)
        step = start
        for cell in lengths:
            if step < steps and cell > 0:
                starts.append(step)
                strengths.append(strength_of(step - start))
            step += cell
    return np.array(starts), np.array(strengths)


def _on_beats(piece: Piece, steps: int) -> npt.NDArray[np.bool_]:
    strong = np.zeros(steps, np.bool_)
    for bar in piece.bars:
        start, length = int(bar[BAR_START]) // TICKS_PER_STEP, int(bar[BAR_LENGTH]) // TICKS_PER_STEP
        pulse = max(2, Metre(int(bar[NUMERATOR]), int(bar[DENOMINATOR])).pulse_steps)
        strong[start : start + length : min(pulse, 6)] = True
    return strong


def local_keys(
    weights: CellWeights, melody: npt.NDArray[np.int16], starts: npt.NDArray[np.int64], lines: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The key of each cell, 0 to 23: Krumhansl's profiles over the bars around, as few changes as the notes allow."""
    sung = np.zeros((len(melody), 12))
    sounds = melody != REST
    sung[np.flatnonzero(sounds), melody[sounds] % 12] = 1.0
    chroma = np.minimum(weights.chroma, 16) + np.add.reduceat(sung, starts, 0)
    bars = np.zeros(len(starts), np.int64)
    bars[lines] = 1
    bar_of = np.maximum(np.cumsum(bars) - 1, 0)
    per_bar = np.zeros((bar_of[-1] + 1, 12))
    np.add.at(per_bar, bar_of, chroma)
    sums = np.cumsum(np.pad(per_bar, ((_KEY_REACH + 1, _KEY_REACH), (0, 0))), 0)
    around = sums[2 * _KEY_REACH + 1 :] - sums[: -2 * _KEY_REACH - 1]
    return _smooth_path(_KEY_SHARPNESS * labelling.key_scores(around))[bar_of]


def _smooth_path(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    value, back = scores[0], []
    for row in scores[1:]:
        best = int(value.argmax())
        moved = value[best] - _KEY_CHANGE_COST > value
        back.append(np.where(moved, best, np.arange(len(value))))
        value = np.where(moved, value[best] - _KEY_CHANGE_COST, value) + row
    path = [int(value.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return np.array(path[::-1])


def learn(pieces: Iterable[Analysis], per_beat: bool, weights: Weights | None = None) -> HarmonyTables:
    """Counts, smoothed towards the average row."""
    found = list(pieces)
    chords = _vocabulary(found)
    nearest = _nearest(chords)
    count = chords.shape[1]
    start, change = np.zeros((2, count)), np.zeros((2, 3, count, count))
    first = np.zeros((2, count))
    melody, keys = np.zeros((2, 2, count, 12)), np.zeros((2, 2, 12))
    for piece in found:
        states = _states(piece, nearest)
        known = piece.chords != NO_CHORD
        np.add.at(start, (piece.keys[known] // 12, states[known]), 1)
        opening = int(np.argmax(known))
        first[piece.keys[opening] // 12, states[opening]] += 1
        same = known[1:] & known[:-1] & (piece.keys[1:] == piece.keys[:-1])
        mode = piece.keys[1:][same] // 12
        np.add.at(change, (mode, piece.strengths[1:][same], states[:-1][same], states[1:][same]), 1)
        _count_melody(piece, states, melody)
        turns = np.flatnonzero(piece.keys[1:] != piece.keys[:-1])
        old, new = piece.keys[:-1][turns], piece.keys[1:][turns]
        np.add.at(keys, (old // 12, new // 12, (new - old) % 12), 1)
    return HarmonyTables(
        chords, _shares(start + 0.1), _shares(first + _TRUST * _shares(start + 0.1)), _backed_off(change, start),
        _backed_off_melody(melody, chords), _modulations(keys), per_beat, weights or Weights(),
    )  # fmt: skip


def _relative(piece: Analysis) -> npt.NDArray[np.int64]:
    roots = (piece.chords - piece.keys) % 12
    return np.where(piece.chords == NO_CHORD, 0, piece.chords // 12 * 12 + roots)


def _vocabulary(pieces: list[Analysis]) -> npt.NDArray[np.int64]:
    counts = np.zeros((2, labelling.CHORD_COUNT))
    for piece in pieces:
        known = piece.chords != NO_CHORD
        np.add.at(counts, (piece.keys[known] // 12, _relative(piece)[known]), 1)
    return np.sort(np.argsort(-counts, 1, kind="stable")[:, :VOCABULARY], 1)


def _nearest(chords: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(2, CHORD_COUNT): the place in the vocabulary of the chord with most tones in common, same root preferred."""
    common = (
        labelling.TONES @ labelling.TONES.T / np.maximum(labelling.TONES.sum(1)[None], labelling.TONES.sum(1)[:, None])
    )
    roots = np.arange(labelling.CHORD_COUNT) % 12
    alike = common + 0.3 * (roots[:, None] == roots[None]) + np.eye(labelling.CHORD_COUNT)
    return np.stack([alike[:, row].argmax(1) for row in chords])


def _states(piece: Analysis, nearest: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.asarray(nearest[piece.keys // 12, _relative(piece)])


def _count_melody(piece: Analysis, states: npt.NDArray[np.int64], counts: npt.NDArray[np.float64]) -> None:
    cell = np.searchsorted(piece.starts, np.arange(len(piece.melody)), "right") - 1
    heard = (piece.melody != REST) & (cell >= 0)
    heard[heard] &= piece.chords[cell[heard]] != NO_CHORD
    cell = cell[heard]
    pitch = (piece.melody[heard] - piece.keys[cell]) % 12
    kind = np.where(piece.strong[heard], 0, 1)
    np.add.at(counts, (piece.keys[cell] // 12, kind, states[cell], pitch), 1)


def _shares(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    shares: npt.NDArray[np.float64] = counts / counts.sum(-1, keepdims=True)
    return shares


def _backed_off(change: npt.NDArray[np.float64], start: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows seldom seen lean on: staying, the row over all strengths, and how common a chord is."""
    count = change.shape[-1]
    common = _shares(start + 0.5)[:, None, None, :]
    staying = change[..., np.arange(count), np.arange(count)].sum(-1) / np.maximum(change.sum((-1, -2)), 1)
    base = staying[..., None, None] * np.eye(count) + (1 - staying[..., None, None]) * common
    overall = change.sum(1, keepdims=True)
    moved = overall * (1 - np.eye(count)) + 2.0 * common
    base = staying[..., None, None] * np.eye(count) + (1 - staying[..., None, None]) * _shares(moved)
    return _shares(change + _TRUST * base)


def _backed_off_melody(counts: npt.NDArray[np.float64], chords: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Rows seldom seen lean on the chord's own tones and the scale in use."""
    tones = _shares(labelling.TONES)[chords][:, None]
    scale = _shares(counts.sum(2, keepdims=True) + 1.0)
    return _shares(counts + 4 * _TRUST * (0.6 * tones + 0.4 * scale) + 0.2)


def _modulations(keys: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    table = np.zeros((KEYS, KEYS))
    for old in range(KEYS):
        for new in range(KEYS):
            table[old, new] = 0.0 if old == new else keys[old // 12, new // 12, (new - old) % 12] + 0.3
    return _shares(table + 1e-6)


TUNED: dict[str, Weights] = {
    "bach": Weights(
        heard=0.56, strong=0.52, weak=0.22, kinship=0.78, carry=0.0, modulate=0.007, inside=0.15, same=0.85
    ),
    "pop": Weights(
        heard=1.1, strong=0.65, weak=0.45, kinship=0.4, carry=0.05, modulate=0.001, inside=0.25, same=0.4, chance=0.4
    ),
    "rock": Weights(heard=1.22, strong=0.33, weak=0.3, kinship=0.4, carry=0.1, modulate=0.001, inside=0.16),
    "jazz": Weights(heard=1.0, strong=0.45, weak=0.2, kinship=0.4, carry=0.25, modulate=0.0075, inside=0.3, same=0.6),
    "symphony": Weights(heard=2.0, strong=0.8, weak=0.6, kinship=0.7, carry=0.3, modulate=0.01, inside=0.3, same=0.5),
}
"""From random searches over 24 to 40 training clips each, for likeness to the true chords, consonance and rate of
change; rounded towards fewer seventh chords where a search went for chords that are a little like everything, and
towards less kinship (pop, rock) and some chance (pop), where songs would otherwise have the same few chords; these and
what symphony hears of the melody were chosen on 24 validation clips."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dataset", type=Path, nargs="+", required=True, metavar="FILE", help="training corpora (.npz)"
    )
    parser.add_argument("--per-beat", action="store_true", help="a chord a beat, as in chorales, instead of a half bar")
    parser.add_argument("--style", metavar="NAME", help="whose tuned weights to use (default: the output's name)")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where the tables go (.npz)")


def run(arguments: argparse.Namespace) -> int:
    pieces = [piece for path in arguments.dataset for piece in analysed(read_corpus(path), arguments.per_beat)]
    style = arguments.style or arguments.output.stem
    tables = learn(pieces, arguments.per_beat, TUNED.get(style, Weights()))
    np.savez_compressed(arguments.output, allow_pickle=False, **tables.to_arrays())
    print(f"{arguments.output}: {len(pieces)} pieces, {arguments.output.stat().st_size / 1000:.1f} kB")
    return 0
