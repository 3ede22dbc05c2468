"""Commands that start, end and record the band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from composerd.engine.command_fields import saying
from composerd.engine.command_table import Command, CurrentValue
from composerd.engine.mode import Cue, End

if TYPE_CHECKING:
    from composerd.engine.band import Band

BAND = "Band"
MODES = {"jam": "jam: while you play", "phrase": "phrase: after you"}
"""labels on a screen"""


class ToggleBand(Command, tag="play", frozen=True):
    """start the band, or end it at the next bar line"""

    group: ClassVar = BAND
    varies: ClassVar = True

    def apply(self, band: Band, at: float) -> None:
        band.mode.carry_out(Cue.START_OR_END, at)

    def current(self, band: Band) -> CurrentValue:
        return band.mode.playing


class StartBand(Command, tag="start", frozen=True):
    """start the band now, as a first key would"""

    group: ClassVar = BAND

    def apply(self, band: Band, at: float) -> None:
        band.mode.carry_out(Cue.START, at)


class EndBand(Command, tag="end", frozen=True):
    """end the band: at the next bar line, or now"""

    group: ClassVar = BAND
    when: Annotated[Literal["bar", "now"], saying("bar: at the next bar line")] = "bar"

    def apply(self, band: Band, at: float) -> None:
        if self.when == "now":
            band.mode.end(End.NOW, at)
        else:
            band.mode.carry_out(Cue.END, at)


class StopBand(Command, tag="stop", frozen=True):
    """end with a last chord on the next beat; twice: silence everything"""

    group: ClassVar = BAND

    def apply(self, band: Band, at: float) -> None:
        band.stop(at)


class Panic(Command, tag="panic", frozen=True):
    """silence everything now"""

    group: ClassVar = BAND

    def apply(self, band: Band, at: float) -> None:
        band.panic()


class SetMode(Command, tag="mode", frozen=True):
    """change between jam (the band plays while you play) and phrase (it plays your phrase back, accompanied)"""

    group: ClassVar = BAND
    label: ClassVar = "How it plays along"
    mode: Annotated[Literal["jam", "phrase"], saying("left out: the other one", MODES)] | None = None

    def apply(self, band: Band, at: float) -> None:
        band.set_mode(self.mode)

    def current(self, band: Band) -> CurrentValue:
        return band.chosen_mode.value


class SaveTake(Command, tag="save", frozen=True):
    """keep the last two minutes as a take"""

    group: ClassVar = BAND
    label: ClassVar = "Keep the last two minutes"

    def apply(self, band: Band, at: float) -> None:
        band.delegate(self)


class Quit(Command, tag="quit", frozen=True):
    """end the program, with a last chord"""

    group: ClassVar = BAND
    label: ClassVar = "End the program"

    def apply(self, band: Band, at: float) -> None:
        band.finish()
