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
    """Of a voicing net."""

    KIND: ClassVar[str] = "voicing"
    OLDEST: ClassVar[int] = 2
    """format 3 changed the groove net's hyperparameters only"""
    TERMS: ClassVar[Mapping[str, tuple[str, ...]]] = {LINE: (LINE,), CHORDS: (CHORDS,)}

    @classmethod
    def read_hyper(cls, values: dict[str, Any]) -> VoicingHyper:
        return VoicingHyper(**{**values, "size": VoicingSize(**values["size"])})

    @property
    def layout(self) -> VoicingLayout:
        return VoicingLayout(self.tracks, self.genres)

    def net(self) -> VoicingNet:
        """The net with the chosen weights, not training."""
        net = VoicingNet(self.layout, self.hyper.size)
        net.load_state_dict({**self.weights, **self.chosen})
        return net.eval()
