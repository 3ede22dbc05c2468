"""Converts corpora to bars: a tape of rhythm cells, each bar's likeness to earlier ones, and groups of eight bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from composerd.contract.groove import (
    GROUP,
    HISTORY,
    LAGS,
    TEXTURE,
    UNKNOWN,
    UNKNOWN_PLAN,
    Bars,
    GrooveLayout,
    Tape,
    context,
    likeness,
    onset_columns,
    plan_of,
    rhythm_of,
    texture_of,
)  # fmt: skip
from composerd.contract.layout import DRUM_CLASSES, DRUMS, POLY
from composerd.errors import ConfigError
from composerd.music.roll import REST
from composerd_export.data.rolls import Rolls, load
from composerd_export.datasets import Dataset

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NEAR = 8
"""Bars around a bar in which a part must sound to count as playing."""
CRASH = [name for name, _, _ in DRUM_CLASSES].index("crash")
DOUBTFUL = ("tracker module", "daw project")
"""Kinds of genuine pieces whose parts were separated automatically."""
DOUBT = 0.4
FEWEST = 8
"""Number of pieces that hold a groove, from which on a band does not play like the others."""
BASS = "bass"
SPARSE = 0.25
"""Weight of windows in whose neighbourhood fewer than two parts play."""


@dataclass(frozen=True, slots=True, eq=False)
class BarSet:
    """The bars of a split. Arrays run over bars."""

    layout: GrooveLayout
    tape: Tape
    start: Ints
    steps: Ints
    index: Ints
    """place in its run of bars of one length"""
    group: Ints
    """place in its group of eight bars"""
    alike: Floats
    """(bars, tracks, LAGS)"""
    present: Flags
    """(bars, tracks)"""
    genre: Ints
    generated: Flags
    """accompaniment made by rules"""
    bpm: Floats
    texture: Ints
    """(bars, tracks, TEXTURE) of the whole piece, UNKNOWN for a part that it lacks"""
    weight: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.start)

    def known(self, rows: Ints, since: Ints) -> Flags:
        """(N, LAGS): whether the bars so long before `rows` lie at or after place `since` of their run."""
        found: Flags = self.index[rows][:, None] - np.array(LAGS) >= since[:, None]
        return found

    def plans(self, rows: Ints, since: Ints) -> Ints:
        """(N, tracks) the true plans of bars, in performances that began at place `since` of their run."""
        return plan_of(self.alike[rows], self.known(rows, since)[:, None])

    def past_plans(self, rows: Ints, since: Ints) -> Ints:
        """(N, HISTORY, tracks) of the bars before, the latest last."""
        back = np.arange(-HISTORY, 0)
        before = rows[:, None] + back
        there = self.index[rows][:, None] + back >= since[:, None]
        safe = np.maximum(before, 0)
        known = self.index[safe][..., None] - np.array(LAGS) >= since[:, None, None]
        plans = plan_of(self.alike[safe], known[:, :, None])
        return np.where(there[..., None], plans, UNKNOWN_PLAN)

    def bars(self, rows: Ints, since: Ints) -> Bars:
        """The bars as inputs of the groove net, in performances that began at place `since` of their run."""
        told = context(
            self.layout, self.genre[rows], self.generated[rows], self.bpm[rows], self.present[rows], self.group[rows],
            self.texture[rows],
        )  # fmt: skip
        first = self.start[rows] - (self.index[rows] - since) * self.steps[rows]
        return Bars(self.start[rows], self.steps[rows], first, told)


def read_bars(datasets: Sequence[Dataset], data: Path, split: str, limit: int | None = None) -> BarSet:
    """Reads a split of datasets whose tracks are alike in number and kind.

    Raises ConfigError if a file is missing or has no bar to learn from.
    """
    return bars_of_all(datasets, [load(one, data, split, limit) for one in datasets], split)


def bars_of_all(datasets: Sequence[Dataset], read: Sequence[Rolls], split: str) -> BarSet:
    """The bars of several datasets, each with the same share of the weight. Raises ConfigError if one has none."""
    layout = GrooveLayout(datasets[0].tracks, tuple(dataset.name for dataset in datasets))
    found = [bars_of(layout, rolls, genre) for genre, rolls in enumerate(read)]
    for dataset, bars in zip(datasets, found, strict=True):
        if not bars.present.any():
            raise ConfigError(f"{dataset.name}: found no bar of 4/4 or 3/4 in which a part plays, in the {split} split")
    return joined(layout, found)


def joined(layout: GrooveLayout, sets: Sequence[BarSet]) -> BarSet:
    """The sets one after the other, each with the same share of the weight."""
    shift = np.cumsum([0, *(len(one.tape.cells) for one in sets)])

    def join(name: str) -> npt.NDArray[np.generic]:
        return np.concatenate([getattr(one, name) for one in sets])

    tape = Tape(*(np.concatenate([getattr(one.tape, name) for one in sets]) for name in ("cells", "melody", "changes")))
    start = np.concatenate([one.start + base for one, base in zip(sets, shift[:-1], strict=True)])
    weight = np.concatenate([one.weight / one.weight.sum() for one in sets])
    rest = ("steps", "index", "group", "alike", "present", "genre", "generated", "bpm", "texture")
    return BarSet(layout, tape, start, *(join(name) for name in rest), weight)  # type: ignore[arg-type, call-arg]


def bars_of(layout: GrooveLayout, rolls: Rolls, genre: int) -> BarSet:
    """The bars of 16 and of 12 steps of one dataset."""
    cells = rhythm_of(layout, rolls.cells)
    sounds = rolls.melody != REST
    tape = Tape(cells, np.stack([rolls.melody_onset, sounds], 1).astype(np.uint8), _changes(rolls))
    start, steps = _whole_bars(rolls.phase, rolls.piece)
    piece = rolls.piece[start]
    index = _places(start, steps, piece)
    alike = np.stack([_alike(tape, layout, start, steps, index, part) for part in range(len(layout.tracks))], 1)
    present = _present(cells, layout, start, steps, piece)
    generated = np.array([bool(meta.get("derived")) for meta in rolls.meta])[piece]
    kinds = np.array([DOUBT if meta.get("kind") in DOUBTFUL else 1.0 for meta in rolls.meta])[piece]
    bpm = np.array([float(meta.get("bpm") or 100.0) for meta in rolls.meta], np.float32)[piece]
    group = _groups(tape, layout, start, index, alike)
    counts = np.bincount(piece, minlength=len(rolls.meta))[piece]
    weight = (
        kinds * np.where(present.sum(1) < min(2, len(layout.tracks)), SPARSE, 1.0) / np.sqrt(np.maximum(counts, 16))
    )
    weight *= np.where(sounds[np.clip(start[:, None] + np.arange(-32, 16, 4), 0, len(sounds) - 1)].any(1), 1.0, 0.5)
    weight *= rolls.weights[piece] / np.where(generated, 1.0, _genuine_weight(rolls))
    weight = _shared(weight, generated)
    texture = _textures(cells, layout, start, steps, piece, present, alike)
    return BarSet(
        layout, tape, start, steps, index, group, alike, present, np.full(len(start), genre), generated, bpm, texture,
        weight,
    )  # fmt: skip


def _genuine_weight(rolls: Rolls) -> float:
    """The factor of genuine pieces in the players' training; it is divided out here."""
    generated = np.array([bool(meta.get("derived")) for meta in rolls.meta])
    if not generated.any() or generated.all():
        return 1.0
    return float(rolls.weights[~generated].max() / rolls.weights[generated].max())


