"""The voicing net: two small perceptrons with kernels over pitch that choose the notes of lines and of chords."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from composerd.contract.voicing_layout import (
    ABOVE,
    ANSWERS,
    BARS,
    LASTS,
    LEAP,
    LINE,
    NEAR,
    PLANES,
    ROWS,
    SPAN,
    TOP,
    VoicingLayout,
)


@dataclass(frozen=True, slots=True)
class VoicingSize:
    """Values that a plane of pitches is read as, hidden units, and the share of them dropped in training."""

    plane: int = 20
    hidden: int = 160
    dropout: float = 0.3


def surroundings(reach: int) -> Tensor:
    """(ROWS * (2 * reach + 1),) for each row the rows around it, from the highest down; ROWS where there is none."""
    near = torch.arange(ROWS)[:, None] - torch.arange(-reach, reach + 1)
    return near.where((near >= 0) & (near < ROWS), torch.tensor(ROWS)).flatten()


def around(plane: Tensor, kernel: Tensor, near: Tensor) -> Tensor:
    """(N, ROWS): the kernel (N, 2 * reach + 1) laid around each note of the plane (N, ROWS), summed."""
    wide = torch.cat([plane, plane[:, :1] * 0.0], 1)
    seen = wide.index_select(1, near).view(-1, ROWS, len(near) // ROWS)
    return (seen * kernel[:, None]).sum(2)


class VoicingPart(nn.Module):
    """(N, inputs) to (N, outputs) for lines or for chords."""

    near: Tensor
    above: Tensor
    classes: Tensor

    def __init__(self, layout: VoicingLayout, question: str, size: VoicingSize) -> None:
        super().__init__()
        self.line, self.size = question == LINE, size
        self.planes = nn.Linear(ROWS, size.plane, bias=False)
        self.enter = nn.Linear(len(PLANES) * size.plane + layout.flat, size.hidden)
        self.norm = nn.LayerNorm(size.hidden)
        self.middle = nn.Linear(size.hidden, size.hidden)
        self.drop = nn.Dropout(size.dropout)
        self.sizes = [part.stop - part.start for part in ANSWERS[question].values()]
        self.out = nn.Linear(size.hidden, sum(self.sizes))
        nn.init.normal_(self.out.weight, std=0.02)
        self.register_buffer("near", surroundings(LEAP if self.line else NEAR), persistent=False)
        self.register_buffer("above", surroundings(ABOVE), persistent=False)
        self.register_buffer("classes", (torch.arange(ROWS) - SPAN) % 12, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        pitches = x[:, : len(PLANES) * ROWS].view(-1, len(PLANES), ROWS)
        entered = self.enter(torch.cat([self.planes(pitches).flatten(1), x[:, len(PLANES) * ROWS :]], 1))
        answers = torch.split(self.answers(entered), self.sizes, 1)
        rows, classes, bars = answers[:3]
        rows = (
            rows + classes.index_select(1, self.classes) + (bars[..., None] * pitches[:, LASTS : LASTS + BARS]).sum(1)
        )
        rows = rows + around(pitches[:, 0], answers[3], self.near)
        if self.line:
            return rows
        rows = rows + around(pitches[:, PLANES.index(TOP)], answers[4], self.above)
        lasts = answers[6] + answers[7].index_select(1, self.classes)
        return torch.cat([rows, answers[5], lasts], 1)

    def answers(self, sums: Tensor) -> Tensor:
        """(N, values of `ANSWERS`) from the first layer's outputs (N, hidden)."""
        hidden = self.drop(functional.gelu(self.norm(sums), approximate="tanh"))
        found: Tensor = self.out(hidden + functional.gelu(self.middle(hidden), approximate="tanh"))
        return found


class VoicingNet(nn.Module):
    """Answers the questions of `contract.voicing`."""

    def __init__(self, layout: VoicingLayout, size: VoicingSize) -> None:
        super().__init__()
        self.layout, self.size = layout, size
        self.nets = nn.ModuleDict({name: VoicingPart(layout, name, size) for name in layout.questions})
