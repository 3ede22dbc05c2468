"""The two families of players: U-Net, and MuseGAN (Dong et al., 2018) with noise and a small decoder per part."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from composerd.contract.layout import PART_NOISE, SHARED_NOISE, Layout
from composerd_export.nets.trunk import Trunk, TrunkSize

FAMILIES = ("musegan", "unet")
HEAD = 96
"""Hidden channels of a part's own decoder."""


class UNet(nn.Module):
    """Frames (B, T, width) to logits (B, T, out_width)."""

    family = "unet"

    def __init__(self, layout: Layout, size: TrunkSize) -> None:
        super().__init__()
        self.layout, self.size = layout, size
        self.trunk = Trunk(layout.width, size)
        self.out = nn.Conv1d(size.widths[0], layout.out_width, 1)

    def forward(self, frames: Tensor, noise: Tensor | None = None) -> Tensor:  # noqa: ARG002  # called like MuseGan
        features: Tensor = self.out(self.trunk(frames.transpose(1, 2)))
        return features.transpose(1, 2)


class MuseGan(nn.Module):
    """A trunk with noise shared by all parts, and a decoder per part with noise of its own (B, T, noise_width)."""

    family = "musegan"

    def __init__(self, layout: Layout, size: TrunkSize) -> None:
        super().__init__()
        self.layout, self.size = layout, size
        self.trunk = Trunk(layout.width + SHARED_NOISE, size)
        widths = [layout.out_columns_of(track) for track in layout.tracks]
        self.parts = nn.ModuleList(nn.Conv1d(size.widths[0] + PART_NOISE, HEAD, 1) for _ in widths)
        self.heads = nn.ModuleList(nn.Conv1d(HEAD, column.stop - column.start, 1) for column in widths)
        self.straight = nn.Conv1d(size.widths[0], layout.out_width, 1)

    def forward(self, frames: Tensor, noise: Tensor) -> Tensor:
        drawn = noise.transpose(1, 2)
        features = self.trunk(torch.cat([frames.transpose(1, 2), drawn[:, :SHARED_NOISE]], 1))
        logits = []
        for i, (part, head) in enumerate(zip(self.parts, self.heads, strict=True)):
            own = drawn[:, SHARED_NOISE + i * PART_NOISE : SHARED_NOISE + (i + 1) * PART_NOISE]
            logits.append(head(functional.gelu(part(torch.cat([features, own], 1)), approximate="tanh")))
        out: Tensor = torch.cat(logits, 1) + self.straight(features)
        return out.transpose(1, 2)


Players = UNet | MuseGan


def build(family: str, layout: Layout, size: TrunkSize) -> Players:
    """A new net of a family. Raises KeyError for an unknown family."""
    families: dict[str, type[UNet] | type[MuseGan]] = {"unet": UNet, "musegan": MuseGan}
    return families[family](layout, size)


def draw_noise(layout: Layout, batch: int, steps: int, bar: int = 16) -> Tensor:
    """Noise (B, T, noise_width) that changes with the bar, as MuseGAN's temporal noise does."""
    bars = -(-steps // bar)
    return torch.randn(batch, bars, layout.noise_width).repeat_interleave(bar, 1)[:, :steps]
