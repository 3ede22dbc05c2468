"""The message that a song was loaded, by whose chart the band is to play."""

from __future__ import annotations

from dataclasses import dataclass

from composerd.music.charts.chart import Chart


@dataclass(frozen=True, slots=True)
class SongLoaded:
    """The band plays by `chart` from the next bar line on; None: by none."""

    chart: Chart | None
    choruses: int | None = None
    """number of choruses after which it ends; None: at the player's request"""
    name: str = ""
    """of the song in the user's list"""
    loop: str = ""
    """the slot whose chord loop it is; empty for a song"""
