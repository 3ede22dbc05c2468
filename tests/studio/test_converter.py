"""Takes as other files: with the band that their file has, whatever the genre's page says by now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from composerd.files.midi_notes import read_tracks
from composerd.library.genre_files import load_genre
from composerd.studio.converter import band_of, convert
from smf import C_MAJOR, END, meta, notes, number, song


def program(channel: int, value: int) -> bytes:
    return number(0) + bytes([0xC0 | channel - 1, value])


@pytest.fixture
def take(tmp_path: Path) -> Path:
    """A melody of the player's, clicks, a bass that the pop band has, and a part that it has not."""
    tracks = (
        meta(3, b"you") + notes(C_MAJOR, channel=1) + END,
        meta(3, b"metronome") + notes([76] * 16, channel=16) + END,
        meta(3, b"bass") + program(5, 38) + notes([36, 41, 43, 36], channel=5, ticks=1920) + END,
        meta(3, b"zither") + program(6, 15) + notes([60, 64, 67], channel=6) + END,
        meta(3, b"kit") + notes([36, 38] * 8, channel=10) + END,
    )
    path = tmp_path / "take.mid"
    path.write_bytes(song(*tracks))
    return path


def test_the_band_has_the_parts_channels_and_programs_of_the_file(take: Path) -> None:
    band = band_of(read_tracks(take)[1], "pop")
    assert [(part.name, part.channel, part.program) for part in band.parts] == [
        ("bass", 5, 38), ("zither", 6, 15), ("kit", 10, 0)
    ]  # fmt: skip
    assert band.title == load_genre("pop").title


def test_a_part_that_the_page_still_has_keeps_its_role_and_loudness(take: Path) -> None:
    bass, zither, kit = band_of(read_tracks(take)[1], "pop").parts
    own = next(part for part in load_genre("pop").parts if part.name == "bass")
    assert (bass.role, bass.loudness) == (own.role, own.loudness)
    assert (zither.role, kit.role) == ("comp", "drums")


def test_a_genre_that_is_gone_is_no_hindrance(take: Path) -> None:
    band = band_of(read_tracks(take)[1], "a genre of last year")
    assert band.name == "a genre of last year"
    assert len(band.parts) == 3


def test_of_two_tracks_on_one_channel_the_first_is_the_part(tmp_path: Path) -> None:
    path = tmp_path / "double.mid"
    path.write_bytes(
        song(meta(3, b"one") + notes([60], channel=3) + END, meta(3, b"two") + notes([64], channel=3) + END)
    )
    assert [part.name for part in band_of(read_tracks(path)[1], "pop").parts] == ["one"]


def test_a_take_becomes_a_score(take: Path, tmp_path: Path) -> None:
    convert(take, tmp_path / "score.musicxml", "pop")
    root = Xml.fromstring((tmp_path / "score.musicxml").read_text().partition('partwise.dtd">')[2])
    assert root.tag == "score-partwise"
    assert len(root.findall("part")) >= 2


@pytest.mark.parametrize(("data", "says"), [(b"", "composerd: "), (b"no MIDI file", "composerd: ")])
def test_what_is_no_take_is_refused_in_one_line(tmp_path: Path, data: bytes, says: str) -> None:
    broken = tmp_path / "broken.mid"
    broken.write_bytes(data)
    command = [sys.executable, "-m", "composerd.studio.converter", str(broken), str(tmp_path / "out.musicxml"), "pop"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert done.stderr.startswith(says)
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out.musicxml").exists()
