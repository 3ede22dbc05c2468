"""Takes on the page: listed with their pictures, read as files, accompanied once; no name of a page is a path."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import smf
from composerd.errors import ComposerdError, ConfigError
from composerd.studio import take_service
from composerd.studio.studio_paths import StudioPaths
from composerd.studio.take_service import MOST_SCRATCH
from composerd.studio.uploads import UPLOADED, stored
from composerd.takes.take_management import keep, rename

FIRST, SECOND = "0001_2026-11-01_10-00-00_pop.mid", "0002_2026-11-02_10-00-00_bossa-nova.mid"
MUSIC = smf.song(smf.meta(3, b"melody") + smf.notes([60, 64, 67, 72]) + smf.END)


@pytest.fixture
def place(tmp_path: Path) -> StudioPaths:
    for name in ("takes", "scratch"):
        (tmp_path / name).mkdir()
    for name in (FIRST, SECOND):
        (tmp_path / "takes" / name).write_bytes(MUSIC)
    return StudioPaths((), tmp_path / "takes", tmp_path / "scratch", tmp_path / "config.yaml")


def made(place: StudioPaths, key: str, data: bytes = MUSIC) -> Path:
    """An accompaniment as it lies in the scratch folder."""
    path = take_service._scratch_file(place, key)
    path.write_bytes(data)
    return path


def test_takes_are_listed_newest_first_with_title_length_and_picture(place: StudioPaths) -> None:
    rename(place.takes, FIRST, "Morning song")
    keep(place.takes, FIRST, True)
    second, first = take_service.listed(place)
    assert (second["name"], second["genre"], second["title"], second["kept"]) == (SECOND, "bossa-nova", "", False)
    assert (first["title"], first["kept"], first["started"]) == ("Morning song", True, "2026-11-01T10:00:00")
    assert (first["seconds"], first["bpm"], first["tracks"], first["bytes"]) == (2.0, 120.0, ("melody",), len(MUSIC))
    assert [note.pitch for note in first["roll"]] == [60, 64, 67, 72]


def test_a_take_that_cannot_be_read_is_listed_without_a_picture_and_hides_no_other(place: StudioPaths) -> None:
    (place.takes / FIRST).write_bytes(b"no music")
    second, first = take_service.listed(place)
    assert (first["roll"], "seconds" in first, len(second["roll"])) == ([], False, 4)
    with pytest.raises(ComposerdError, match="cannot be read"):
        take_service.looked_at(place, FIRST)


def test_a_take_that_changes_is_drawn_anew(place: StudioPaths) -> None:
    before = take_service.looked_at(place, FIRST)
    path = place.takes / FIRST
    path.write_bytes(smf.song(smf.notes([50]) + smf.END))
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1_000_000))
    after = take_service.looked_at(place, FIRST)
    assert ([note.pitch for note in before["notes"]], [note.pitch for note in after["notes"]]) == (
        [60, 64, 67, 72],
        [50],
    )
    assert after["bars"] == (0.0,)


@pytest.mark.parametrize("name", ["../config.yaml", "/etc/passwd", "", "none.mid", FIRST.removesuffix(".mid")])
def test_no_name_of_a_page_is_a_path(place: StudioPaths, name: str) -> None:
    for ask in (take_service.looked_at, lambda place, name: take_service.as_file(place, name, "mid")):
        with pytest.raises(ConfigError, match="expected the name of a take"):
            ask(place, name)


def test_a_take_is_sent_as_the_file_that_it_is(place: StudioPaths) -> None:
    assert take_service.as_file(place, FIRST, "mid") == (FIRST, "audio/midi", MUSIC)


def test_a_take_is_converted_once_and_again_when_it_changes(place: StudioPaths) -> None:
    name, kind, data = take_service.as_file(place, FIRST, "musicxml")
    assert (name, kind) == (FIRST.replace(".mid", ".musicxml"), "application/vnd.recordare.musicxml+xml")
    assert data.startswith(b"<?xml")
    [score] = place.scratch.iterdir()
    score.write_bytes(b"kept")
    assert take_service.as_file(place, FIRST, "musicxml")[2] == b"kept"
    os.utime(place.takes / FIRST, ns=(1, 1))
    assert take_service.as_file(place, FIRST, "musicxml")[2] == data


def test_what_cannot_be_converted_says_why_and_leaves_no_file(place: StudioPaths) -> None:
    (place.takes / FIRST).write_bytes(b"no music")
    with pytest.raises(ComposerdError) as told:
        take_service.as_file(place, FIRST, "musicxml")
    assert "\n" not in str(told.value)
    assert list(place.scratch.iterdir()) == []


def test_a_file_too_long_for_a_page_is_refused_with_another_way(place: StudioPaths) -> None:
    with (place.takes / FIRST).open("r+b") as file:
        file.truncate(take_service.MOST_BYTES + 1)
    with pytest.raises(ComposerdError, match="longer than the page can take; use `composerd takes export`"):
        take_service.as_file(place, FIRST, "mid")


def test_an_accompaniment_is_called_by_its_genre_whatever_that_is_called(place: StudioPaths) -> None:
    for genre in ("pop", "bossa-nova", "a-b-c"):
        made(place, f"{genre}-0123456789abcdef")
        assert take_service.accompaniment_file(place, f"{genre}-0123456789abcdef", "mid")[0] == f"{genre}.mid"


@pytest.mark.parametrize("again", ["pop-0123456789abcdef", "../takes/x", "", "-"])
def test_an_accompaniment_that_is_not_stored_is_to_be_made_again(place: StudioPaths, again: str) -> None:
    with pytest.raises(ComposerdError, match="make it again"):
        take_service.accompaniment_file(place, again, "mid")


def test_accompaniments_of_a_take_are_listed_in_their_order_while_they_are_stored(place: StudioPaths) -> None:
    keys = [f"pop-{number:016x}" for number in range(3)]
    for key in keys:
        made(place, key)
        place.made.setdefault(FIRST, {})[key] = ("pop", "jam")
    take_service._scratch_file(place, keys[1]).unlink()
    assert [found["again"] for found in take_service.accompaniments(place, FIRST)] == [keys[0], keys[2]]
    assert take_service.accompaniments(place, SECOND) == []


def test_an_accompaniment_that_was_made_is_not_made_again(place: StudioPaths) -> None:
    """The band is not asked for a second time: what lies there is shown."""
    take = place.takes / FIRST
    key = f"rock-{take_service._digest(str(take), str(take.stat().st_mtime_ns), 'phrase')}"
    made(place, key)
    found = take_service.accompanied(place, FIRST, "rock", "phrase")
    assert (found["again"], found["genre"], found["mode"], found["seconds"]) == (key, "rock", "phrase", 2.0)
    assert [one["again"] for one in take_service.accompaniments(place, FIRST)] == [key]


def test_old_renderings_make_room_but_uploaded_files_stay(place: StudioPaths) -> None:
    kept = stored(MUSIC, place.scratch)
    for number in range(MOST_SCRATCH + 5):
        path = made(place, f"pop-{number}")
        os.utime(path, ns=(number + 1, number + 1))
    os.utime(kept, ns=(0, 0))
    take_service._prune(place.scratch)
    left = {path.name for path in place.scratch.iterdir()}
    assert kept.name.endswith(UPLOADED)
    assert left == {
        kept.name,
        *(take_service._scratch_file(place, f"pop-{number}").name for number in range(5, MOST_SCRATCH + 5)),
    }
