"""Songs and brought files: kept as charts, edited as text, and never at a place that a page names."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from composerd.errors import ComposerdError, ConfigError
from composerd.files.charts.formats import formats, write_charts
from composerd.files.midi_file import write_tracks
from composerd.library import presets
from composerd.library.songs import song_folder, song_names
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import Axis, FileTrack
from composerd.studio import set_service, song_service
from composerd.studio.studio_paths import StudioPaths
from composerd.studio.uploads import MOST_AT_ONCE, MOST_BYTES, Uploads, written_at

CHART = "title: Three chords\nkey: C\n\n[A]\nC | F | C | G |\n"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)


@pytest.fixture
def place(tmp_path: Path) -> StudioPaths:
    (tmp_path / "scratch").mkdir()
    return StudioPaths((), tmp_path / "takes", tmp_path / "scratch", tmp_path / "config.yaml")


def test_a_typed_chart_is_kept_shown_transposed_and_changed() -> None:
    name = song_service.save("", CHART)["name"]
    assert [(song["name"], song["title"], song["bars"]) for song in song_service.listed()] == [
        (name, "Three chords", 4)
    ]
    shown = song_service.shown(name, 2)
    assert [bar["chords"] for bar in shown["sections"][0]["bars"]] == [[(0, "D")], [(0, "G")], [(0, "D")], [(0, "A")]]
    song_service.save(name, shown["text"])
    assert song_service.shown(name, 0)["key"] == "D"
    song_service.remove(name)
    assert song_service.listed() == []


def test_a_chart_that_cannot_be_read_is_one_line_that_says_where() -> None:
    with pytest.raises(ConfigError, match=r"chart:\d+:\d+"):
        song_service.read("[A]\nC | Hmm7 | nonsense? |\n")
    assert song_names() == []


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "", "irealb://x", "."])
def test_no_name_of_a_page_is_a_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text(CHART)
    with pytest.raises(ConfigError):
        song_service.shown(name, 0)
    with pytest.raises(ConfigError):
        song_service.remove(name)
    if name:  # without one it is a new song
        with pytest.raises(ConfigError):
            song_service.save(name, CHART)
    assert song_names() == []


def test_a_brought_chart_is_kept_under_its_own_title(tmp_path: Path) -> None:
    assert song_service.brought(CHART.encode(), "../../evil.chart") == {"names": ["three-chords"]}
    assert [path.parent for path in tmp_path.rglob("*.chart")] == [song_folder()]
    with pytest.raises(ConfigError, match=r"expected \.chart"):
        song_service.brought(CHART.encode(), "evil.exe")


def test_a_brought_midi_file_tells_its_tracks(place: StudioPaths, tmp_path: Path) -> None:
    file = tmp_path / "tune.mid"
    track = FileTrack("flute", ((0, note_on(1, 72, 80)), (480, note_off(1, 72))))
    write_tracks(file, Axis.steady(100.0, Metre()), [track])
    found = song_service.midi_brought(place, file.read_bytes(), "tune.mid")
    assert (found["tracks"], found["bpm"], len(found["notes"])) == (("flute",), 100.0, 1)
    assert song_service.midi_files(place) == [{"file": found["file"], "name": "tune.mid"}]
    assert song_service.midi_file(place, found["file"]) == found
    for data in (b"", b"MThd", b"\x00" * 100):
        with pytest.raises(ComposerdError):
            song_service.midi_brought(place, data, "x.mid")
    assert len([*place.scratch.iterdir()]) == 1


def test_a_file_comes_in_pieces_up_to_a_limit() -> None:
    uploads = Uploads()
    number = uploads.begin()
    for piece in (b"abc", b"def"):
        uploads.add(number, base64.b64encode(piece).decode())
    assert uploads.take(number) == b"abcdef"
    with pytest.raises(ConfigError, match="not started"):
        uploads.take(number)
    number = uploads.begin()
    big = base64.b64encode(b"x" * 30_000).decode()
    with pytest.raises(ConfigError, match="more than"):
        fill(uploads, number, big)
    with pytest.raises(ConfigError, match="no base64"):
        uploads.add(uploads.begin(), "???")


def fill(uploads: Uploads, number: int, piece: str) -> None:
    for _ in range(MOST_BYTES // 30_000 + 2):
        uploads.add(number, piece)


def test_who_begins_many_files_loses_the_first() -> None:
    uploads = Uploads()
    numbers = [uploads.begin() for _ in range(MOST_AT_ONCE + 1)]
    with pytest.raises(ConfigError, match="no longer stored"):
        uploads.add(numbers[0], "")
    uploads.add(numbers[-1], "")


def test_a_set_list_is_written_told_and_taken_out() -> None:
    one, two = (song_service.save("", CHART.replace("Three chords", title))["name"] for title in ("One", "Two"))
    set_service.save("Saturday", (two, one))
    found = set_service.listed()
    assert found == {"sets": [{"name": "Saturday", "entries": [two, one]}], "presets": [], "entries": [one, two]}
    set_service.remove("Saturday")
    assert set_service.listed()["sets"] == []


def test_a_set_list_is_never_written_over_another_one() -> None:
    song_service.save("", CHART)
    for name in ("Saturday", "Sunday"):
        set_service.save(name, ("three-chords",))
    set_service.save("Saturday", ("three-chords",) * 2, before="Saturday")
    for before in ("", "Sunday"):
        with pytest.raises(ConfigError, match="name: found 'Saturday', expected one that no other set list has"):
            set_service.save("Saturday", ("three-chords",), before)
    assert [len(one["entries"]) for one in set_service.listed()["sets"]] == [2, 1]


def test_a_file_that_is_gone_counts_as_the_oldest(tmp_path: Path) -> None:
    (there := tmp_path / "there").touch()
    assert sorted([there, gone := tmp_path / "gone"], key=written_at) == [gone, there]


@pytest.mark.parametrize(("name", "entries"), [("../x", ("one",)), ("Saturday", ("Nowhere",)), ("Saturday", ())])
def test_a_set_list_that_cannot_be_is_refused_in_one_line(name: str, entries: tuple[str, ...]) -> None:
    song_service.save("", CHART.replace("Three chords", "One"))
    with pytest.raises(ConfigError) as refused:
        set_service.save(name, entries)
    assert "\n" not in str(refused.value)


def test_a_song_without_a_title_is_called_by_its_name() -> None:
    assert [song_service.save("", "C | F |\n")["name"] for _ in range(2)] == ["song", "song-2"]
    assert [one["title"] for one in song_service.listed()] == ["song", "song-2"]
    assert song_service.shown("song-2", 0)["title"] == "song-2"


def test_what_was_taken_out_is_put_back_as_it_was_and_nothing_is_left_behind() -> None:
    text = f"# my own remark\n{CHART}"
    (song_folder()).mkdir(parents=True)
    (song_folder() / "mine.chart").write_text(text)
    set_service.save("Saturday", ("mine",))
    presets.save_preset("Saturday", {"tempo": 70})
    song_service.remove("mine")
    set_service.remove("Saturday")
    set_service.remove("Saturday")
    assert (song_names(), set_service.listed()["sets"], set_service.listed()["presets"]) == ([], [], [])
    song_service.restore("mine")
    set_service.restore("Saturday")
    assert (set_service.listed()["sets"], set_service.listed()["presets"]) == ([], ["Saturday"]), (
        "the last one comes first"
    )
    set_service.restore("Saturday")
    assert (song_folder() / "mine.chart").read_text() == text
    assert [*song_folder().parent.rglob("*.removed")] == []


def test_what_was_taken_out_does_not_come_back_over_another_one() -> None:
    song_service.save("", CHART)
    song_service.remove("three-chords")
    song_service.save("", CHART)
    with pytest.raises(ConfigError, match="no other song has by now"):
        song_service.restore("three-chords")
    for restore in (song_service.restore, set_service.restore):
        with pytest.raises(ConfigError, match="of a removed"):
            restore("../../etc/passwd")


def test_every_kind_of_chart_that_composerd_reads_may_be_uploaded_and_the_page_offers_it() -> None:
    charts = {suffix for one in formats() for suffix in one.suffixes} - set(song_service.MIDI_ENDINGS)
    assert set(song_service.ENDINGS) == charts | set(song_service.MIDI_ENDINGS)
    page = (Path(song_service.__file__).parent / "static" / "js" / "songs.js").read_text()
    offered = re.search(r'type: "file", accept: "([^"]*)"', page)
    assert offered is not None
    assert tuple(offered[1].split(",")) == song_service.ENDINGS


@pytest.mark.parametrize("suffix", [".chordpro", ".irealb", ".htm", ".CLD"])
def test_an_uploaded_chart_is_kept_whatever_its_format(suffix: str) -> None:
    data = write_charts(f"x{suffix}", [song_service._typed(CHART)])
    [name] = song_service.brought(data, f"My Song{suffix}")["names"]
    assert song_service.shown(name, 0)["bars"] == 4
