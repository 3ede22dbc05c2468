"""Commands of fills, breaks and variations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from composerd.engine.command_fields import saying
from composerd.engine.command_table import Command, CurrentValue
from composerd.engine.mode import Cue

if TYPE_CHECKING:
    from composerd.engine.band import Band

FORM = "Form"
VARIATIONS = {"A": "ordinary", "B": "fuller", "auto": "as you play"}
"""labels on a screen"""


class Fill(Command, tag="fill", frozen=True):
    """a drum fill from the next beat to the next bar line"""

    group: ClassVar = FORM

    def apply(self, band: Band, at: float) -> None:
        band.mode.carry_out(Cue.FILL, at)


class Break(Command, tag="break", frozen=True):
    """the band is silent for a bar, from the next bar line on"""

    group: ClassVar = FORM

    def apply(self, band: Band, at: float) -> None:
        band.mode.carry_out(Cue.BREAK, at)


class SetVariation(Command, tag="variation", frozen=True):
    """how full the band plays: ordinary (A), fuller (B), or by how you play (auto)"""

    group: ClassVar = FORM
    label: ClassVar = "How full the band plays"
    name: (
        Annotated[
            Literal["A", "B", "auto"],
            saying("A: ordinary; B: fuller; auto: by how you play; left out: the other of A and B", VARIATIONS),
        ]
        | None
    ) = None

    def apply(self, band: Band, at: float) -> None:
        other = "A" if band.choices.directions.variation == "B" else "B"
        band.direct(variation=self.name or other)

    def current(self, band: Band) -> CurrentValue:
        return band.choices.directions.variation


class AutoVariation(Command, tag="auto_variation", frozen=True):
    """let how loud and densely you play decide between ordinary (A) and fuller (B)"""

    group: ClassVar = FORM
    label: ClassVar = "As full as you play"

    def apply(self, band: Band, at: float) -> None:
        SetVariation("auto").apply(band, at)