GENUINE_SHARE = 0.55


def _shared(weight: npt.NDArray[np.float64], generated: Flags) -> npt.NDArray[np.float64]:
    """Genuine bars have GENUINE_SHARE of the weight if there are both kinds."""
    if not generated.any() or generated.all():
        return weight / weight.sum()
    found = weight.copy()
    for rows, share in ((generated, 1 - GENUINE_SHARE), (~generated, GENUINE_SHARE)):
        found[rows] *= share / weight[rows].sum()
    return found


def _changes(rolls: Rolls) -> npt.NDArray[np.uint8]:
    moved = np.zeros(len(rolls.sheet), np.uint8)
    moved[1:] = (rolls.sheet[1:] != rolls.sheet[:-1]) & (rolls.sheet[1:] >= 0)
    return moved


def _whole_bars(phase: npt.NDArray[np.int8], piece: npt.NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Bar lines of bars that are whole, and their lengths."""
    found, lengths = [], []
    for line, steps in ((0, 16), (16, 12)):
        lines = np.flatnonzero(phase == line)
        lines = lines[lines + steps <= len(phase)]
        last = lines + steps - 1
        whole = (phase[last] == line + steps - 1) & (piece[lines] == piece[last])
        found.append(lines[whole])
        lengths.append(np.full(np.count_nonzero(whole), steps))
    start = np.concatenate(found)
    order = np.argsort(start)
    return start[order], np.concatenate(lengths)[order]


def _places(start: Ints, steps: Ints, piece: npt.NDArray[np.int32]) -> Ints:
    """Place of each bar in its run of bars of one length that follow each other in one piece."""
    goes_on = np.zeros(len(start), np.bool_)
    goes_on[1:] = (start[1:] == start[:-1] + steps[:-1]) & (steps[1:] == steps[:-1]) & (piece[1:] == piece[:-1])
    place = np.arange(len(start))
    found: Ints = place - np.maximum.accumulate(np.where(goes_on, 0, place))
    return found


def _alike(tape: Tape, layout: GrooveLayout, start: Ints, steps: Ints, index: Ints, part: int) -> Floats:
    """(bars, LAGS) likeness of a part to its own earlier bars; 0 if there is none."""
    found = np.zeros((len(start), len(LAGS)), np.float32)
    columns = onset_columns(layout, part)
    for length in (16, 12):
        for i, lag in enumerate(LAGS):
            rows = np.flatnonzero((steps == length) & (index >= lag))
            at = start[rows][:, None] + np.arange(length)
            found[rows, i] = likeness(tape.cells[at, columns], tape.cells[at - lag * length, columns])
    return found


def _present(
    cells: npt.NDArray[np.uint8], layout: GrooveLayout, start: Ints, steps: Ints, piece: npt.NDArray[np.int32]
) -> Flags:
    """(bars, tracks): whether the part sounds in the bars around."""
    found = np.zeros((len(start), len(layout.tracks)), np.bool_)
    rows = np.arange(len(start))
    for part, columns in enumerate(layout.columns):
        total = np.cumsum(np.pad(cells[:, columns].any(1).astype(np.int64), (1, 0)))
        sounds = total[start + steps] > total[start]
        for away in range(-NEAR, NEAR + 1):
            other = np.clip(rows + away, 0, len(rows) - 1)
            found[:, part] |= sounds[other] & (piece[other] == piece)
    return found


def _groups(tape: Tape, layout: GrooveLayout, start: Ints, index: Ints, alike: Floats) -> Ints:
    """Place of each bar in its group of eight: groups begin where crashes fall and after bars that depart."""
    if not len(index):
        return index
    run = np.cumsum(index == 0) - 1
    novelty = 1.0 - alike.max(2).mean(1)
    novelty[index < 4] = 0.3
    after = np.zeros(len(start))
    after[1:] = np.where(index[1:] > 0, np.maximum(novelty[:-1] - novelty[1:], 0.0), 0.0)
    score = after
    if layout.has_drums:
        score = score + tape.cells[start, CRASH]
    totals = np.zeros((run[-1] + 1, GROUP))
    np.add.at(totals, (run, index % GROUP), score)
    totals[:, 0] += 1.0  # where nothing tells, groups begin with the run
    found: Ints = (index - totals.argmax(1)[run]) % GROUP
    return found


def _textures(
    cells: npt.NDArray[np.uint8], layout: GrooveLayout, start: Ints, steps: Ints, piece: npt.NDArray[np.int32],
    present: Flags, alike: Floats,
) -> Ints:  # fmt: skip
    """(bars, tracks, TEXTURE): each part's texture in the bars of the piece around which it plays."""
    found = np.full((len(start), len(layout.tracks), len(TEXTURE)), UNKNOWN)
    for part, track in enumerate(layout.tracks):
        sums = _sums(cells[:, layout.columns[part]], track.kind == DRUMS)
        onsets, struck, held = (row[start + steps] - row[start] for row in sums)
        copies = np.asarray((alike[:, part] >= 1.0).any(1))
        for one in np.unique(piece):
            rows = np.flatnonzero((piece == one) & present[:, part])
            if len(rows):
                total, silent = steps[rows].sum(), (steps[rows] - struck[rows]).sum()
                density = 16.0 * onsets[rows].sum() / total
                found[piece == one, part] = texture_of(
                    track.kind, density, held[rows].sum() / max(1, silent), copies[rows].mean()
                )
    return found


def _sums(cells: npt.NDArray[np.uint8], drums: bool) -> Ints:
    """(3, steps + 1) running sums of a part's onsets, of the steps with one, and of those on which one is held."""
    begins = cells if drums else cells[:, :1]
    held = np.zeros(len(cells)) if drums else cells[:, 1]
    rows = np.stack([begins.sum(1), begins.any(1), held]).astype(np.int64)
    return np.cumsum(np.pad(rows, ((0, 0), (1, 0))), 1)


def textures(bars: BarSet) -> list[list[list[list[int]]]]:
    """Per genre and piece of `reference_pieces`: the textures of all tracks."""
    return [bars.texture[rows].tolist() for rows in reference_pieces(bars)]


def reference_pieces(bars: BarSet) -> list[Ints]:
    """Per genre the rows of the first bars of the pieces in whose textures a band may play.

    They are its genuine pieces (all pieces if there are none) that hold a groove, unless these are fewer than FEWEST.
    """
    found = []
    for genre in range(len(bars.layout.genres)):
        rows = bars.genre == genre
        rows = rows & ~bars.generated if (rows & ~bars.generated).any() else rows
        first = np.flatnonzero(rows & (bars.index == 0))
        grooves = first[_hold_a_groove(bars.layout, bars.texture[first])]
        found.append(grooves if len(grooves) >= FEWEST else first)
    return found


def _hold_a_groove(layout: GrooveLayout, texture: Ints) -> Flags:
    """(N,) whether drums and bass are not sparse, the drums repeat bars, and a part with chords holds them."""
    density, sustain, repetition = np.moveaxis(texture, 2, 0)
    found, chords = np.ones(len(texture), np.bool_), np.zeros(len(texture), np.bool_)
    for i, track in enumerate(layout.tracks):
        if track.kind == DRUMS:
            found &= (density[:, i] >= 1) & (repetition[:, i] >= 1)
        elif layout.has_drums and track.role == BASS:
            found &= density[:, i] >= 1
        elif track.kind == POLY:
            chords |= sustain[:, i] >= 1
    return found & chords if any(track.kind == POLY for track in layout.tracks) else found


def absent(bars: BarSet) -> list[list[float]]:
    """Per genre and track: the share of genuine bars around which the part is silent."""
    found = []
    for genre in range(len(bars.layout.genres)):
        rows = bars.genre == genre
        rows = rows & ~bars.generated if (rows & ~bars.generated).any() else rows
        share = np.average(bars.present[rows], 0, bars.weight[rows])
        found.append([round(1.0 - float(value), 3) for value in share])
    return found
