"""Trains the harmonist's net."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from composerd.music.harmony.net import CHORDS, QUALITY_COUNT
from composerd_export.data.harmony.examples import ROOT_ONLY, STRETCH, UNKNOWN, Example, PreparedSong, drawn_examples
from composerd_export.nets.harmonist import TorchHarmonyNet
from composerd_export.training.average import schedule

ROOTS = torch.arange(CHORDS) // 3
COLOUR_SHARE = 0.25
"""weight of the colours' loss"""
HIDDEN_SHARE, NEAR_SHARE = 0.25, 0.15
"""shares of the steps with hidden slots, and of those with a horizon"""
HORIZONS = (4, 8, 16, 32)
"""lengths of the known future in training steps with a horizon [slots]"""
AVERAGED = 0.001
"""weight of the newest parameters in their moving average (1 / steps at the beginning)"""
BATCH = 12
REPORT_STEPS = 250


@dataclass(frozen=True, slots=True)
class Batch:
    """The examples of an update as tensors (B, STRETCH, ...)."""

    past: Tensor
    past_shown: Tensor
    future: Tensor
    target: Tensor
    quality: Tensor
    bass: Tensor
    style: Tensor


def collate(chosen: list[Example]) -> Batch:
    """The examples as one batch."""

    def stacked(name: str) -> Tensor:
        return torch.from_numpy(np.stack([getattr(one, name) for one in chosen]))

    style = stacked("style")[:, None].expand(-1, STRETCH, -1)
    return Batch(
        stacked("past"), stacked("past_shown"), stacked("future"), stacked("target"), stacked("quality"),
        stacked("bass"), style,
    )  # fmt: skip


def chord_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Mean cross-entropy over the slots whose chord, or root alone, is known [nats]."""
    logs = F.log_softmax(logits, -1)
    known, rooted = (target >= 0) & (target < ROOT_ONLY), target >= ROOT_ONLY
    exact = -logs.gather(-1, target.clamp(0, CHORDS - 1)[..., None])[..., 0]
    same = (target - ROOT_ONLY).clamp(0)[..., None] == ROOTS
    root = -torch.logsumexp(logs.masked_fill(~same, -1e4), -1)
    total: Tensor = (exact * known + root * rooted).sum() / (known | rooted).sum().clamp(1)
    return total


def losses(net: TorchHarmonyNet, batch: Batch, chance: float, horizon: int) -> Tensor:
    """The loss of one step. `chance` in [0, 1) chooses: some slots hidden; a future of `horizon` slots; all known."""
    if chance < HIDDEN_SHARE:
        live = net.fused(net.past_states(batch.past))
        return chord_loss(net.chords(live), batch.target) + COLOUR_SHARE * _colour_loss(net, live, batch)
    shown = net.past_states(batch.past_shown)
    live = net.fused(shown)
    total = chord_loss(net.chords(live), batch.target)
    if chance < HIDDEN_SHARE + NEAR_SHARE:
        known = net.fused(shown, _cut_future(net, batch.future, horizon))
    else:
        known = net.fused(shown, net.future_states(batch.future), whole=True)
    total = total + chord_loss(net.chords(known), batch.target)
    colour = _colour_loss(net, live, batch) + _colour_loss(net, known, batch)
    return total + COLOUR_SHARE * colour


def _cut_future(net: TorchHarmonyNet, rows: Tensor, horizon: int) -> Tensor:
    """States (B, T, width) of the future's tower with the tune cut into spans of `horizon` slots."""
    size, count, width = rows.shape
    cut = rows.reshape(size * count // horizon, horizon, width).clone()
    cut[..., -4:] = 0.0
    return net.future_states(cut).reshape(size, count, -1)


def _colour_loss(net: TorchHarmonyNet, state: Tensor, batch: Batch) -> Tensor:
    known = (batch.target >= 0) & (batch.target < ROOT_ONLY) | (batch.target >= ROOT_ONLY)
    chord = torch.where(batch.target >= ROOT_ONLY, 3 * (batch.target - ROOT_ONLY), batch.target.clamp(0))
    found = net.colour(state, chord.clamp(0, CHORDS - 1), batch.style)
    quality = torch.where(known, batch.quality, UNKNOWN)
    bass = torch.where(known, batch.bass, UNKNOWN)
    return F.cross_entropy(
        found[..., :QUALITY_COUNT].flatten(0, 1), quality.flatten(), ignore_index=UNKNOWN
    ) + F.cross_entropy(found[..., QUALITY_COUNT:].flatten(0, 1), bass.flatten(), ignore_index=UNKNOWN)


LAST_RATE = 1e-5
"""learning rate of the last update"""
Report = Callable[[int, float, TorchHarmonyNet], None]
"""called with the step, the mean loss of the last 200 steps, and the net"""


def train(
    net: TorchHarmonyNet,
    pieces: list[PreparedSong],
    steps: int,
    report: Report,
    size: int = BATCH,
    rate: float = 2e-3,
    seed: int = 0,
) -> TorchHarmonyNet:
    """Train `net` in place and give it the moving average of its weights; reproducible on one processor."""
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=0.03)
    examples = drawn_examples(pieces, size, seed)
    dice = np.random.default_rng(seed + 1)
    recent: list[float] = []
    average = AveragedModel(net, avg_fn=_averaged)
    rates = schedule(optimiser, rate, lambda step: _share(step, steps) + LAST_RATE / rate)
    for step in range(steps):
        net.train()
        batch = collate(next(examples))
        loss = losses(net, batch, float(dice.random()), int(dice.choice(HORIZONS)))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        rates.step()
        average.update_parameters(net)
        recent = [*recent[-199:], float(loss.detach())]
        if (step + 1) % REPORT_STEPS == 0 or step + 1 == steps:
            report(step + 1, sum(recent) / len(recent), net)
    net.load_state_dict(average.module.state_dict())
    return net


def _share(step: int, steps: int) -> float:
    """The learning rate's share: a rise over the first hundred updates, then a half cosine down to 0."""
    return min(1.0, step / 100 + 0.05) * (0.5 + 0.5 * math.cos(math.pi * step / steps))


def _averaged(average: Tensor, newest: Tensor, count: Tensor | int) -> Tensor:
    """The moving average: exponential, after a start with equal weights."""
    return average + (newest - average) * max(AVERAGED, 1.0 / (int(count) + 1))
