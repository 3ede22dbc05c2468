"""The discriminator: the whole band over patches of time, beside the melody, the plan and the place in the bar."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from composerd.contract.layout import DRUMS, MONO, Layout, Track

CHANNELS = 160


def event_width(track: Track) -> int:
    """Channels of a part's events: pitches, hold and rest (mono); notes and an onset flag (poly); drums."""
    if track.kind == DRUMS:
        return track.rows
    return track.rows + (2 if track.kind == MONO else 1)


def context_width(layout: Layout) -> int:
    """The first columns of a frame: melody, phase and plan."""
    plan = next(block for block in layout.inputs if block.name == "plan")
    return plan.start + plan.size


class Discriminator(nn.Module):
    """Events (B, T, sum of event widths) and context (B, T, context_width) to scores (B, T / 4) and features."""

    def __init__(self, layout: Layout, spectral: bool = True) -> None:
        super().__init__()
        width = context_width(layout) + sum(event_width(track) for track in layout.tracks)
        sizes = [(width, 3, 1), (CHANNELS, 4, 2), (CHANNELS, 4, 2), (CHANNELS, 3, 1)]
        keep = spectral_norm if spectral else _same
        self.layers = nn.ModuleList(
            keep(nn.Conv1d(inputs, CHANNELS, kernel, stride, padding=1)) for inputs, kernel, stride in sizes
        )
        self.score = keep(nn.Conv1d(CHANNELS, 1, 3, padding=1))

    def forward(self, events: Tensor, context: Tensor) -> tuple[Tensor, list[Tensor]]:
        hidden, features = torch.cat([context, events], 2).transpose(1, 2), []
        for layer in self.layers:
            hidden = functional.leaky_relu(layer(hidden), 0.2)
            features.append(hidden)
        return self.score(hidden)[:, 0], features


def _same(module: nn.Module) -> nn.Module:
    return module
