"""What a performance starts with: the genre that was asked for, else the song's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from composerd.config.layers import Config, load
from composerd.config.yaml_source import SourcedValue
from composerd.errors import ConfigError, Option
from composerd.library.start import check, chosen_genre, chosen_song, genre_for

CHART = "title: T\nkey: C\ngenre: jazz\n\n[A]\n| C | F |\n"


@pytest.fixture
def song(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    (tmp_path / "t.txt").write_text(CHART)
    return tmp_path / "t.txt"


def config(**band: object) -> Config:
    return load({f"band.{name}": SourcedValue(str(value), Option(f"--{name}")) for name, value in band.items()})


@pytest.mark.usefixtures("song")
def test_without_a_song_the_settings_genre_plays() -> None:
    assert chosen_song(config()) is None
    assert genre_for(config(), None).name == "pop"
    assert chosen_genre(config(genre="rock")).name == "rock"


def test_a_songs_own_genre_plays(song: Path) -> None:
    given = config(song=song)
    assert genre_for(given, chosen_song(given)).name == "jazz"


def test_the_genre_on_the_command_line_wins_over_the_songs(song: Path) -> None:
    given = config(song=song, genre="bach")
    assert genre_for(given, chosen_song(given)).name == "bach"


def test_a_song_without_a_genre_plays_in_the_settings(song: Path) -> None:
    song.write_text(CHART.replace("genre: jazz\n", ""))
    given = config(song=song)
    assert genre_for(given, chosen_song(given)).name == "pop"


def test_a_songs_unknown_genre_names_the_song(song: Path) -> None:
    song.write_text(CHART.replace("jazz", "jaz"))
    with pytest.raises(ConfigError, match="--song: unknown genre 'jaz'; did you mean jazz"):
        check(config(song=song))


@pytest.mark.usefixtures("song")
def test_what_would_not_start_is_refused() -> None:
    check(config())
    for given in (config(genre="polka"), config(song="nowhere")):
        with pytest.raises(ConfigError):
            check(given)
