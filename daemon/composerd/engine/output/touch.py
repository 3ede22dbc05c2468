"""Timing and velocity of the band's notes: the genre's feel, and the loudness of the player."""

from __future__ import annotations

from collections.abc import Callable

from composerd.engine.output.dynamics import Dynamics
from composerd.engine.output.timeline import Placed
from composerd.engine.settings import EngineSettings
from composerd.music.feel import place
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid
from composerd.music.notes import PartNote

FULLER = 1.1
"""velocity factor of variation B, which is louder as well as denser"""
AGAIN = 1.04
"""velocity factor of a section played again"""


class Touch:
    """Places notes in time and loudness: swing, feel and dynamics."""

    def __init__(self, settings: Callable[[], EngineSettings]) -> None:
        self._settings = settings
        self._amount = settings().dynamics
        self._dynamics = Dynamics(self._amount)

    def add(self, velocity: int) -> None:
        """Take the velocity of a key of the player's."""
        self._renew()
        self._dynamics.add(velocity)

    def placed(
        self, note: PartNote, genre: Genre, grid: BarGrid, bpm: float, variation: str = "A", again: bool = False
    ) -> Placed:
        self._renew()
        on, off, velocity = place(note, genre.parts[note.part], genre.feel, grid, bpm, self._settings().seed)
        louder = (FULLER if variation == "B" else 1.0) * (AGAIN if again else 1.0)
        return Placed(on, off, self._dynamics.shaped(velocity if louder == 1.0 else round(velocity * louder)))

    def _renew(self) -> None:
        """Begin anew, without a measured loudness, if the setting has changed."""
        if self._settings().dynamics != self._amount:
            self._amount = self._settings().dynamics
            self._dynamics = Dynamics(self._amount)
