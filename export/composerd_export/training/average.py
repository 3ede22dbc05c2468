"""Averaged weights of a net in training (exponential moving average), and learning-rate schedules."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel

Tensors = tuple[Tensor, ...] | list[Tensor]

YOUNG = 20
"""constant of the decay's warm-up [updates]: the average follows more quickly at first"""
SLOWEST = 0.02
"""share of the learning rate at the end"""


def averaged(net: nn.Module, decay: float) -> AveragedModel:
    """A copy of `net` whose weights follow it: after n updates min(decay, n / (n + YOUNG)) of them stay at each."""

    def follow(average: Tensors, weights: Tensors, updates: Tensor | int) -> None:
        count = float(updates) + 1.0
        torch._foreach_lerp_(list(average), list(weights), 1.0 - min(decay, count / (count + YOUNG)))

    return AveragedModel(net, multi_avg_fn=follow)


def weights_of(average: AveragedModel) -> dict[str, Any]:
    """A copy of the averaged weights, by the names of the net's own."""
    return {name: value.clone() for name, value in average.module.state_dict().items()}


def restore(average: AveragedModel, weights: dict[str, Any], updates: int) -> None:
    """Restore the average after so many `updates`."""
    average.module.load_state_dict(weights)
    average.n_averaged.fill_(updates)


def schedule(optimiser: Optimizer, rate: float, factor: Callable[[int], float], updates: int = 0) -> LambdaLR:
    """The learning rate `rate` times `factor`(updates so far); call `step` after each update."""
    for group in optimiser.param_groups:
        group["initial_lr"] = rate
    return LambdaLR(optimiser, factor, last_epoch=updates - 1)


def linear(warm_up: int, total: int) -> Callable[[int], float]:
    """Rises to 1 over `warm_up` updates and falls in a line to SLOWEST at `total`."""
    return lambda updates: min(1.0, (updates + 1) / warm_up) * max(SLOWEST, 1.0 - updates / total)


def half_cosine(warm_up: int, total: int) -> Callable[[int], float]:
    """Rises to 1 over `warm_up` updates and falls in its second half as a cosine (Loshchilov & Hutter, 2017)."""

    def factor(updates: int) -> float:
        progress = updates / total
        fade = 1.0 if progress < 0.5 else 0.5 * (1 + math.cos(math.pi * (2 * progress - 1))) + SLOWEST
        return min(1.0, (updates + 1) / warm_up) * fade

    return factor
