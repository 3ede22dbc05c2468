"""Trains the groove net on plans and cells of random bars, with the inputs of a performance."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

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
from composerd_export.nets.groove import GrooveNet, GrooveSize
from composerd_export.training.disturbance import displace
from composerd_export.training.small_trainer import SmallTrainer

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
FARTHEST = 18
"""Longest past in the net's input [bars]."""
YOUNG = 0.25
"""Share of bars drawn in the first HISTORY bars of their performance."""
HEARD_NOW, HEARD_LATER = 0.7, 8
"""Share of steps whose melody is known when their cells are drawn; others are drawn up to HEARD_LATER earlier."""
DRUMS_NOW, DRUMS_LATER = 0.3, 24
"""The same of drums, which are drawn up to a bar and a half ahead."""


@dataclass(frozen=True, slots=True)
class GrooveHyper:
    """Hyperparameters of a groove training."""

    epochs: int = 8
    epoch_updates: int = 100
    plan_bars: int = 320
    """bars an update, for the plans"""
    rows: int = 2048
    """steps an update, for the cells of drums and of the band each"""
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    forget: float = 0.25
    """probability that a block of the input (its latest past, a bar ago, the melody, ...) is zeroed"""
    moved: float = 0.15
    """mean share of the past's notes that stand on another step in the input"""
    seed: int = 1
    size: GrooveSize = field(default_factory=GrooveSize)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Bars of performances that began somewhere before them."""

    rows: Ints
    since: Ints
    plans: Ints
    """(N, tracks)"""
    bars: Bars


def draw(bars: BarSet, count: int, rng: np.random.Generator, chance: npt.NDArray[np.float64]) -> Drawn:
    """`count` random bars; `chance` is the running sum of their weights."""
    rows = np.minimum(np.searchsorted(chance, rng.random(count) * chance[-1]), len(bars) - 1)
    index = bars.index[rows]
    young = rng.random(count) < YOUNG
    age = np.where(young, rng.integers(0, 9, count), FARTHEST)
    since = np.maximum(index - age, 0)
    return Drawn(rows, since, bars.plans(rows, since), bars.bars(rows, since))


def plan_loss(net: GrooveNet, bars: BarSet, drawn: Drawn) -> Tensor:
    """Mean loss of the plans of the parts that play [nats a plan]."""
    past = bars.past_plans(drawn.rows, drawn.since)
    frames = {
        name: torch.from_numpy(bar_frames(net.layout, name, bars.tape, drawn.bars, past))
        for name in (DRUM_BARS, BAND_BARS) if name in net.nets
    }  # fmt: skip
    truth = torch.from_numpy(drawn.plans)
    told = functional.one_hot(truth, CHOICES).float().flatten(1)
    logits = net.plan_logits(frames.get(DRUM_BARS), frames[BAND_BARS], told)
    logits = logits.masked_fill(~torch.from_numpy(possible(drawn.bars))[:, None], -1e4)
    loss = functional.cross_entropy(logits.flatten(0, 1), truth.flatten(), reduction="none").view(truth.shape)
    weight = torch.from_numpy(bars.present[drawn.rows].astype(np.float32)) + 0.02
    return (loss * weight).sum() / weight.sum()


def possible(bars: Bars) -> npt.NDArray[np.bool_]:
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
    plans: Ints
    cells: Tensor
    """(N, width) the truth"""
    weight: Tensor
    """(N, tracks): 1 if the part plays and the bar is no copy, else 0"""


def steps_of(bars: BarSet, drawn: Drawn, parts: slice, count: int, rng: np.random.Generator) -> Steps:
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
        drawn.bars.pick(row), place, drawn.plans[row], torch.from_numpy(cells.astype(np.float32)),
        torch.from_numpy(counts[row].astype(np.float32)),
    )  # fmt: skip


def heard(steps: Steps, now: float, later: int, rng: np.random.Generator) -> Ints:
    """(N,): the step up to which the melody is known when each step is decided."""
    at = steps.bars.start + steps.place
    count = len(at)
    return np.where(rng.random(count) < now, at + 1, at + 1 - rng.integers(1, later + 1, count))


def seen(frames: Floats, blocks: list[int], hyper: GrooveHyper, rng: np.random.Generator) -> Tensor:
    """The frames as a net in training gets them: cells of the past displaced, blocks zeroed by chance.

    `blocks` are those of `step_blocks`, of which the first and every other one from the fourth on hold cells.
    """
    ends, columns = np.cumsum(blocks), blocks[0] // REACH
    for i in (0, *range(3, len(blocks), 2)):
        displace(frames[:, ends[i] - blocks[i] : ends[i]], columns, hyper.moved, rng)
    return forgotten(frames, blocks, hyper.forget, rng)


def forgotten(frames: Floats, blocks: list[int], chance: float, rng: np.random.Generator) -> Tensor:
    """The frames with some of their blocks (`blocks`: numbers of columns, from the first on) zeroed at random."""
    kept = rng.random((len(frames), len(blocks))) >= chance
    frames[:, : sum(blocks)] *= np.repeat(kept, blocks, 1)
    return torch.from_numpy(frames)


def drum_loss(net: GrooveNet, bars: BarSet, drawn: Drawn, hyper: GrooveHyper, rng: np.random.Generator) -> Tensor:
    """Mean loss of the drums' cells [nats a step]."""
    steps = steps_of(bars, drawn, slice(0, 1), hyper.rows, rng)
    known = heard(steps, DRUMS_NOW, DRUMS_LATER, rng)
    frames = step_frames(net.layout, DRUM_STEPS, bars.tape, steps.bars, steps.place, known, steps.plans)
    truth = steps.cells[:, : net.layout.drums]
    shown = seen(frames, step_blocks(net.layout, DRUM_STEPS), hyper, rng) if net.training else torch.from_numpy(frames)
    logits = net.drum_logits(shown, truth)
    loss = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none").sum(1)
    return (loss * steps.weight[:, 0]).sum() / (steps.weight[:, 0].sum() + 1e-3)


