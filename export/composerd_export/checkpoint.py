"""Checkpoints: all that a training needs to go on as if it had never stopped, written whole or not at all."""

from __future__ import annotations

import os
import pickle
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from composerd.contract.card import Decoding, decoding_from
from composerd.contract.layout import Layout, Track
from composerd.errors import ConfigError
from composerd_export.hyper import Hyper
from composerd_export.nets.players import Players, build
from composerd_export.nets.trunk import TrunkSize

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
    decoding: Decoding | None = None
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
    """Raises OSError where the disk is full; what stood there before stays."""
    values = {
        "format": FORMAT, "dataset": point.dataset, "family": point.family, "hyper": point.hyper.to_json(),
        "tracks": [asdict(track) for track in point.tracks], "weights": point.weights, "epoch": point.epoch,
        "training": point.training, "curves": point.curves, "best": point.best,
        "decoding": asdict(point.decoding) if point.decoding else None, "data": point.data,
    }  # fmt: skip
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb") as file:
            torch.save(values, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def load_checkpoint(path: Path) -> Checkpoint:
    """ConfigError where the file is missing, broken or foreign."""
    try:
        values = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such checkpoint") from None
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise ConfigError(
            f"{path}: not a checkpoint ({(str(error) or type(error).__name__).splitlines()[0][:100]})"
        ) from None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ConfigError(f"{path}: not a checkpoint of this version")
    decoding = values["decoding"]
    if decoding is not None:
        decoding = decoding_from(decoding)
    tracks = tuple(Track(**{**track, "sources": tuple(track["sources"])}) for track in values["tracks"])
    return Checkpoint(
        values["dataset"], values["family"], tracks, Hyper.from_json(values["hyper"]), values["weights"],
        values["epoch"], values["training"], values["curves"], values["best"], decoding,
        values["data"],
    )  # fmt: skip
