"""`composerd sets`: set lists and presets are made, listed, shown and removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from composerd.cli.main import main
from composerd.library.presets import MOST_ENTRIES, load_set, save_preset, save_set


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    save_preset("opener", {"genre": "rock", "tempo": 96.0})
    save_preset("waltz", {"genre": "pop"})
    return tmp_path / "composerd"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `composerd sets` prints; with its exit status where it fails."""
    status = main(["sets", *words])
    shown = capsys.readouterr()
    return shown.out if status == 0 else f"{status}: {shown.err}"


def test_without_any_the_folders_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    assert main(["sets"]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"none yet in {tmp_path}/composerd" in shown.err


@pytest.mark.usefixtures("folder")
def test_a_set_list_is_made_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "make", "gig", "waltz", "opener", "waltz").endswith("gig.txt\n")
    listed = said(capsys).splitlines()
    assert [line.split() for line in listed] == [
        ["gig", "set", "list,", "3", "entries"],
        ["opener", "preset", "rock", "none"],
        ["waltz", "preset", "pop", "none"],
    ]
    assert said(capsys, "show", "gig") == "  1  waltz\n  2  opener\n  3  waltz\n"
    assert "tempo: 96" in said(capsys, "show", "opener")


def test_what_is_removed_stays_beside_the_others_under_another_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "make", "gig", "opener")
    said(capsys, "remove", "gig")
    said(capsys, "remove", "opener")
    assert [line.split()[0] for line in said(capsys).splitlines()] == ["waltz"]
    assert (folder / "sets" / "gig.removed").read_text() == "opener\n"
    assert (folder / "presets" / "opener.removed").is_file()


def test_a_set_list_of_a_presets_name_goes_before_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "make", "opener", "waltz")
    assert said(capsys, "show", "opener") == "  1  waltz\n"
    said(capsys, "remove", "opener")
    assert "genre: rock" in said(capsys, "show", "opener")
    assert (folder / "presets" / "opener.yaml").is_file()


def test_broken_files_are_listed_with_their_reason_and_hide_no_other(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sets").mkdir()
    (folder / "sets" / "empty.txt").write_text("# nothing\n")
    (folder / "presets" / "odd.yaml").write_text("tempo: quick\n")
    listed = {line.split()[0]: line for line in said(capsys).splitlines()}
    assert list(listed) == ["empty", "odd", "opener", "waltz"]
    assert "cannot be read" in listed["empty"]
    assert "found 0 entries, expected 1 to 128 names of presets or songs" in listed["empty"]
    assert "odd.yaml:1" in listed["odd"]
    assert "quick" in listed["odd"]
    assert "rock" in listed["opener"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("sohw", "gig"), "unknown action of sets 'sohw'; did you mean show?"),
        (("show",), "sets show: found no name, expected that of a set list or a preset"),
        (("remove",), "sets remove: found no name"),
        (("show", "opner"), "did you mean opener?"),
        (("remove", "opner"), "unknown set list or preset 'opner'; did you mean opener?"),
        (("show", "opener", "waltz"), "sets show: found 'waltz', expected one name"),
        (("make", "gig"), "found 0 entries, expected 1 to 128 names"),
        (("make", "gig", *["waltz"] * 129), "found 129 entries, expected 1 to 128 names"),
        (("make", "gig", "walz"), "unknown preset or song 'walz'; did you mean waltz?"),
        (("make", "../gig", "waltz"), "expected 1 to 60 letters"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], expected: str
) -> None:
    told = said(capsys, *words)
    assert told.startswith("2: composerd: ")
    assert expected in told
    assert told.count("\n") == 1
    assert not (folder / "sets").exists() or list((folder / "sets").iterdir()) == []


@pytest.mark.usefixtures("folder")
def test_the_longest_set_list_can_be_read_again() -> None:
    save_set("long", ("waltz",) * MOST_ENTRIES)
    assert load_set("long") == ("waltz",) * MOST_ENTRIES
