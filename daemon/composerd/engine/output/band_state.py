"""Holds the band's genre, swing and mixer as they were chosen. No sinks, no clock."""

from __future__ import annotations

from dataclasses import replace

from composerd.engine.output.mixer import Mixer
from composerd.music.genre import Genre


class BandState:
    """The genre with the chosen swing, and the mixer."""

    def __init__(self, genre: Genre) -> None:
        self.mixer = Mixer()
        self._swing: float | None = None
        self._page = genre
        self.genre = genre
        """the genre of the page, with the chosen swing"""

    def set_genre(self, genre: Genre) -> None:
        self._page = genre
        self.genre = self._with_swing(genre)
        self.mixer.new_genre()

    @property
    def chosen_swing(self) -> float | None:
        """The chosen swing, 0 to 1; None: that of the genre's page."""
        return self._swing

    def set_swing(self, amount: float | None) -> None:
        """Swing every genre by `amount`, 0 to 1; None: as its page has it."""
        self._swing = amount
        self.genre = self._with_swing(self._page)

    def _with_swing(self, genre: Genre) -> Genre:
        return genre if self._swing is None else replace(genre, feel=replace(genre.feel, swing=self._swing))
