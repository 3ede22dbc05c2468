"""Converts a trained harmonist to the arrays and the file that the daemon reads (see `composerd.music.harmony.net`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from composerd.files.atomic import whole_file
from composerd.generators import tables
from composerd.music.harmony.slots import BEAT
from composerd_export.data.harmony.examples import ROOT_ONLY, PreparedSong
from composerd_export.nets.harmonist import TorchHarmonyNet

Arrays = Mapping[str, npt.NDArray[Any]]

TRUST = 20.0
"""pseudo-counts: weight of the transitions of all levels in those of one level"""


def followers(pieces: Iterable[PreparedSong]) -> npt.NDArray[np.float64]:
    """(3, 3, 3, 12) log probability of the next chord by slot level, kind, next kind, semitones between the roots."""
    counts = np.zeros((BEAT + 1, 3, 3, 12))
    for piece in pieces:
        now, then = piece.target[1:], piece.target[:-1]
        known = (now >= 0) & (now < ROOT_ONLY) & (then >= 0) & (then < ROOT_ONLY)
        levels = np.array([slot.level for slot in piece.song.slots[1:]])
        at = (levels[known], then[known] % 3, now[known] % 3, (now[known] // 3 - then[known] // 3) % 12)
        np.add.at(counts, at, 1.0)
    overall = counts.sum(0, keepdims=True)
    counts += TRUST * (overall + 1) / (overall.sum((2, 3), keepdims=True) + 36)
    return np.log(counts / counts.sum((2, 3), keepdims=True))


def to_arrays(net: TorchHarmonyNet, follow: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the daemon's file: weights in 16 bits, and `follow` (see `followers`)."""
    arrays = {name: value.detach().numpy().astype(np.float16) for name, value in net.state_dict().items()}
    return {**arrays, "follow": follow.astype(np.float16)}


def from_arrays(arrays: Arrays, drop: float = 0.15) -> TorchHarmonyNet:
    """The net of stored arrays, to be trained further. Raises KeyError or RuntimeError if they are not a net's."""
    net = TorchHarmonyNet(arrays["past_in.bias"].shape[0], drop)
    weights = {name: torch.from_numpy(value.astype(np.float32)) for name, value in arrays.items() if name != "follow"}
    net.load_state_dict(weights)
    return net


def shipped_arrays() -> Arrays:
    """The arrays of the harmonist that comes with the daemon."""
    with resources.as_file(resources.files(tables) / tables.FILE) as path, np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def write(path: Path, arrays: Arrays) -> None:
    """Write `path` whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
