"""Loads the genre and the song that the settings name for the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composerd.config.layers import Config
from composerd.library.genre_files import load_genre
from composerd.music.genre import Genre

if TYPE_CHECKING:
    from composerd.music.charts.chart import Chart


def chosen_genre(config: Config) -> Genre:
    """The genre that `band.genre` names. Raises ConfigError."""
    return load_genre(config.settings.band.genre, where=config.place("band.genre"))


def chosen_song(config: Config) -> Chart | None:
    """The chart of the song in the settings; None without one. Raises ConfigError."""
    if not config.settings.band.song:
        return None
    from composerd.library.songs import load_song

    return load_song(config.settings.band.song, config.place("band.song"))


def genre_for(config: Config, chart: Chart | None) -> Genre:
    """The song's own genre, unless another one was asked for on the command line. Raises ConfigError."""
    if chart is not None and chart.genre and not config.asked_for("band.genre"):
        return load_genre(chart.genre, where=config.place("band.song"))
    return chosen_genre(config)


def check(config: Config) -> None:
    """Raise ConfigError if a performance would not start with these settings."""
    chosen_genre(config)
    genre_for(config, chosen_song(config))
