"""The harmonist: a Bayesian filter over keys and chords that hears a melody and plans the chords under it.

States are 24 keys (12 major, then 12 minor) times the chords in use in a key. Chords change at cells (half bars in 4/4,
see `labelling.cell_lengths`) with transition tables by metrical strength; melody notes speak for chords through tables
relative to the key. All tables are learned per genre by `composerd-export fit-harmonist`. After Raphael & Stoddard
(2004), with a reactive decision: a chord is chosen when the note on its cell's first step has been heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.labelling import CHORD_COUNT, TONES, cell_lengths, chord_of
from composerd.music.metre import BarGrid
from composerd.music.roll import MelodyRoll

Floats = npt.NDArray[np.float64]

KEYS = 24
WEAK, HALF, LINE = range(3)
"""Metrical strength of a cell's first step: inside a half bar, on the half bar, on the bar line."""
STRONG_STEP, WEAK_STEP = range(2)
MEMORY_BARS, MEMORY_BLOCK = 8, 4
"""A decision hears at least this many bars back; the window moves on in blocks so that it can be cached."""
_FLOOR = 1e-9
_DICE = np.random.default_rng(7).gumbel(size=(61, CHORD_COUNT))
"""Chance's wish for each chord over the key's tonic, by beats: equal melodies have equal plans in every key."""
_RELATIVE = (
    np.arange(CHORD_COUNT) - np.arange(CHORD_COUNT) % 12 + (np.arange(CHORD_COUNT) - np.arange(12)[:, None]) % 12
)
"""(tonics, chords): each chord as it stands to a tonic."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts, exponents on its likelihood; tuned on validation pieces."""

    heard: float = 1.2
    """the note on a cell's first step, when the cell's chord is chosen"""
    strong: float = 0.35
    """a step on the beat"""
    weak: float = 0.25
    """a step off the beat"""
    kinship: float = 0.5
    """0 chooses the likeliest chord, 1 the chord that shares most notes with all the likely ones"""
    carry: float = 0.3
    """how firmly the chord chosen is believed afterwards"""
    modulate: float = 0.01
    """chance of a new key at a bar line"""
    inside: float = 0.3
    """bonus for chords that hold the melody's note"""
    same: float = 1.0
    """how much of its weight a step keeps on which the note of the step before goes on"""
    chance: float = 0.0
    """how far chance decides between good chords: the best one is the tonic more often than humans play it"""


