"""Where and how loud the notes of the band sound: the genre's feel, the player's touch."""

from __future__ import annotations

from composerd.engine.dynamics import Dynamics
from composerd.engine.settings import EngineSettings
from composerd.engine.timeline import Placed
from composerd.music.feel import place
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid
from composerd.music.notes import PartNote

FULLER = 1.1
"""what variation B plays the velocities of variation A with: it is a second intensity, not only more notes"""


class Touch:
    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._dynamics = Dynamics(settings.dynamics)

    def set_settings(self, settings: EngineSettings) -> None:
        if settings.dynamics != self._settings.dynamics:
            self._dynamics = Dynamics(settings.dynamics)
        self._settings = settings

    def hear(self, velocity: int) -> None:
        """A key of the player's."""
        self._dynamics.hear(velocity)

    def placed(self, note: PartNote, genre: Genre, grid: BarGrid, bpm: float, variation: str = "A") -> Placed:
        on, off, velocity = place(note, genre.parts[note.part], genre.feel, grid, bpm, self._settings.seed)
        return Placed(on, off, self._dynamics.shaped(round(velocity * FULLER) if variation == "B" else velocity))
