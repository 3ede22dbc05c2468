"""Checkpoints of small nets (groove, voicing), written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import msgspec

from composerd.contract.layout import Track
from composerd.errors import ConfigError, first_line
from composerd_export.training.checkpoint_file import UNFIT, read_values, write_values

FORMAT = 4


@dataclass(slots=True)
class SmallCheckpoint:
    """A training at the end of an epoch."""

    tracks: tuple[Track, ...]
    genres: tuple[str, ...]
    hyper: Any
    weights: dict[str, Any]
    """the averaged weights"""
    epoch: int = 0
    training: dict[str, Any] = field(default_factory=dict)
    curves: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, float] = field(default_factory=dict)
    """per loss term: its lowest value on the validation split"""
    chosen: dict[str, Any] = field(default_factory=dict)
    """the averaged weights of each part of the net where its own term was lowest: what is exported"""
    extra: dict[str, Any] = field(default_factory=dict)
    """values of this kind of net alone"""

    KIND: ClassVar[str] = ""
    TERMS: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Loss term -> the parts of the net that it trains."""

    @classmethod
    def read_hyper(cls, values: dict[str, Any]) -> Any:
        """The hyperparameters as they were stored."""
        raise NotImplementedError

    def keep(self, found: dict[str, float]) -> list[str]:
        """Chooses the weights of those parts whose validation loss is lower than before; the terms' names."""
        better = [name for name, value in found.items() if value < self.best.get(name, float("inf"))]
        for name in better:
            self.best[name] = found[name]
            mine = self.TERMS.get(name.rsplit(" ", 1)[-1], ())
            self.chosen |= {
                key: value.clone() for key, value in self.weights.items() if key.split(".")[1] in mine
            }  # fmt: skip
        return better

    def save(self, path: Path) -> None:
        """Writes the file whole or not at all."""
        values = {
            "format": FORMAT, "kind": self.KIND, "tracks": msgspec.to_builtins(self.tracks),
            "genres": self.genres, "hyper": asdict(self.hyper), "weights": self.weights, "epoch": self.epoch,
            "training": self.training, "curves": self.curves, "best": self.best, "chosen": self.chosen,
            "extra": self.extra,
        }  # fmt: skip
        write_values(path, values)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a checkpoint. Raises ConfigError if the file is missing, broken or of another kind."""
        values = read_values(path)
        if not isinstance(values, dict) or (values.get("format"), values.get("kind")) != (FORMAT, cls.KIND):
            raise ConfigError(f"{path}: not a checkpoint of a {cls.KIND} net of this version")
        try:
            tracks = msgspec.convert(values["tracks"], tuple[Track, ...])
            return cls(
                tracks, tuple(values["genres"]), cls.read_hyper(values["hyper"]), values["weights"], values["epoch"],
                values["training"], values["curves"], values["best"], values["chosen"], values["extra"],
            )  # fmt: skip
        except UNFIT as error:
            told = first_line(error)
            raise ConfigError(f"{path}: not a checkpoint of a {cls.KIND} net of this version ({told})") from None
