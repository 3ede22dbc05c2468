"""The player's choices: directions for the generator, song, transposition, what the band follows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from composerd.engine.requests import Directions
from composerd.engine.settings import EngineSettings
from composerd.engine.transposition import Transposition
from composerd.music.charts.chart import Chart
from composerd.music.harmony.key import key_of
from composerd.music.songbook import NO_SONGS, Songbook

AUTO = "auto"
"""a variation chosen by how the player plays"""


@dataclass(frozen=True, slots=True)
class Choices:
    """The player's choices, replaced whole; they outlive a performance and a change of mode."""

    directions: Directions = field(default_factory=Directions)
    """its variation may be AUTO"""
    follow: bool = False
    left_hand: bool = False
    metronome: bool = False
    song: Chart | None = None
    """the chart that the band plays by"""
    transposition: Transposition = field(default_factory=Transposition)
    song_name: str = ""
    """of the song in the user's list"""
    loop: str = ""
    """the slot of the chord loop that is played; empty for none"""
    book: Songbook = NO_SONGS
    """learned songs that are recognised"""
    choruses: int | None = None
    """number of choruses after which the song ends; None: at the player's request"""

    @property
    def heard_directions(self) -> Directions:
        """The directions with the player's key transposed to the pitches that the band works with."""
        key, higher = self.directions.key, -self.transposition.shown
        if key is None or not higher:
            return self.directions
        return replace(self.directions, key=replace(key, tonic=(key.tonic + higher) % 12))

    @classmethod
    def of(cls, settings: EngineSettings) -> Choices:
        directions = Directions(key=key_of(settings.key))
        transposition = Transposition(settings.transpose_keys, settings.transpose_band)
        return cls(directions, settings.follow, settings.left_hand, settings.metronome, transposition=transposition)

    def renewed(self, before: EngineSettings, settings: EngineSettings) -> Choices:
        """The choices after settings were read again: only settings that have changed override them."""
        said = settings.key if settings.key != before.key else None
        return replace(
            self,
            directions=self.directions if said is None else replace(self.directions, key=key_of(said)),
            follow=settings.follow if settings.follow != before.follow else self.follow,
            left_hand=settings.left_hand if settings.left_hand != before.left_hand else self.left_hand,
            metronome=settings.metronome if settings.metronome != before.metronome else self.metronome,
            transposition=self.transposition
            if (settings.transpose_keys, settings.transpose_band) == (before.transpose_keys, before.transpose_band)
            else Transposition(settings.transpose_keys, settings.transpose_band),
        )
