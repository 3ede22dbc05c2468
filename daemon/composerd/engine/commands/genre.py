"""Commands that change the genre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from composerd.engine.command_fields import name_of, number
from composerd.engine.command_table import Command, CurrentValue

if TYPE_CHECKING:
    from composerd.engine.band import Band

GENRE = "Genre"

GenreName = Annotated[str, name_of("genre", "a genre's name")]


class ChooseGenre(Command, tag="genre", frozen=True):
    """change to a genre, from the next bar line on"""

    group: ClassVar = GENRE
    name: GenreName

    def apply(self, band: Band, at: float) -> None:
        band.delegate(self)

    def current(self, band: Band) -> CurrentValue:
        return band.state.genre.name


class StepGenre(Command, tag="genres", frozen=True):
    """move through the list of genres"""

    group: ClassVar = GENRE
    by: Annotated[int, number(-100, 100, "how many genres further; negative: back", turned=True)]

    def apply(self, band: Band, at: float) -> None:
        band.delegate(self)


class NextGenre(Command, tag="next_genre", frozen=True):
    """change to the next genre"""

    group: ClassVar = GENRE

    def apply(self, band: Band, at: float) -> None:
        band.delegate(StepGenre(1))


class PreviousGenre(Command, tag="previous_genre", frozen=True):
    """change to the previous genre"""

    group: ClassVar = GENRE

    def apply(self, band: Band, at: float) -> None:
        band.delegate(StepGenre(-1))