@dataclass(frozen=True, slots=True, eq=False)
class HarmonyTables:
    """What was learned from a corpus. Axis of 2: major, minor. K chords relative to the key's tonic."""

    chords: npt.NDArray[np.int64]
    """(2, K) chord indices (see labelling) with root 0 = tonic"""
    start: Floats
    """(2, K) probabilities of a chord without a past"""
    first: Floats
    """(2, K) probabilities of a piece's first chord"""
    change: Floats
    """(2, 3, K, K) probabilities of the next chord by strength of the step it enters on"""
    melody: Floats
    """(2, 2, K, 12) probabilities of pitch classes above the tonic, for strong and weak steps"""
    modulation: Floats
    """(24, 24) probabilities of the next key, once the key changes"""
    per_beat: bool = False
    weights: Weights = Weights()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> HarmonyTables:
        """From stored tables: probabilities as `-log p * 24` in uint8. KeyError or ValueError where they do not fit."""
        weights = Weights(*(float(value) for value in arrays["weights"]))
        chords = arrays["chords"].astype(np.int64)
        keys, count = chords.shape
        shapes = {
            "first": (2, count),
            "start": (2, count),
            "change": (2, 3, count, count),
            "melody": (2, 2, count, 12),
            "modulation": (24, 24),
        }
        if keys != 2:
            raise ValueError(f"harmony tables: found {keys} modes, expected 2")
        arrays = {"first": arrays["start"], **arrays}  # tables of before there were first chords
        for name, shape in shapes.items():
            if arrays[name].shape != shape:
                raise ValueError(f"harmony tables: {name} has shape {arrays[name].shape}, expected {shape}")
        probabilities = {name: _normal(np.exp(arrays[name].astype(np.float64) / -24.0)) for name in shapes}
        return cls(chords, **probabilities, per_beat=bool(arrays["per_beat"]), weights=weights)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The inverse of `from_arrays`."""
        names = ("start", "first", "change", "melody", "modulation")
        packed = {name: np.clip(np.round(-24.0 * np.log(getattr(self, name) + _FLOOR)), 0, 255) for name in names}
        weights = np.array([getattr(self.weights, name) for name in Weights.__dataclass_fields__])
        return {
            "chords": self.chords.astype(np.uint8),
            "per_beat": np.array(self.per_beat),
            "weights": weights,
            **{name: values.astype(np.uint8) for name, values in packed.items()},
        }


def _normal(values: Floats) -> Floats:
    normal: Floats = values / values.sum(-1, keepdims=True)
    return normal


@dataclass(frozen=True, slots=True)
class Cell:
    """A span that one chord rules."""

    start: int
    length: int
    strength: int

    @property
    def end(self) -> int:
        return self.start + self.length


@lru_cache(maxsize=64)
def cells_between(grid: BarGrid, first: int, until: int, per_beat: bool) -> tuple[Cell, ...]:
    """The cells that begin in [bar line at or before `first`, until)."""
    cells, bar = [], grid.bar_line(first)
    while bar < until:
        step = bar
        for length in cell_lengths(grid.place(bar).metre, per_beat):
            if step < until:
                cells.append(Cell(step, length, strength_of(step - bar)))
            step += length
        bar = step
    return tuple(cells)


def strength_of(step_in_bar: int) -> int:
    return LINE if step_in_bar == 0 else HALF if step_in_bar % 8 == 0 or step_in_bar % 6 == 0 else WEAK


def _kinship() -> Floats:
    common = TONES @ TONES.T
    sizes = TONES.sum(1)
    shared: Floats = 2.0 * common / (sizes[:, None] + sizes[None])
    return shared


KINSHIP = _kinship()
"""(chords, chords): share of tones two chords have in common (Dice), 1 for the same."""
CLASHES = np.stack([TONES[:, (pitch + 1) % 12] + TONES[:, (pitch - 1) % 12] > 0 for pitch in range(12)])
"""(12, chords): whether a pitch class lies a semitone from a tone of the chord."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A chord index chosen at `step`, with its probability."""

    step: int
    chord: int
    certainty: float


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """What is believed after a cell, (24, K), and what was chosen in it, in order."""

    belief: Floats
    choices: tuple[_Choice, ...]


@dataclass(slots=True)
class _Past:
    """States of the cells that are wholly known, kept while the melody they came from is the same."""

    melody: MelodyRoll
    states: list[_State]


