"""Commands of mutes, volumes, places and instruments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from composerd.engine.command_fields import name_of, number
from composerd.engine.command_table import Command, CurrentValue

if TYPE_CHECKING:
    from composerd.engine.band import Band
    from composerd.music.genre import Genre

MIXER = "Mixer"

PartName = Annotated[str, name_of("part", "a part's name or role")]
FaderName = Annotated[str, name_of("part", "a part's name or role, `band`, `metronome`, or `master` for all and you")]
Level = Annotated[int, number(0, 127, "MIDI controller 7; 100 is ordinary", step=1, middle=100)]
Place = Annotated[int, number(0, 127, "MIDI controller 10; 0 left, 64 the middle, 127 right", step=1, middle=64)]
Program = Annotated[int, number(0, 127, "General MIDI program, counted from 0; left out: as the genre has it", step=1)]


class Mute(Command, tag="mute", frozen=True):
    """silence a part, or let it play again"""

    group: ClassVar = MIXER
    part: PartName
    on: bool | None = None

    def apply(self, band: Band, at: float) -> None:
        band.mixer.mute(self.part, self.on)
        band.mix()

    def current(self, band: Band) -> CurrentValue:
        return self.part in band.mixer.muted


class Solo(Command, tag="solo", frozen=True):
    """hear a part alone, or all again"""

    group: ClassVar = MIXER
    part: PartName
    on: bool | None = None

    def apply(self, band: Band, at: float) -> None:
        band.mixer.solo(self.part, self.on)
        band.mix()

    def current(self, band: Band) -> CurrentValue:
        return self.part in band.mixer.solos


class SetVolume(Command, tag="volume", frozen=True):
    """how loud a part is"""

    group: ClassVar = MIXER
    part: FaderName
    level: Level

    def apply(self, band: Band, at: float) -> None:
        band.mixer.set_volume(self.part, self.level)
        band.mix()

    def current(self, band: Band) -> CurrentValue:
        return band.mixer.level(self.part)


class SetBandVolume(Command, tag="band_volume", frozen=True):
    """how loud the band is"""

    group: ClassVar = MIXER
    level: Level

    def apply(self, band: Band, at: float) -> None:
        SetVolume("band", self.level).apply(band, at)

    def current(self, band: Band) -> CurrentValue:
        return band.mixer.level("band")


class SetMasterVolume(Command, tag="master_volume", frozen=True):
    """how loud everything is, you and the band"""

    group: ClassVar = MIXER
    level: Level

    def apply(self, band: Band, at: float) -> None:
        SetVolume("master", self.level).apply(band, at)

    def current(self, band: Band) -> CurrentValue:
        return band.mixer.level("master")


class SetPan(Command, tag="pan", frozen=True):
    """where a part is heard, from left to right"""

    group: ClassVar = MIXER
    part: PartName
    place: Place

    def apply(self, band: Band, at: float) -> None:
        band.mixer.set_place(self.part, self.place)
        band.mix()

    def current(self, band: Band) -> CurrentValue:
        return band.mixer.place(self.part)


class SetInstrument(Command, tag="instrument", frozen=True):
    """the instrument of a part, or the genre's own; other genres keep theirs"""

    group: ClassVar = MIXER
    part: PartName
    program: Program | None = None

    def apply(self, band: Band, at: float) -> None:
        self.choose(band, band.stage.genre)

    def choose(self, band: Band, genre: Genre) -> None:
        """As `apply`, for the parts of `genre`, which may be one that is still to come."""
        band.mixer.set_program(self.part, self.program, genre)
        band.mix()

    def current(self, band: Band) -> CurrentValue:
        return band.mixer.program(self.part, band.state.genre)
