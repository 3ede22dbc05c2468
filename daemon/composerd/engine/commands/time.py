"""Commands of tempo, metre, metronome and swing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from composerd.engine.command_fields import name_of, number, saying
from composerd.engine.command_table import Command, CurrentValue, switched
from composerd.engine.mode import Cue
from composerd.music.metre import Metre, parse_metre
from composerd.music.tempo import MAX_BPM, MIN_BPM

if TYPE_CHECKING:
    from composerd.engine.band import Band

TIME = "Time"

Bpm = Annotated[float, number(MIN_BPM, MAX_BPM, "", "quarter notes a minute", travel=(50, 200), step=1)]


class SetTempo(Command, tag="tempo", frozen=True):
    """set the tempo"""

    group: ClassVar = TIME
    varies: ClassVar = True
    bpm: Bpm

    def apply(self, band: Band, at: float) -> None:
        band.set_tempo(self.bpm)

    def current(self, band: Band) -> CurrentValue:
        return band.mode.bpm


class Tap(Command, tag="tap", frozen=True):
    """tap the tempo, twice or more"""

    group: ClassVar = TIME

    def apply(self, band: Band, at: float) -> None:
        band.tapped(at)


class HalfTime(Command, tag="half_time", frozen=True):
    """half time from the next bar line on; again: back"""

    group: ClassVar = TIME

    def apply(self, band: Band, at: float) -> None:
        band.mode.carry_out(Cue.HALF_TIME, at)


class DoubleTime(Command, tag="double_time", frozen=True):
    """double time from the next bar line on; again: back"""

    group: ClassVar = TIME

    def apply(self, band: Band, at: float) -> None:
        band.mode.carry_out(Cue.DOUBLE_TIME, at)


class SetMetre(Command, tag="metre", frozen=True):
    """set the time signature from the next bar line on"""

    group: ClassVar = TIME
    label: ClassVar = "Time signature"
    on_press: ClassVar = {"again": "back"}
    name: Annotated[str, name_of("metre", "4/4, 3/4, 2/4, 6/8, 5/4, 7/8, 12/8, …")]
    again: Annotated[
        Literal["stay", "back"], saying("back: to 4/4 if it is the metre already, as a button does when pressed again")
    ] = "stay"

    @property
    def metre(self) -> Metre:
        return parse_metre(self.name)

    def apply(self, band: Band, at: float) -> None:
        known = self.again == "back" and band.metre == self.metre
        band.set_metre(Metre() if known else self.metre)

    def current(self, band: Band) -> CurrentValue:
        return str(band.metre)


class SetFollow(Command, tag="follow", frozen=True):
    """let the band follow your tempo, or not"""

    group: ClassVar = TIME
    label: ClassVar = "Follow your tempo"
    on: bool | None = None

    def apply(self, band: Band, at: float) -> None:
        band.choose(follow=switched(band.choices.follow, self.on))

    def current(self, band: Band) -> CurrentValue:
        return band.choices.follow


class SetMetronome(Command, tag="metronome", frozen=True):
    """metronome on or off, from the next bar line on"""

    group: ClassVar = TIME
    on: bool | None = None

    def apply(self, band: Band, at: float) -> None:
        band.choose(metronome=switched(band.choices.metronome, self.on))

    def current(self, band: Band) -> CurrentValue:
        return band.choices.metronome


class SetSwing(Command, tag="swing", frozen=True):
    """how far off-beats are swung, or as the genre has it"""

    group: ClassVar = TIME
    amount: Annotated[float, number(0, 1, "0 straight, 1 on the triplet; left out: as the genre has it")] | None = None

    def apply(self, band: Band, at: float) -> None:
        band.state.set_swing(self.amount)

    def current(self, band: Band) -> CurrentValue:
        return band.state.genre.feel.swing
