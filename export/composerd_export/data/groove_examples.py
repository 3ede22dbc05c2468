"""Draws training examples of the groove net: random bars and single steps of them, with the inputs of a performance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.contract.groove import (
    BAND_BARS,
    BAND_STEPS,
    CHOICES,
    COPY,
    DRUM_BARS,
    DRUM_STEPS,
    REACH,
    VARY,
    Bars,
    bar_frames,
    step_blocks,
    step_frames,
)  # fmt: skip
from composerd_export.data.bars import BarSet
from composerd_export.data.disturbance import displace

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
FARTHEST = 18
"""Longest past in the net's input [bars]."""
YOUNG = 0.4
"""Share of bars drawn among the first nine of their performance."""
FIRST = 0.35
"""Least share of these that are its very first bar, which later ones copy."""
HEARD_NOW, HEARD_LATER = 0.7, 8
"""Share of steps whose melody is known when their cells are drawn; others are drawn up to HEARD_LATER earlier."""
DRUMS_NOW, DRUMS_LATER = 0.3, 24
"""The same of drums, which are drawn up to a bar and a half ahead."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnBars:
    """Bars of performances that began at them or before."""

    rows: Ints
    """(N,) indices of the bars in their set"""
    since: Ints
    """(N,) places in their runs at which the performances began"""
    plans: Ints
    """(N, tracks)"""
    bars: Bars


def draw_bars(bars: BarSet, count: int, rng: np.random.Generator, chance: npt.NDArray[np.float64]) -> DrawnBars:
    """`count` random bars; `chance` is the running sum of their weights."""
    rows = np.minimum(np.searchsorted(chance, rng.random(count) * chance[-1]), len(bars) - 1)
    index = bars.index[rows]
    young = rng.random(count) < YOUNG
    age = np.where(young, rng.integers(0, 9, count) * (rng.random(count) >= FIRST), FARTHEST)
    since = np.maximum(index - age, 0)
    return DrawnBars(rows, since, bars.plans(rows, since), bars.bars(rows, since))


@dataclass(frozen=True, slots=True, eq=False)
class PlanExamples:
    """Bars whose plans are learned."""

    frames: dict[str, Floats]
    """the net's input: BAND_BARS, and DRUM_BARS of a band with drums"""
    plans: Ints
    """(N, tracks) the truth"""
    possible: npt.NDArray[np.bool_]
    """(N, CHOICES)"""
    present: npt.NDArray[np.bool_]
    """(N, tracks): whether the part plays"""


@dataclass(frozen=True, slots=True, eq=False)
class StepExamples:
    """Steps whose rhythm cells are learned."""

    frames: Floats
    cells: Floats
    """(N, width) the truth"""
    weight: Floats
    """(N, tracks): 1 if the part plays and the bar is no copy, else 0"""


@dataclass(frozen=True, slots=True, eq=False)
class GrooveExamples:
    """What one update learns from."""

    plans: PlanExamples
    drums: StepExamples | None
    """None in a band without drums"""
    band: StepExamples


@dataclass(frozen=True, slots=True)
class GrooveNoise:
    """How the input of steps differs from a genuine past."""

    forget: float
    """probability that a block of the input (its latest past, a bar ago, the melody, ...) is zeroed"""
    moved: float
    """mean share of each part's past notes that are missing, and of those that are added"""


class GrooveDraw:
    """Draws the examples of an update: `plan_bars` bars for the plans, and up to `rows` steps of drums and of the band.

    `chance` is the running sum of the bars' weights; without `noise` the input is the genuine past.
    """

    def __init__(
        self, bars: BarSet, plan_bars: int, rows: int, chance: npt.NDArray[np.float64], noise: GrooveNoise | None
    ) -> None:
        self._bars, self._plan_bars, self._rows, self._chance, self._noise = bars, plan_bars, rows, chance, noise

    def __call__(self, rng: np.random.Generator) -> GrooveExamples:
        layout = self._bars.layout
        drawn = draw_bars(self._bars, self._plan_bars, rng, self._chance)
        more = draw_bars(self._bars, 2 * self._plan_bars, rng, self._chance)
        drums = None
        if layout.has_drums:
            drums = self._steps(DRUM_STEPS, more, slice(0, 1), DRUMS_NOW, DRUMS_LATER, rng)
        pitched = slice(layout.pitched[0], len(layout.tracks))
        band = self._steps(BAND_STEPS, more, pitched, HEARD_NOW, HEARD_LATER, rng)
        return GrooveExamples(plan_examples(self._bars, drawn), drums, band)

    def _steps(
        self, question: str, drawn: DrawnBars, parts: slice, now: float, later: int, rng: np.random.Generator
    ) -> StepExamples:
        layout, tape = self._bars.layout, self._bars.tape
        steps = steps_of(self._bars, drawn, parts, self._rows, rng)
        known = melody_known_until(steps, now, later, rng)
        frames = step_frames(layout, question, tape, steps.bars, steps.place, known, steps.plans)
        if self._noise is not None:
            add_noise(frames, step_blocks(layout, question), self._noise, rng)
        return StepExamples(frames, steps.cells, steps.weight)


