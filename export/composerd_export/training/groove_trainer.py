"""Trains the groove net: hyperparameters, losses of plans and of rhythm cells, validation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from composerd.contract.groove import BAND_BARS, CHOICES, DRUM_BARS
from composerd_export.data.bars import BarSet
from composerd_export.data.groove_examples import GrooveDraw, GrooveExamples, GrooveNoise, PlanExamples, StepExamples
from composerd_export.nets.groove import GrooveNet, GrooveSize
from composerd_export.training.small_trainer import SmallTrainer


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
    """mean share of each part's past notes that are missing in the input, and of those that are added"""
    seed: int = 1
    size: GrooveSize = field(default_factory=GrooveSize)


def plan_loss(net: GrooveNet, examples: PlanExamples) -> Tensor:
    """Mean loss of the plans of the parts that play [nats a plan]."""
    frames = {name: torch.from_numpy(rows) for name, rows in examples.frames.items()}
    truth = torch.from_numpy(examples.plans)
    told = functional.one_hot(truth, CHOICES).float().flatten(1)
    logits = net.plan_logits(frames.get(DRUM_BARS), frames[BAND_BARS], told)
    logits = logits.masked_fill(~torch.from_numpy(examples.possible)[:, None], -1e4)
    loss = functional.cross_entropy(logits.flatten(0, 1), truth.flatten(), reduction="none").view(truth.shape)
    weight = torch.from_numpy(examples.present.astype(np.float32)) + 0.02
    return (loss * weight).sum() / weight.sum()


def drum_loss(net: GrooveNet, examples: StepExamples) -> Tensor:
    """Mean loss of the drums' cells [nats a step]."""
    truth = torch.from_numpy(examples.cells[:, : net.layout.drums])
    weight = torch.from_numpy(examples.weight[:, 0])
    logits = net.drum_logits(torch.from_numpy(examples.frames), truth)
    loss = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none").sum(1)
    return (loss * weight).sum() / (weight.sum() + 1e-3)


def band_loss(net: GrooveNet, examples: StepExamples) -> Tensor:
    """Mean loss of the pitched parts' cells, summed over the parts [nats a step]."""
    layout = net.layout
    cells = torch.from_numpy(examples.cells[:, layout.drums :])
    weight = torch.from_numpy(examples.weight[:, layout.pitched[0] :])
    logits = net.band_logits(torch.from_numpy(examples.frames), cells).view(len(cells), len(layout.pitched), 3)
    truth = (2 * cells[:, 0::2] + cells[:, 1::2]).long()  # rest 0, hold 1, onset 2
    loss = functional.cross_entropy(logits.flatten(0, 1), truth.flatten(), reduction="none").view(truth.shape)
    return ((loss * weight).sum(0) / (weight.sum(0) + 1e-3)).sum()


def losses(net: GrooveNet, examples: GrooveExamples) -> dict[str, Tensor]:
    """Loss terms of plans, drums and band [nats]."""
    terms = {"plan": plan_loss(net, examples.plans)}
    if examples.drums is not None:
        terms["drums"] = drum_loss(net, examples.drums)
    terms["band"] = band_loss(net, examples.band)
    return terms


class GrooveTrainer(SmallTrainer[GrooveNet]):
    """Trains a groove net on the bars of a split."""

    def __init__(self, bars: BarSet, hyper: GrooveHyper) -> None:
        torch.manual_seed(hyper.seed)
        super().__init__(GrooveNet(bars.layout, hyper.size), hyper)
        noise = GrooveNoise(hyper.forget, hyper.moved)
        self._draw = GrooveDraw(bars, hyper.plan_bars, hyper.rows, np.cumsum(bars.weight), noise)

    def losses(self) -> dict[str, Tensor]:
        """Loss terms of plans, drums and band [nats]."""
        return losses(self.net, self._draw(self.rng))


def validate(net: GrooveNet, bars: BarSet, hyper: GrooveHyper, rounds: int = 4) -> dict[str, float]:
    """Mean losses on a split's genuine bars, the same ones every time, without noise [nats]."""
    rng, found = np.random.default_rng(7), dict[str, float]()
    chance = np.cumsum(bars.weight * ~bars.generated if (~bars.generated).any() else bars.weight)
    draw = GrooveDraw(bars, hyper.plan_bars, hyper.rows, chance, None)
    with torch.no_grad():
        for _ in range(rounds):
            for name, value in losses(net.eval(), draw(rng)).items():
                found[name] = found.get(name, 0.0) + float(value) / rounds
    return found
