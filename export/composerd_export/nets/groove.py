"""The groove net: four small perceptrons that draw a band's plan per bar and its rhythm cells."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from composerd.contract.groove import BAND_BARS, DRUM_BARS, DRUM_STEPS, LINKS, QUESTIONS, GrooveLayout


@dataclass(frozen=True, slots=True)
class GrooveSize:
    """Hidden units of each perceptron, in the order of QUESTIONS, and the share of them dropped in training."""

    hidden: tuple[int, int, int, int] = (48, 96, 96, 160)
    dropout: float = 0.25


class Perceptron(nn.Module):
    """(N, inputs) to logits (N, outputs), with one residual layer."""

    def __init__(self, inputs: int, hidden: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.enter = nn.Linear(inputs, hidden)
        self.norm = nn.LayerNorm(hidden)
        self.middle = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, outputs)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        entered = self.enter(x)
        hidden = self.drop(functional.gelu(self.norm(entered), approximate="tanh"))
        found: Tensor = self.out(hidden + functional.gelu(self.middle(hidden), approximate="tanh"))
        return found


def chain_mask(layout: GrooveLayout, name: str) -> Tensor:
    """Mask: 1 if a logit may depend on a cell or plan that is decided before it."""
    mask = torch.zeros(layout.link_shape(name))
    if name == "drum_links":
        return torch.ones_like(mask).tril(-1)
    rows, columns, parts = (3, 2, len(layout.pitched)) if name == "band_links" else (9, 9, len(layout.tracks))
    for part in range(parts):
        mask[part * rows : (part + 1) * rows, : part * columns] = 1
    return mask


class GrooveNet(nn.Module):
    """Answers the questions of `contract.groove`."""

    def __init__(self, layout: GrooveLayout, size: GrooveSize) -> None:
        super().__init__()
        self.layout, self.size = layout, size
        self.nets = nn.ModuleDict({
            question: Perceptron(layout.inputs(question), hidden, layout.outputs(question), size.dropout)
            for question, hidden in zip(QUESTIONS, size.hidden, strict=True)
            if layout.has_drums or question not in (DRUM_BARS, DRUM_STEPS)
        })  # fmt: skip
        self.links = nn.ParameterDict({
            name: nn.Parameter(torch.zeros(layout.link_shape(name)))
            for name in LINKS if layout.has_drums or name != "drum_links"
        })  # fmt: skip
        for name in self.links:
            self.register_buffer(f"{name}_mask", chain_mask(layout, name), persistent=False)

    def link(self, name: str) -> Tensor:
        """(logits, cells) weights by which earlier decisions change later logits."""
        found: Tensor = self.links[name] * getattr(self, f"{name}_mask")
        return found

    def drum_logits(self, frames: Tensor, cells: Tensor) -> Tensor:
        """(N, drums) given the true cells (N, drums) of the step."""
        found: Tensor = self.nets[DRUM_STEPS](frames) + cells @ self.link("drum_links").T
        return found

    def band_logits(self, frames: Tensor, cells: Tensor) -> Tensor:
        """(N, 3 * parts) given the true onsets and holds (N, 2 * parts) of the step."""
        found: Tensor = self.nets["band_steps"](frames) + cells @ self.link("band_links").T
        return found

    def plan_logits(self, drum_frames: Tensor | None, band_frames: Tensor, plans: Tensor) -> Tensor:
        """(N, tracks, 9) given the true plans (N, tracks * 9) as one-hot."""
        logits = [self.nets[BAND_BARS](band_frames)]
        if drum_frames is not None:
            logits.insert(0, self.nets[DRUM_BARS](drum_frames))
        found = torch.cat(logits, 1) + plans @ self.link("plan_links").T
        return found.view(len(found), len(self.layout.tracks), -1)