def plan_examples(bars: BarSet, drawn: DrawnBars) -> PlanExamples:
    """The drawn bars with the input from which their plans are to be told."""
    past = bars.past_plans(drawn.rows, drawn.since)
    questions = (DRUM_BARS, BAND_BARS) if bars.layout.has_drums else (BAND_BARS,)
    frames = {name: bar_frames(bars.layout, name, bars.tape, drawn.bars, past) for name in questions}
    return PlanExamples(frames, drawn.plans, possible_plans(drawn.bars), bars.present[drawn.rows])


def possible_plans(bars: Bars) -> npt.NDArray[np.bool_]:
    """(N, CHOICES): the plans that are possible given the known past."""
    lags = bars.lags
    found = np.ones((len(lags), CHOICES), np.bool_)
    found[:, COPY:VARY], found[:, VARY:] = lags, lags
    return found


def _is_copy(plans: Ints) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = (plans >= COPY) & (plans < VARY)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Single steps of drawn bars."""

    bars: Bars
    place: Ints
    """(N,) in the bar"""
    plans: Ints
    cells: Floats
    """(N, width) the truth"""
    weight: Floats
    """(N, tracks): 1 if the part plays and the bar is no copy, else 0"""


def steps_of(bars: BarSet, drawn: DrawnBars, parts: slice, count: int, rng: np.random.Generator) -> Steps:
    """Up to `count` steps of those bars in which one of the `parts` plays something that is no copy."""
    counts = bars.present[drawn.rows] & ~_is_copy(drawn.plans)
    chosen = np.flatnonzero(counts[:, parts].any(1))
    row = np.repeat(chosen, drawn.bars.steps[chosen])
    first = np.cumsum(drawn.bars.steps[chosen]) - drawn.bars.steps[chosen]
    place = np.arange(len(row)) - np.repeat(first, drawn.bars.steps[chosen])
    keep = rng.permutation(len(row))[:count]
    row, place = row[keep], place[keep]
    cells = bars.tape.cells[drawn.bars.start[row] + place]
    return Steps(
        drawn.bars.pick(row), place, drawn.plans[row], cells.astype(np.float32), counts[row].astype(np.float32)
    )


def melody_known_until(steps: Steps, now: float, later: int, rng: np.random.Generator) -> Ints:
    """(N,): the end of the known melody when each step is decided [steps].

    A share `now` of the steps knows its own melody note; the others are decided 1 to `later` steps earlier.
    """
    at = steps.bars.start + steps.place
    count = len(at)
    return np.where(rng.random(count) < now, at + 1, at + 1 - rng.integers(1, later + 1, count))


def add_noise(frames: Floats, blocks: list[int], noise: GrooveNoise, rng: np.random.Generator) -> None:
    """Displace cells of the past and zero blocks by chance, in place.

    `blocks` are those of `step_blocks`, of which the first and every other one from the fourth on hold cells.
    """
    ends, columns = np.cumsum(blocks), blocks[0] // REACH
    lost, gained = 2 * noise.moved * rng.random((2, len(frames), 1, columns), np.float32)
    for i in (0, *range(3, len(blocks), 2)):
        displace(frames[:, ends[i] - blocks[i] : ends[i]], columns, lost, gained, rng)
    zero_blocks(frames, blocks, noise.forget, rng)


def zero_blocks(frames: Floats, blocks: list[int], chance: float, rng: np.random.Generator) -> None:
    """Zero some blocks (`blocks`: numbers of columns, from the first on) of each row at random, in place."""
    kept = rng.random((len(frames), len(blocks))) >= chance
    frames[:, : sum(blocks)] *= np.repeat(kept, blocks, 1)
