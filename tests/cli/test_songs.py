"""`composerd songs`: charts are kept, listed, shown, drawn, exported and removed."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

import smf
from charts import BLUES
from composerd.cli.main import main
from composerd.files.charts.formats import read_charts
from composerd.library.songs import load_song, song_names


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "blues.txt").write_text(BLUES)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    status = main(["songs", *words])
    shown = capsys.readouterr()
    return shown.out if status == 0 else f"{status}: {shown.err}"


def test_a_song_is_added_listed_shown_and_removed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys).strip() == ""
    said(capsys, "add", "blues.txt")
    said(capsys, "add", "blues.txt", "--name", "My Blues!")
    assert song_names() == ["blues", "my-blues"]
    assert "F    4/4     12 bars  jazz      Blues" in said(capsys, "list")
    assert "| F7       | Bb7      | F7       | Cm7 F7   |" in said(capsys, "show", "blues")
    assert "| 1(7)" in said(capsys, "show", "blues", "--numbers")
    assert "| G7" in said(capsys, "show", "blues", "--transpose", "2")
    said(capsys, "remove", "blues")
    assert song_names() == ["my-blues"]
    assert (folder / "composerd" / "songs" / "blues.removed").is_file()


def test_a_song_is_called_by_its_title_as_well(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "x.txt").write_text("title: Blues in F\n| F7 | Bb7 |\n")
    assert "blues-in-f.chart" in said(capsys, "add", "x.txt")
    assert said(capsys, "show", "Blues in F") == said(capsys, "show", "blues-in-f")
    said(capsys, "remove", "Blues in F")
    assert song_names() == []


@pytest.mark.parametrize("name", ["x.txt", "x.cho", "x.html", "x.ireal", "x.musicxml", "x.mxl", "x.mid"])
def test_a_song_is_exported_in_every_format(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    said(capsys, "export", "blues.txt", "-o", name)
    assert read_charts(folder / name)[0].sections == read_charts(folder / "blues.txt")[0].sections


def test_the_chart_is_drawn(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "show", "blues.txt", "-o", "b.svg").strip() == "b.svg"
    assert ">Bdim7<" in (folder / "b.svg").read_text()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("show", "blus"), "unknown song or file 'blus'; did you mean blues?"),
        (("show",), "found no name"),
        (("sohw", "x"), "unknown action of songs 'sohw'; did you mean show?"),
        (("add", "nowhere.txt"), "nowhere.txt: cannot be read"),
        (("add", "blues.txt", "--name", "blues"), "expected a name that no other song has"),
        (("export", "blues"), "found no -o"),
        (("export", "blues", "-o", "x.pdf"), "expected one of .txt"),
        (("show", "blues", "--transpose", "40"), "--transpose: found 40, expected -11 to 11"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], expected: str) -> None:
    said(capsys, "add", "blues.txt")
    told = said(capsys, *words)
    assert told.startswith("2: composerd: ")
    assert expected in told
    assert told.count("\n") == 1


def test_a_chart_without_a_title_is_called_as_its_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "Slow Blues.txt").write_text("| F7 | Bb7 |\n")
    said(capsys, "add", "Slow Blues.txt")
    assert song_names() == ["slow-blues"]
    assert load_song("slow-blues").title == load_song("Slow Blues.txt").title == "Slow Blues"


@pytest.mark.usefixtures("folder")
def test_a_link_is_a_song_as_well() -> None:
    assert load_song("irealbook://A=B=C=F=n=[T44F |C Z").title == "A"


TAKE = smf.song(
    smf.END,
    smf.meta(3, b"melody") + smf.notes([60, 64, 67, 72] * 4) + smf.END,
    smf.meta(3, b"bass") + smf.notes([36, 41, 43, 36], channel=3, ticks=1920) + smf.END,
)


@pytest.fixture
def takes(folder: Path) -> Path:
    found = folder / "composerd" / "takes"
    found.mkdir(parents=True)
    for name in ("0001_2026-11-01_10-00-00_pop.mid", "0002_2026-11-02_10-00-00_jazz.mid"):
        (found / name).write_bytes(TAKE)
    return found


@pytest.mark.parametrize(
    ("wanted", "name", "genre"),
    [
        ("last", "0002_2026-11-02_10-00-00_jazz", "jazz"),
        ("1", "0001_2026-11-01_10-00-00_pop", "pop"),
        ("0001_2026-11-01_10-00-00_pop.mid", "0001_2026-11-01_10-00-00_pop", "pop"),
    ],
)
@pytest.mark.usefixtures("takes")
def test_a_song_is_learned_of_a_take_by_its_number_or_name_and_plays_in_its_genre(
    capsys: pytest.CaptureFixture[str], wanted: str, name: str, genre: str
) -> None:
    assert said(capsys, "learn", wanted).strip().endswith(f"{name}.chart")
    song = load_song(name)
    assert (song.genre, [note.pitch for note in song.melody][:4]) == (genre, [60, 64, 67, 72])


@pytest.mark.parametrize("name", ["x.txt", "x.musicxml", "x.mid"])
@pytest.mark.parametrize("wanted", ["last", "1"])
@pytest.mark.usefixtures("takes")
def test_a_take_is_shown_and_exported_without_becoming_a_song(
    capsys: pytest.CaptureFixture[str], wanted: str, name: str
) -> None:
    shown = said(capsys, "show", wanted, "--transpose", "2")
    assert said(capsys, "export", wanted, "-o", name, "--transpose", "2").strip() == name
    written = load_song(name)
    assert [note.pitch for note in written.melody][:4] == [62, 66, 69, 74]
    assert f"title: {written.title}" in shown
    assert song_names() == []


def test_a_song_is_learned_of_a_file_under_a_name_and_in_another_key(
    takes: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (takes / "0001_2026-11-01_10-00-00_pop.mid").rename(folder / "mine.mid")
    said(capsys, "learn", "mine.mid", "--name", "My Tune", "--transpose", "2")
    song = load_song("my-tune")
    assert (song.title, song.genre, song.melody[0].pitch) == ("My Tune", "", 62)


def test_a_song_that_cannot_be_read_is_listed_with_its_reason_and_hides_no_other(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "add", "blues.txt")
    (folder / "composerd" / "songs" / "broken.chart").write_text("| C | nonsense? |\n")
    lines = said(capsys, "list").splitlines()
    assert [line.split()[0] for line in lines] == ["blues", "broken"]
    assert "cannot be read: " in lines[1]
    assert "broken.chart:1:7" in lines[1]


def test_all_songs_of_a_page_are_added_but_not_under_one_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = "irealbook://{}=B=C=F=n=[T44F |C Z"
    (folder / "page.html").write_text("".join(f"<a href='{link.format(title)}'>x</a>" for title in ("One", "Two")))
    assert "--name: found one name for 2 songs, expected a file with one song" in said(
        capsys, "add", "page.html", "--name", "x"
    )
    assert song_names() == []
    assert len(said(capsys, "add", "page.html", "--transpose", "-2").splitlines()) == 2
    assert [(name, load_song(name).key) for name in song_names()] == [("one", 3), ("two", 3)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("show", "blues.txt", "-o", "x.png"), "-o: found 'x.png', expected a name that ends in .svg"),
        (("show", "blues.txt", "-o", "none/x.svg"), "cannot be written: No such file or directory"),
        (("export", "blues.txt", "-o", "none/x.mid"), "cannot be written: No such file or directory"),
        (("learn", "first"), "unknown take 'first'; possible: "),
        (("learn", "blues.txt"), "blues.txt: "),
        (("remove", "waltz"), "unknown song 'waltz'; possible: none"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_done_is_one_line_and_writes_nothing(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], expected: str
) -> None:
    told = said(capsys, *words)
    assert told.startswith("2: composerd: ")
    assert expected in told
    assert told.count("\n") == 1
    assert song_names() == []


def test_a_metre_that_a_format_does_not_have_leaves_the_old_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "odd.txt").write_text("time: 7/16\n| C |\n")
    (folder / "out.html").write_text("old")
    assert "time signature: found 7/16" in said(capsys, "export", "odd.txt", "-o", "out.html")
    assert (folder / "out.html").read_text() == "old"


def test_the_chords_of_a_backing_track_are_printed_and_written_where_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = folder / "composerd" / "genres" / "duo.yaml"
    page.parent.mkdir(parents=True)
    page.write_text(
        "title: Duo\nmodel: plain\nbpm: 90\nparts:\n  - {name: bass, role: bass, channel: 5, range: [28, 55]}\n"
    )
    (folder / "x.txt").write_text("| C | Am7 | Dm7 . G7 . |\n")
    words = ["render", "--song", "x.txt", "--genre", "duo", "--choruses", "1", "-o", "x.mid"]
    assert main([*words, "--chords"]) == 0
    assert "| Am7 " in capsys.readouterr().out
    written = [event.text for track in mido.MidiFile("x.mid").tracks for event in track if event.type == "text"]
    assert {"C", "Am7", "Dm7", "G7"} <= set(written)
    assert main(words) == 0
    assert "|" not in capsys.readouterr().out
