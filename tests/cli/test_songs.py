"""`composerd songs`: charts are kept, listed, shown, drawn, exported and removed."""

from __future__ import annotations

from pathlib import Path

import pytest

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
