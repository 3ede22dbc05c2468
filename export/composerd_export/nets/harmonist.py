"""The harmonist's net in torch: two towers of dilated convolutions over slots, one of the past, one of the future.

After Bai, Kolter & Koltun (2018), "An empirical evaluation of generic convolutional and recurrent networks for sequence
modeling". The past's tower gets every slot before and the first step of this one, the future's tower this slot and the
known ones after it; without a future the past's tower is used alone.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from composerd.music.harmony.encoding import FUTURE_WIDTH, PAST_WIDTH, STYLES
from composerd.music.harmony.net import (  # fmt: skip
    BASSES,
    CHORDS,
    COLOUR_WIDTH,
    FUTURE_DILATIONS,
    JOINT_DILATIONS,
    PAST_DILATIONS,
    QUALITY_COUNT,
)


class TorchBlock(nn.Module):
    """Residual block: adds a convolution over three slots, `dilation` apart, to its input (B, T, width)."""

    def __init__(self, width: int, dilation: int, side: str, drop: float) -> None:
        """`side`: `past`, `future` or `both`: where the three slots lie."""
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.conv = nn.Linear(3 * width, width)
        self.mix = nn.Linear(width, width)
        self.drop = nn.Dropout(drop)
        self.dilation, self.side = dilation, side

    def forward(self, x: Tensor) -> Tensor:
        count, reach = x.shape[1], self.dilation
        y = F.relu(self.norm(x))
        before, after = {"past": (2 * reach, 0), "future": (0, 2 * reach), "both": (reach, reach)}[self.side]
        y = F.pad(y, (0, 0, before, after))
        taps = torch.cat([y[:, tap * reach : tap * reach + count] for tap in range(3)], -1)
        mixed: Tensor = self.mix(F.relu(self.conv(taps)))
        return x + self.drop(mixed)


class TorchHarmonyNet(nn.Module):
    """Rates chords and colours on slots; `composerd.music.harmony.net.HarmonyNet` is the same in numpy."""

    def __init__(self, width: int = 64, drop: float = 0.15) -> None:
        super().__init__()
        self.width = width
        self.past_in, self.future_in = nn.Linear(PAST_WIDTH, width), nn.Linear(FUTURE_WIDTH, width)
        self.past = nn.ModuleList(TorchBlock(width, d, "past", drop) for d in PAST_DILATIONS)
        self.future = nn.ModuleList(TorchBlock(width, d, "future", drop) for d in FUTURE_DILATIONS)
        self.fuse_past, self.fuse_future = nn.Linear(width, width), nn.Linear(width, width)
        self.fuse = nn.Linear(width, width)
        self.joint = nn.ModuleList(TorchBlock(width, d, "both", drop) for d in JOINT_DILATIONS)
        self.out_norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, CHORDS)
        self.drop = nn.Dropout(drop)
        self.colour_in = nn.Linear(width + CHORDS + len(STYLES), COLOUR_WIDTH)
        self.colour_out = nn.Linear(COLOUR_WIDTH, QUALITY_COUNT + BASSES)

    def past_states(self, rows: Tensor) -> Tensor:
        """States (B, T, width) of the past's tower for rows (B, T, PAST_WIDTH)."""
        x: Tensor = self.past_in(rows)
        for block in self.past:
            x = block(x)
        return x

    def future_states(self, rows: Tensor) -> Tensor:
        """States (B, T, width) of the future's tower for rows (B, T, FUTURE_WIDTH)."""
        x: Tensor = self.future_in(rows)
        for block in self.future:
            x = block(x)
        return x

    def fused(self, past: Tensor, future: Tensor | None = None, whole: bool = False) -> Tensor:
        """States (B, T, width) of both towers together; `whole`: all of the tune is known, joint blocks are applied."""
        both = self.fuse_past(past) + (self.fuse_future(future) if future is not None else 0.0)
        state: Tensor = past + self.fuse(F.relu(both))
        for block in self.joint if whole else ():
            state = block(state)
        return state

    def chords(self, state: Tensor) -> Tensor:
        """Logits (B, T, CHORDS)."""
        found: Tensor = self.out(self.drop(F.relu(self.out_norm(state))))
        return found

    def colour(self, state: Tensor, chord: Tensor, style: Tensor) -> Tensor:
        """Logits (B, T, QUALITY_COUNT + BASSES) for chords (B, T) and styles (B, T, STYLES)."""
        one_hot = F.one_hot(chord, CHORDS).to(state.dtype)
        shown = torch.cat([F.relu(self.out_norm(state)), one_hot, style], -1)
        found: Tensor = self.colour_out(F.relu(self.colour_in(shown)))
        return found
