"""Adversarial training: the discriminator's input, and the losses of both nets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from composerd.contract.frames import Window
from composerd.contract.layout import DRUMS, MONO, Layout, Track
from composerd.music.roll import ONSET, REST
from composerd_export.nets.discriminator import Discriminator
from composerd_export.training.losses import Teacher, kernel, mono_scores, mono_target, poly_targets, teach

Cells = tuple[npt.NDArray[np.uint8], ...]


def real_events(layout: Layout, truth: Cells) -> Tensor:
    """(B, T, events): the truth in the discriminator's format."""
    return torch.cat(
        [_real(track, teach(track, cells, cells)) for track, cells in zip(layout.tracks, truth, strict=True)], 2
    )


def _real(track: Track, teacher: Teacher) -> Tensor:
    if track.kind == DRUMS:
        return torch.from_numpy(teacher.target == ONSET).float()
    if track.kind == MONO:
        return functional.one_hot(torch.from_numpy(mono_target(teacher)), track.rows + 2).float()
    begins, struck = poly_targets(teacher)
    return torch.from_numpy(np.concatenate([struck, begins[..., None]], 2)).float()


def sampled_events(layout: Layout, logits: Tensor, window: Window, truth: Cells, weight: Tensor) -> Tensor:
    """(B, T, events): straight-through samples of the net where it decides (`weight` > 0), the truth elsewhere."""
    heard = {"melody": torch.from_numpy(np.where(window.melody_known, window.melody, REST))}
    parts = []
    for i, track in enumerate(layout.tracks):
        teacher = teach(track, truth[i], window.cells[i])
        drawn = _drawn(layout, track, logits, teacher, heard)
        decides = (weight[..., i : i + 1] > 0).float()
        parts.append(drawn * decides + _real(track, teacher) * (1 - decides))
        if track.kind != DRUMS:
            heard[track.name] = torch.from_numpy(teacher.lowest)
    return torch.cat(parts, 2)


def _drawn(layout: Layout, track: Track, logits: Tensor, teacher: Teacher, heard: dict[str, Tensor]) -> Tensor:
    columns = layout.output_columns
    if track.kind == DRUMS:
        return bernoulli(logits[..., columns[f"{track.name}.onset"]])
    if track.kind == MONO:
        scores = mono_scores(layout, track, logits, teacher, heard)
        return functional.gumbel_softmax(scores, tau=1.0, hard=True, dim=2)
    onset = logits[..., columns[f"{track.name}.onset"]] + kernel(layout, track, logits, heard, "onset")
    gate = bernoulli(logits[..., columns[f"{track.name}.gate"]])
    return torch.cat([bernoulli(onset) * gate, gate], 2)


def bernoulli(logits: Tensor) -> Tensor:
    """Bernoulli samples with a straight-through gradient (Bengio et al., 2013)."""
    chance = torch.sigmoid(logits)
    drawn = torch.bernoulli(chance.detach())
    return drawn + chance - chance.detach()


def _hinge(real: Tensor, fake: Tensor) -> Tensor:
    return functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()


def _wasserstein(real: Tensor, fake: Tensor) -> Tensor:
    return fake.mean() - real.mean()


DISCRIMINATOR_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"hinge": _hinge, "wasserstein": _wasserstein}
"""Losses of the discriminator by name; the generator's loss is minus the mean score of its output, for both."""


def gradient_penalty(discriminator: Discriminator, real: Tensor, fake: Tensor, context: Tensor) -> Tensor:
    """(|gradient| - 1)^2 at random points between real and fake bands (Gulrajani et al. 2017)."""
    mix = torch.rand(len(real), 1, 1)
    between = (mix * real + (1 - mix) * fake).detach().requires_grad_()
    scores, _ = discriminator(between, context)
    (slope,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    steepness: Tensor = slope.flatten(1).norm(dim=1)
    return ((steepness - 1) ** 2).mean()


def feature_distance(real: list[Tensor], fake: list[Tensor]) -> Tensor:
    """Mean absolute difference of the discriminator's features, averaged over the batch and time first."""
    gaps = [(one.mean((0, 2)) - other.mean((0, 2))).abs().mean() for one, other in zip(real, fake, strict=True)]
    return torch.stack(gaps).mean()