class Harmonist:
    """Plans chords. Equal input gives equal plans; what was computed for the past is kept for the next question."""

    def __init__(self, tables: HarmonyTables) -> None:
        self.tables = tables
        keys = np.arange(KEYS)
        tonic, mode = keys % 12, keys // 12
        relative = tables.chords[mode]
        self._chords = relative - relative % 12 + (relative + tonic[:, None]) % 12
        self._flat = self._chords.ravel()
        self._used = np.isin(np.arange(CHORD_COUNT), self._flat)
        pitches = (np.arange(12)[None] - tonic[:, None]) % 12
        log = np.log(tables.melody + _FLOOR)[mode]
        rows = np.take_along_axis(log, pitches[:, None, None, :], 3)
        self._speaks = np.ascontiguousarray(rows.transpose(1, 3, 0, 2).reshape(24, -1))
        self._change, self._start = tables.change, tables.start[mode]
        self._first = tables.first[mode] / KEYS
        self._modulation = tables.modulation
        self._past: dict[tuple[int, BarGrid], _Past] = {}
        self._whole: tuple[MelodyRoll, BarGrid, ChordPlan] | None = None

    def plan(self, melody: MelodyRoll, grid: BarGrid, step: int, until: int, whole: bool = False) -> ChordPlan:
        """The chords from the cell that holds `step` to a bar beyond `until`.

        Every step of `melody` before `melody.end` is known. A cell's chord is chosen with the note on its first step
        heard, where that is known, and is foretold where it is not. `whole`: the melody is complete and each chord is
        chosen knowing all of it.
        """
        last = grid.next_bar_line(grid.next_bar_line(max(until, step + 1) - 1))
        if whole:
            return _between(self._whole_plan(melody, grid, last), grid.bar_line(step), last)
        first = max(_block_start(grid, step), grid.bar_line(max(melody.first, 0)))
        cells = cells_between(grid, first, last, self.tables.per_beat)
        known = self._known(melody, grid, first, cells)
        states = known + self._foretold(known, cells[len(known) :])
        choices = [choice for state in states for choice in state.choices]
        key = int(states[max(0, len(known) - 1)].belief.sum(1).argmax())
        return _as_plan(choices, grid.bar_line(step), last, key)

    def _known(self, melody: MelodyRoll, grid: BarGrid, first: int, cells: tuple[Cell, ...]) -> list[_State]:
        """States of the cells whose every step is known, and of the one that is being played."""
        past = self._past.get((first, grid))
        states = _still_true(past, melody, cells) if past else []
        whole = [cell for cell in cells if cell.end <= melody.end]
        for cell in whole[len(states) :]:
            states.append(self._step(states[-1] if states else None, cell, melody))
        if len(self._past) > 4:
            self._past.clear()
        self._past[first, grid] = _Past(melody, list(states))
        if len(whole) < len(cells) and cells[len(whole)].start < melody.end:
            states.append(self._step(states[-1] if states else None, cells[len(whole)], melody))
        return states

    def _step(self, before: _State | None, cell: Cell, melody: MelodyRoll) -> _State:
        """One cell of the filter: foretell, choose with the first note heard, reconsider on beats, believe."""
        foretold = self._foretell(before, cell)
        heard = melody.window(cell.start, cell.end).pitch
        choices = [self._choose(foretold, _pitch_class(heard[0]), cell.start)]
        known = min(cell.end, melody.end) - cell.start
        for beat in range(4, min(known, cell.length), 4) if cell.length % 4 == 0 else ():
            if heard[beat] >= 0 and CLASHES[heard[beat] % 12, choices[-1].chord]:
                choices += self._reconsider(foretold, cell, heard[: beat + 1], choices[-1])
        belief = _share(foretold * _likelihood(self._evidence(heard)) + _FLOOR * _FLOOR)
        return _State(self._carried(belief, choices[-1].chord), tuple(choices))

    def _foretell(self, before: _State | None, cell: Cell) -> Floats:
        """Beliefs about a cell before anything of it is heard."""
        if before is None:
            return self._first if cell.start == 0 else self._start / KEYS
        count = before.belief.shape[1]
        moved = before.belief.reshape(2, 12, count) @ self._change[:, cell.strength]
        rate = self.tables.weights.modulate if cell.strength == LINE else 0.0
        if not rate:
            return moved.reshape(KEYS, count)
        keys = before.belief.sum(1) @ self._modulation
        result: Floats = (1 - rate) * moved.reshape(KEYS, count) + rate * keys[:, None] * self._start
        return result

    def _evidence(self, heard: npt.NDArray[np.int16]) -> Floats:
        """Log likelihood (24, K) of the melody's steps in a cell, weighted."""
        weights = self.tables.weights
        counts = np.zeros((2, 12))
        before = -1
        for offset, pitch in enumerate(heard.tolist()):
            if pitch >= 0:
                kind = STRONG_STEP if offset % 4 == 0 else WEAK_STEP
                weight = weights.weak if kind else weights.strong
                counts[kind, pitch % 12] += weight if pitch != before else weight * weights.same
            before = pitch
        likelihood: Floats = (counts.reshape(24) @ self._speaks).reshape(self._chords.shape)
        return likelihood

    def _choose(self, belief: Floats, pitch_class: int | None, step: int) -> _Choice:
        if pitch_class is not None:
            spoken = self._speaks[pitch_class].reshape(self._chords.shape)
            belief = _share(belief * _likelihood(self.tables.weights.heard * spoken) + _FLOOR * _FLOOR)
        return self._best(belief, pitch_class, step)

    def _best(self, belief: Floats, pitch_class: int | None, step: int) -> _Choice:
        weights = self.tables.weights
        likely = np.bincount(self._flat, belief.ravel(), CHORD_COUNT)
        worth = (1 - weights.kinship) * likely + weights.kinship * (likely @ KINSHIP)
        if pitch_class is not None:
            worth = worth + weights.inside * (TONES[:, pitch_class] - CLASHES[pitch_class])
        if weights.chance:
            worth = np.log(np.maximum(worth, _FLOOR)) + np.log(likely + _FLOOR)
            tonic = int(belief.sum(1).argmax()) % 12
            worth = worth + weights.chance * _DICE[step // 4 % len(_DICE), _RELATIVE[tonic]]
        chord = int(np.where(self._used, worth, -np.inf).argmax())
        return _Choice(step, chord, float(likely[chord]))

    def _reconsider(
        self, foretold: Floats, cell: Cell, heard: npt.NDArray[np.int16], standing: _Choice
    ) -> list[_Choice]:
        """A new chord from the last heard beat on, where one fits the melody and the standing one does not."""
        belief = _share(foretold * _likelihood(self._evidence(heard)) + _FLOOR * _FLOOR)
        choice = self._choose(belief, int(heard[-1]) % 12, cell.start + len(heard) - 1)
        fits = not CLASHES[heard[-1] % 12, choice.chord] and choice.chord != standing.chord
        return [choice] if fits else []

    def _carried(self, belief: Floats, chord: int) -> Floats:
        """The belief after `chord` has been played: what follows, follows from it."""
        carry = self.tables.weights.carry
        played = belief * (self._chords == chord)
        total = played.sum()
        return belief if total < _FLOOR else (1 - carry) * belief + carry / total * played

    def _foretold(self, known: list[_State], cells: tuple[Cell, ...]) -> list[_State]:
        """The likeliest way on, each chord given the one before."""
        states: list[_State] = []
        before = known[-1] if known else None
        for cell in cells:
            foretold = self._foretell(before, cell)
            choice = self._best(foretold, None, cell.start)
            played = foretold * (self._chords == choice.chord)
            before = _State(_share(0.2 * foretold + 0.8 * played / max(played.sum(), _FLOOR)), (choice,))
            states.append(before)
        return states

    def _whole_plan(self, melody: MelodyRoll, grid: BarGrid, last: int) -> ChordPlan:
        if (
            self._whole is None
            or self._whole[1] != grid
            or not _same(self._whole[0], melody)
            or _end(self._whole[2]) < last
        ):
            end = max(last, melody.end)
            self._whole = melody, grid, self._best_path(melody, grid, end)
        return self._whole[2]

    def _best_path(self, melody: MelodyRoll, grid: BarGrid, end: int) -> ChordPlan:
        """The chords worth most in each cell, by forward-backward over the whole melody."""
        cells = cells_between(grid, 0, end, self.tables.per_beat)
        heard = [melody.window(cell.start, cell.end).pitch for cell in cells]
        seen = [_likelihood(self._whole_evidence(pitches)) for pitches in heard]
        beliefs = self._smoothed(cells, seen)
        choices: list[_Choice] = []
        for cell, belief, pitches in zip(cells, beliefs, heard, strict=True):
            choices.append(self._best(belief, _pitch_class(pitches[0]), cell.start))
        keys = sum(belief.sum(1) for belief in beliefs)
        return _as_plan(choices, 0, end, int(np.argmax(keys)))

    def _whole_evidence(self, heard: npt.NDArray[np.int16]) -> Floats:
        evidence, first = self._evidence(heard), _pitch_class(heard[0])
        if first is None:
            return evidence
        spoken: Floats = self._speaks[first].reshape(evidence.shape)
        return evidence + 0.5 * self.tables.weights.heard * spoken

    def _smoothed(self, cells: tuple[Cell, ...], seen: list[Floats]) -> list[Floats]:
        """Beliefs (24, K) about every cell, given what was seen of all of them."""
        ahead: list[Floats] = []
        before: _State | None = None
        for cell, likelihood in zip(cells, seen, strict=True):
            ahead.append(_share(self._foretell(before, cell) * likelihood + _FLOOR * _FLOOR))
            before = _State(ahead[-1], ())
        later = np.ones_like(seen[-1])
        beliefs = [ahead[-1]]
        for index in range(len(cells) - 2, -1, -1):
            later = self._look_back(later * seen[index + 1], cells[index + 1])
            later = later / later.max()
            beliefs.append(_share(ahead[index] * later + _FLOOR * _FLOOR))
        return beliefs[::-1]

    def _look_back(self, later: Floats, cell: Cell) -> Floats:
        """`_foretell` transposed: how well each state before `cell` leads to what follows."""
        count = later.shape[1]
        stayed = later.reshape(2, 12, count) @ self._change[:, cell.strength].transpose(0, 2, 1)
        rate = self.tables.weights.modulate if cell.strength == LINE else 0.0
        entered = self._modulation @ (self._start * later).sum(1)
        result: Floats = (1 - rate) * stayed.reshape(KEYS, count) + rate * entered[:, None]
        return result


def _likelihood(logs: Floats) -> Floats:
    values: Floats = np.exp(logs - logs.max())
    return values


def _between(plan: ChordPlan, first: int, last: int) -> ChordPlan:
    chords = tuple(chord for chord in plan.chords if chord.end > first and chord.step < last)
    return ChordPlan(chords, plan.key, plan.minor)


def _as_plan(choices: list[_Choice], first: int, last: int, key: int) -> ChordPlan:
    """The chords that sound in [first, last). Equal ones in a row stay apart: each is a decision of its own."""
    ends = [choice.step for choice in choices[1:]] + [last]
    chords = tuple(
        PlannedChord(choice.step, end - choice.step, chord_of(choice.chord), round(min(1.0, choice.certainty), 6))
        for choice, end in zip(choices, ends, strict=True)
        if end > max(first, choice.step)
    )
    return ChordPlan(chords, key % 12, key >= 12)


def _still_true(past: _Past, melody: MelodyRoll, cells: tuple[Cell, ...]) -> list[_State]:
    """The kept states whose cells the melody still says the same about."""
    kept = past.states
    if not kept:
        return []
    first, end = cells[0].start, min(cells[min(len(kept), len(cells)) - 1].end, melody.end)
    old, new = past.melody.window(first, end).pitch, melody.window(first, end).pitch
    differs = np.flatnonzero(old != new)
    if len(differs):
        end = first + int(differs[0])
    return kept[: sum(1 for cell in cells[: len(kept)] if cell.end <= end)]


def _same(one: MelodyRoll, other: MelodyRoll) -> bool:
    return one is other or (one.first == other.first and np.array_equal(one.pitch, other.pitch))


def _end(plan: ChordPlan) -> int:
    return plan.chords[-1].end if plan.chords else 0


def _block_start(grid: BarGrid, step: int) -> int:
    """The bar line that memory begins at: in whole blocks, MEMORY_BARS or more before `step`."""
    bar = max(0, grid.place(step).bar - MEMORY_BARS) // MEMORY_BLOCK * MEMORY_BLOCK
    first, since, metre = next(change for change in reversed(grid.changes) if change[1] <= bar)
    return int(first + (bar - since) * metre.bar_steps)


def _pitch_class(pitch: int) -> int | None:
    return int(pitch) % 12 if pitch >= 0 else None


def _share(values: Floats) -> Floats:
    share: Floats = values / values.sum()
    return share
