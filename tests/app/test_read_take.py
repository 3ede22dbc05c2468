"""A take read back for playing: its parts as its file has them, whatever became of its genre's page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import smf
from composerd.app.take_player import read_take
from composerd.errors import ConfigError
from composerd.library.genre_files import load_genre
from composerd.takes.folder import Take


def part(name: str, channel: int, program: int, pitch: int = 48) -> bytes:
    chosen = smf.number(0) + bytes([0xC0 | channel - 1, program])
    return smf.meta(3, name.encode()) + chosen + smf.notes([pitch], channel=channel) + smf.END


def take(tmp_path: Path, genre: str, *tracks: bytes) -> Take:
    path = tmp_path / f"0001_2026-11-01_10-00-00_{genre}.mid"
    path.write_bytes(smf.song(*tracks))
    return Take(path, 1, datetime(2026, 11, 1, 10), genre, path.stat().st_size)


@pytest.mark.parametrize(
    ("name", "channel", "role"),
    [("bass", 5, "bass"), ("Contrabass", 5, "bass"), ("Bassoon", 5, "comp"), ("keys", 5, "comp"), ("kit", 10, "drums")],
)
def test_of_a_genre_that_is_gone_roles_are_guessed_from_names_and_channels(
    tmp_path: Path, name: str, channel: int, role: str
) -> None:
    genre = read_take(take(tmp_path, "last-year", part(name, channel, 40))).genre
    assert [(one.name, one.role, one.channel, one.program) for one in genre.parts] == [(name, role, channel, 40)]
    assert genre.name == "last-year"


def test_a_part_that_the_page_has_keeps_its_role_and_loudness_with_the_files_channel_and_program(
    tmp_path: Path,
) -> None:
    own = next(one for one in load_genre("pop").parts if one.role == "bass")
    [found] = read_take(take(tmp_path, "pop", part(own.name, 7, 39))).genre.parts
    assert (found.role, found.loudness, found.channel, found.program) == (own.role, own.loudness, 7, 39)


def test_the_players_track_is_no_part_and_its_program_is_the_players(tmp_path: Path) -> None:
    recorded = read_take(take(tmp_path, "pop", part("melody", 1, 11, 72), part("x", 5, 40)))
    assert recorded.genre.player_program == 11
    senders = {played.message.data1: played.part for played in recorded.played if played.message.starts_note}
    assert senders == {72: None, 48: 0}


def test_what_is_played_is_in_order_and_placed_by_the_files_tempo(tmp_path: Path) -> None:
    slow = smf.meta(0x51, (1_000_000).to_bytes(3, "big")) + smf.END
    recorded = read_take(take(tmp_path, "pop", slow, part("a", 5, 1), part("b", 6, 2)))
    moments = [played.at for played in recorded.played]
    assert moments == sorted(moments)
    assert moments[-1] == 1.0
    assert all(played.replayed for played in recorded.played)


@pytest.mark.parametrize("data", [b"", b"no music", smf.header()])
def test_a_take_that_is_no_music_any_more_is_named_in_one_line(tmp_path: Path, data: bytes) -> None:
    broken = take(tmp_path, "pop", part("a", 5, 1))
    broken.path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"pop\.mid: ") as told:
        read_take(broken)
    assert "\n" not in str(told.value)
