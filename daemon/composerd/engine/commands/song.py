"""Commands of songs, presets, set lists and chord loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from composerd.engine.command_fields import name_of, number, saying
from composerd.engine.command_table import Command, CurrentValue
from composerd.engine.mode import Cue

if TYPE_CHECKING:
    from composerd.engine.band import Band

SONG = "Song"

SongName = Annotated[str, name_of("song", "a song's name, or none")]
Slot = Annotated[Literal["1", "2", "3", "4", "5", "6", "7", "8"], saying("which of eight loops")]


class ChooseSong(Command, tag="song", frozen=True):
    """play by the chart of a song, from the next bar line on; none: without one"""

    group: ClassVar = SONG
    name: SongName

    def apply(self, band: Band, at: float) -> None:
        band.delegate(self)

    def current(self, band: Band) -> CurrentValue:
        return band.choices.song.title if band.choices.song is not None else "none"


class ChoosePreset(Command, tag="preset", frozen=True):
    """apply a preset: genre, song, tempo, key, transposition, mixer and controls"""

    group: ClassVar = SONG
    name: Annotated[str, name_of("preset", "a preset's name")]

    def apply(self, band: Band, at: float) -> None:
        band.delegate(self)

    def current(self, band: Band) -> CurrentValue:
        return band.preset


class SavePreset(Command, tag="save_preset", frozen=True):
    """save the current choices as a preset; left out: as the one that was applied last"""

    group: ClassVar = SONG
    label: ClassVar = "Keep as a preset"
    name: Annotated[str, name_of("preset", "a preset's name")] | None = None

    def apply(self, band: Band, at: float) -> None:
        band.keep_preset(self.name)


class ChooseSetList(Command, tag="set_list", frozen=True):
    """open a set list and play its first entry; none: close it"""

    group: ClassVar = SONG
    name: Annotated[str, name_of("set list", "a set list's name, or none")]

    def apply(self, band: Band, at: float) -> None:
        band.delegate(self)

    def current(self, band: Band) -> CurrentValue:
        return band.set_list.name or "none"


class SetListEntry(Command, tag="entry", frozen=True):
    """play an entry of the open set list; program changes do the same"""

    group: ClassVar = SONG
    number: Annotated[int, number(1, 128, "counted from 1", step=1)]

    def apply(self, band: Band, at: float) -> None:
        band.delegate(self)

    def current(self, band: Band) -> CurrentValue:
        return band.set_list.entry


class NextSong(Command, tag="next_song", frozen=True):
    """play the next entry of the set list"""

    group: ClassVar = SONG

    def apply(self, band: Band, at: float) -> None:
        band.delegate(self)


class PreviousSong(Command, tag="previous_song", frozen=True):
    """play the previous entry of the set list"""

    group: ClassVar = SONG

    def apply(self, band: Band, at: float) -> None:
        band.delegate(self)


class NextSection(Command, tag="next_section", frozen=True):
    """go to the song's next section at the next bar line"""

    group: ClassVar = SONG

    def apply(self, band: Band, at: float) -> None:
        band.mode.carry_out(Cue.NEXT_SECTION, at)


class StaySection(Command, tag="stay", frozen=True):
    """repeat this section of the song; again: go on"""

    group: ClassVar = SONG
    label: ClassVar = "Stay in this section"

    def apply(self, band: Band, at: float) -> None:
        band.mode.carry_out(Cue.STAY, at)


class AskEnding(Command, tag="ending", frozen=True):
    """end the song after this chorus, with its ending or a tag"""

    group: ClassVar = SONG
    label: ClassVar = "To the ending"

    def apply(self, band: Band, at: float) -> None:
        band.mode.carry_out(Cue.ENDING, at)


class FromTop(Command, tag="top", frozen=True):
    """play the song from the top at the next bar line"""

    group: ClassVar = SONG
    label: ClassVar = "From the top"

    def apply(self, band: Band, at: float) -> None:
        band.mode.carry_out(Cue.TOP, at)


class ChordLoop(Command, tag="chord_loop", frozen=True):
    """record a chord loop from the next bar line on; again: play it; again: leave it; a slot with a loop plays it"""

    group: ClassVar = SONG
    slot: Slot = "1"

    def apply(self, band: Band, at: float) -> None:
        band.turn_loop(self.slot)

    def current(self, band: Band) -> CurrentValue:
        return band.loop_state


class ClearLoop(Command, tag="clear_loop", frozen=True):
    """delete the chord loop of a slot, so that it can be recorded anew"""

    group: ClassVar = SONG
    slot: Slot = "1"

    def apply(self, band: Band, at: float) -> None:
        band.clear_loop(self.slot)
