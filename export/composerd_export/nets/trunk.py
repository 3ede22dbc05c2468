"""The trunk of both families: a U-Net over time with pitch as channels."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

DOWNSAMPLING = 4
"""Windows are a multiple of this many steps long, and begin on a beat."""
EPSILON = 1e-5
"""Added to the power that StepNorm divides by."""


@dataclass(frozen=True, slots=True)
class TrunkSize:
    """Channels at 16ths, eighths and quarters, and how many blocks work at quarters."""

    widths: tuple[int, int, int] = (128, 192, 288)
    middle: int = 3
    dropout: float = 0.1


class StepNorm(nn.Module):
    """Normalises the channels (B, C, T) of each step alone, so that results do not depend on the window's length."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels, 1))
        self.shift = nn.Parameter(torch.zeros(channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        if torch.onnx.is_in_onnx_export():  # the same in one operator, which takes a third of the time there
            scale, shift = self.scale.flatten(), self.shift.flatten()
            steps = functional.layer_norm(x.transpose(1, 2), (self.scale.shape[0],), scale, shift, EPSILON)
            return steps.transpose(1, 2)
        centred = x - x.mean(1, keepdim=True)
        power = (centred * centred).mean(1, keepdim=True)
        return centred * torch.rsqrt(power + EPSILON) * self.scale + self.shift


class TrunkBlock(nn.Module):
    """Two convolutions over time with a residual connection."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2)
        self.norm = StepNorm(outputs)
        self.second = nn.Conv1d(outputs, outputs, kernel, padding=kernel // 2)
        self.around = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        hidden = functional.gelu(self.norm(self.first(x)), approximate="tanh")
        out: Tensor = self.around(x) + self.second(hidden)
        return out


class Trunk(nn.Module):
    """(B, width, T) to features (B, widths[0], T), T a multiple of DOWNSAMPLING."""

    def __init__(self, width: int, size: TrunkSize) -> None:
        super().__init__()
        fine, half, beat = size.widths
        self.enter = nn.Conv1d(width, fine, 1)
        self.sixteenths = TrunkBlock(fine, fine, 5)
        self.eighths = TrunkBlock(fine, half, 3)
        self.quarters = nn.Sequential(*(TrunkBlock(half if i == 0 else beat, beat, 3) for i in range(size.middle)))
        self.drop = nn.Dropout(size.dropout)
        self.eighths_up = TrunkBlock(beat + half, half, 3)
        self.sixteenths_up = TrunkBlock(half + fine, fine, 3)
        self.norm = StepNorm(fine)

    def forward(self, x: Tensor) -> Tensor:
        fine = self.sixteenths(self.enter(x))
        half = self.eighths(functional.avg_pool1d(fine, 2))
        beat = self.drop(self.quarters(functional.avg_pool1d(half, 2)))
        half = self.eighths_up(torch.cat([beat.repeat_interleave(2, 2), half], 1))
        fine = self.sixteenths_up(torch.cat([half.repeat_interleave(2, 2), fine], 1))
        out: Tensor = self.norm(fine)
        return out
