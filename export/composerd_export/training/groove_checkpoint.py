"""Checkpoints of groove nets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from composerd.contract.groove import BAND_BARS, BAND_STEPS, DRUM_BARS, DRUM_STEPS, GrooveLayout
from composerd_export.nets.groove import GrooveNet, GrooveSize
from composerd_export.training.groove_trainer import GrooveHyper
from composerd_export.training.small_checkpoint import SmallCheckpoint


@dataclass(slots=True)
class GrooveCheckpoint(SmallCheckpoint):
    """Of a groove net.

    `extra["absent"]`: per genre and track the share of genuine bars around which it is silent; `extra["textures"]`: per
    genre, piece and track the classes of its texture.
    """

    KIND: ClassVar[str] = "groove"
    TERMS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "plan": (DRUM_BARS, BAND_BARS, "plan_links"),
        "drums": (DRUM_STEPS, "drum_links"),
        "band": (BAND_STEPS, "band_links"),
    }

    @classmethod
    def read_hyper(cls, values: dict[str, Any]) -> GrooveHyper:
        size = GrooveSize(**{**values["size"], "hidden": tuple(values["size"]["hidden"])})
        return GrooveHyper(**{**values, "size": size})

    @property
    def layout(self) -> GrooveLayout:
        return GrooveLayout(self.tracks, self.genres)

    @property
    def absent(self) -> list[list[float]]:
        found: list[list[float]] = self.extra.get("absent", [])
        return found

    @property
    def textures(self) -> list[list[list[list[int]]]]:
        found: list[list[list[list[int]]]] = self.extra.get("textures", [])
        return found

    def net(self) -> GrooveNet:
        """The net with the chosen weights, not training."""
        net = GrooveNet(self.layout, self.hyper.size)
        net.load_state_dict({**self.weights, **self.chosen})
        return net.eval()