def band_loss(net: GrooveNet, bars: BarSet, drawn: Drawn, hyper: GrooveHyper, rng: np.random.Generator) -> Tensor:
    """Mean loss of the pitched parts' cells, summed over the parts [nats a step]."""
    layout = net.layout
    pitched = slice(layout.pitched[0], len(layout.tracks))
    steps = steps_of(bars, drawn, pitched, hyper.rows, rng)
    known = heard(steps, HEARD_NOW, HEARD_LATER, rng)
    frames = step_frames(layout, BAND_STEPS, bars.tape, steps.bars, steps.place, known, steps.plans)
    cells = steps.cells[:, layout.drums :]
    shown = seen(frames, step_blocks(layout, BAND_STEPS), hyper, rng) if net.training else torch.from_numpy(frames)
    logits = net.band_logits(shown, cells).view(len(cells), len(layout.pitched), 3)
    truth = (2 * cells[:, 0::2] + cells[:, 1::2]).long()  # rest 0, hold 1, onset 2
    loss = functional.cross_entropy(logits.flatten(0, 1), truth.flatten(), reduction="none").view(truth.shape)
    weight = steps.weight[:, pitched]
    return ((loss * weight).sum(0) / (weight.sum(0) + 1e-3)).sum()


class GrooveTrainer(SmallTrainer[GrooveNet]):
    """Trains a groove net on the bars of a split."""

    def __init__(self, bars: BarSet, hyper: GrooveHyper) -> None:
        torch.manual_seed(hyper.seed)
        super().__init__(GrooveNet(bars.layout, hyper.size), hyper)
        self.bars, self.hyper = bars, hyper
        self._chance = np.cumsum(bars.weight)

    def losses(self) -> dict[str, Tensor]:
        """Loss terms of plans, drums and band [nats]."""
        drawn = draw(self.bars, self.hyper.plan_bars, self.rng, self._chance)
        return losses(self.net, self.bars, drawn, self.hyper, self.rng, self._chance)


def losses(
    net: GrooveNet, bars: BarSet, drawn: Drawn, hyper: GrooveHyper, rng: np.random.Generator,
    chance: npt.NDArray[np.float64],
) -> dict[str, Tensor]:  # fmt: skip
    """Loss terms: of the plans of `drawn`, and of the cells of these and further bars [nats]."""
    more = draw(bars, 2 * hyper.plan_bars, rng, chance)
    terms = {"plan": plan_loss(net, bars, drawn)}
    if net.layout.has_drums:
        terms["drums"] = drum_loss(net, bars, more, hyper, rng)
    terms["band"] = band_loss(net, bars, more, hyper, rng)
    return terms


def validate(net: GrooveNet, bars: BarSet, hyper: GrooveHyper, rounds: int = 4) -> dict[str, float]:
    """Mean losses on a split's genuine bars, the same ones every time [nats]."""
    rng, found = np.random.default_rng(7), dict[str, float]()
    chance = np.cumsum(bars.weight * ~bars.generated if (~bars.generated).any() else bars.weight)
    with torch.no_grad():
        for _ in range(rounds):
            drawn = draw(bars, hyper.plan_bars, rng, chance)
            for name, value in losses(net.eval(), bars, drawn, hyper, rng, chance).items():
                found[name] = found.get(name, 0.0) + float(value) / rounds
    return found
