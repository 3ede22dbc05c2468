"""Checkpoints of voicing nets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from composerd.contract.voicing_layout import CHORDS, LINE, VoicingLayout
from composerd_export.nets.voicing import VoicingNet, VoicingSize
from composerd_export.training.small_checkpoint import SmallCheckpoint
from composerd_export.training.voicing_trainer import VoicingHyper


@dataclass(slots=True)
class VoicingCheckpoint(SmallCheckpoint):
    """Of a voicing net; `extra["manners"]`: per genre, piece and part the classes of its manner."""

    KIND: ClassVar[str] = "voicing"
    TERMS: ClassVar[Mapping[str, tuple[str, ...]]] = {LINE: (LINE,), CHORDS: (CHORDS,)}

    @classmethod
    def read_hyper(cls, values: dict[str, Any]) -> VoicingHyper:
        return VoicingHyper(**{**values, "size": VoicingSize(**values["size"])})

    @property
    def layout(self) -> VoicingLayout:
        return VoicingLayout(self.tracks, self.genres)

    @property
    def manners(self) -> list[list[list[list[int]]]]:
        found: list[list[list[list[int]]]] = self.extra.get("manners", [])
        return found

    def net(self) -> VoicingNet:
        """The net with the chosen weights, not training."""
        net = VoicingNet(self.layout, self.hyper.size)
        net.load_state_dict({**self.weights, **self.chosen})
        return net.eval()
