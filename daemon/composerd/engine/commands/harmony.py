"""Commands of key, transposition, left hand and creativity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from composerd.engine.command_fields import name_of, number
from composerd.engine.command_table import Command, CurrentValue, switched
from composerd.music.harmony.key import Key, key_of

if TYPE_CHECKING:
    from composerd.engine.band import Band

HARMONY = "Harmony"

Semitones = Annotated[int, number(-11, 11, "0 as written", "semitones", step=1, middle=0)]


class SetCreativity(Command, tag="creativity", frozen=True):
    """how bold the band's choices are"""

    group: ClassVar = HARMONY
    amount: Annotated[float, number(0, 1, "0 the safest notes, 1 the boldest")]

    def apply(self, band: Band, at: float) -> None:
        band.direct(creativity=self.amount)

    def current(self, band: Band) -> CurrentValue:
        return band.choices.directions.creativity


class SetKey(Command, tag="key", frozen=True):
    """set the key you play in, or let the band find it again"""

    group: ClassVar = HARMONY
    label: ClassVar = "Key you play in"
    name: Annotated[str, name_of("key", "a key such as Eb or F#m, or none")] = "none"

    @property
    def key(self) -> Key | None:
        return key_of(self.name)

    def apply(self, band: Band, at: float) -> None:
        band.set_key(self.key)

    def current(self, band: Band) -> CurrentValue:
        return str(band.choices.directions.key or "none")


class TransposeKeys(Command, tag="transpose_keys", frozen=True):
    """transpose your keys: they sound this many semitones higher"""

    group: ClassVar = HARMONY
    label: ClassVar = "Your keys, semitones up"
    semitones: Semitones

    def apply(self, band: Band, at: float) -> None:
        band.transpose(keys=self.semitones)

    def current(self, band: Band) -> CurrentValue:
        return band.choices.transposition.keys


class TransposeBand(Command, tag="transpose_band", frozen=True):
    """transpose the band and its chart this many semitones up; play in the key that sounds"""

    group: ClassVar = HARMONY
    label: ClassVar = "The band, semitones up"
    semitones: Semitones

    def apply(self, band: Band, at: float) -> None:
        band.transpose(band=self.semitones)

    def current(self, band: Band) -> CurrentValue:
        return band.choices.transposition.band


class SetLeftHand(Command, tag="left_hand", frozen=True):
    """keys below the split point are chords for the band, or not"""

    group: ClassVar = HARMONY
    label: ClassVar = "Left hand plays chords"
    on: bool | None = None

    def apply(self, band: Band, at: float) -> None:
        band.choose(left_hand=switched(band.choices.left_hand, self.on))

    def current(self, band: Band) -> CurrentValue:
        return band.choices.left_hand
