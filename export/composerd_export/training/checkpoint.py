"""Checkpoints: the complete state of a training, so that it resumes to the bit; written atomically."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from composerd.contract.card import current_names
from composerd.contract.layout import Layout, Track
from composerd.errors import ConfigError, first_line
from composerd_export.nets.players import Players, build
from composerd_export.nets.trunk import TrunkSize
from composerd_export.training.checkpoint_file import UNFIT, read_values, write_values
from composerd_export.training.hyperparameters import Hyper

FORMAT = 1
State = dict[str, Any]


@dataclass(slots=True)
class Checkpoint:
    """A training at the end of an epoch."""

    dataset: str
    family: str
    tracks: tuple[Track, ...]
    hyper: Hyper
    weights: State
    """the averaged weights: what is exported"""
    epoch: int = 0
    training: State = field(default_factory=dict)
    """raw weights, optimisers and random states of generator and discriminator"""
    curves: list[dict[str, float]] = field(default_factory=list)
    best: float = float("inf")
    data: list[dict[str, Any]] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        return Layout(self.tracks)

    def net(self) -> Players:
        """The players with the averaged weights, not training."""
        net = build(self.family, self.layout, trunk_size(self.hyper))
        net.load_state_dict(self.weights)
        return net.eval()


def trunk_size(hyper: Hyper) -> TrunkSize:
    fine = hyper.width
    return TrunkSize((fine, fine * 3 // 2, fine * 9 // 4), hyper.middle, hyper.dropout)


def save_checkpoint(point: Checkpoint, path: Path) -> None:
    """Writes a checkpoint atomically. Raises OSError; then the old file is unchanged."""
    values = {
        "format": FORMAT, "dataset": point.dataset, "family": point.family, "hyper": point.hyper.to_json(),
        "tracks": msgspec.to_builtins(point.tracks), "weights": point.weights, "epoch": point.epoch,
        "training": point.training, "curves": point.curves, "best": point.best,
        "data": point.data,
    }  # fmt: skip
    write_values(path, values)


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint. Raises ConfigError if the file is missing, broken or something else."""
    values = read_values(path)
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ConfigError(f"{path}: not a checkpoint of this version")
    try:
        tracks = msgspec.convert(values["tracks"], tuple[Track, ...])
        curves = [current_names(row) for row in values["curves"]]
        return Checkpoint(
            values["dataset"], values["family"], tracks, Hyper.from_json(values["hyper"]), values["weights"],
            values["epoch"], current_names(values["training"]), curves, values["best"], values["data"],
        )  # fmt: skip
    except UNFIT as error:
        raise ConfigError(f"{path}: not a checkpoint of this version ({first_line(error)})") from None
