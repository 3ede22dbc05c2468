"""The folder of songs: names, changes, loops, removal and return, and what is left out of the songbook."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import BLUES
from composerd.errors import ConfigError, Option
from composerd.files.charts.text import read_text
from composerd.library.removed import REMOVED
from composerd.library.songs import (
    SUFFIX,
    add_song,
    keep_loop,
    load_song,
    loop_of,
    loop_slots,
    read_book,
    remove_song,
    restore_song,
    song_folder,
    song_names,
    song_state,
    titled,
)

CHART = read_text(BLUES)
LINK = "irealbook://Plain=Someone=Swing=C=n=T44[C   |F   |G7   |C   Z"
TUNE = read_text("title: Tune\nkey: C\n| C | F | G7 | C |\n~ | C5:4 D5:4 E5:4 F5:4 | G5:16 | F5:8 D5:8 | C5:16 |\n")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"XDG_DATA_HOME": str(tmp_path)}


def test_without_a_folder_there_are_no_songs(home: dict[str, str]) -> None:
    assert song_names(home) == []
    assert loop_slots(home) == frozenset()
    assert song_state(home) == ()
    assert len(read_book(home)) == 0


def test_a_song_is_kept_under_its_title_and_a_second_one_beside_it(home: dict[str, str]) -> None:
    assert [add_song(CHART, environ=home).stem for _ in range(3)] == ["blues", "blues-2", "blues-3"]
    assert song_names(home) == ["blues", "blues-2", "blues-3"]
    assert load_song("blues-2", environ=home) == CHART


def test_a_name_that_was_asked_for_is_never_another_songs(home: dict[str, str]) -> None:
    add_song(CHART, "mine", home)
    with pytest.raises(ConfigError, match="--name: found 'mine', expected a name that no other song has"):
        add_song(TUNE, "Mine", home)
    assert load_song("mine", environ=home) == CHART


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Für Elise", "für-elise"),
        ("  A  --  B  ", "a-b"),
        ("../../etc/passwd", "etc-passwd"),
        ("???", "song"),
        ("", "song"),
    ],
)
def test_a_title_becomes_a_plain_file_name(home: dict[str, str], title: str, stem: str) -> None:
    path = add_song(replace(CHART, title=title), environ=home)
    assert path.parent == song_folder(home)
    assert path.stem == stem


@given(st.text(max_size=80))
def test_no_title_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    home = {"XDG_DATA_HOME": str(tmp_path_factory.mktemp("data"))}
    path = add_song(replace(CHART, title=title), environ=home)
    assert path.parent == song_folder(home)
    assert path.stem in song_names(home)
    assert len(path.name.encode()) < 255


def test_a_link_and_a_file_are_songs_too(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "untitled blues.txt").write_text("| F7 | Bb7 |\n")
    assert load_song(str(tmp_path / "untitled blues.txt"), environ=home).title == "untitled blues"
    assert load_song(LINK, environ=home).title == "Plain"


def test_a_link_may_be_longer_than_any_file_name(home: dict[str, str]) -> None:
    long = LINK.replace("|G7   ", "|G7   " * 900)
    assert len(load_song(long, environ=home).bars) == 903


def test_an_unknown_name_says_where_it_was_given_and_what_was_meant(home: dict[str, str]) -> None:
    add_song(CHART, environ=home)
    with pytest.raises(ConfigError, match="--song: unknown song or file 'bluse'; did you mean blues"):
        load_song("bluse", Option("--song"), home)
    with pytest.raises(ConfigError) as told:
        load_song("x" * 5000, environ=home)
    assert len(str(told.value)) < 200
    with pytest.raises(ConfigError, match="--song: unknown song or file '~no-such-user/x'"):
        load_song("~no-such-user/x", Option("--song"), home)


def test_a_chart_that_has_a_title_keeps_it() -> None:
    assert titled(CHART, Path("other.txt")) is CHART
    assert titled(replace(CHART, title=""), Path("other.txt")).title == "other"


# -- chord loops


@pytest.mark.parametrize(
    ("name", "slot"), [("loop-1", "1"), ("loop-8", "8"), ("loop-9", ""), ("loop-10", ""), ("loop", "")]
)
def test_loops_are_songs_of_eight_names(name: str, slot: str) -> None:
    assert loop_of(name) == slot


def test_a_loop_is_kept_over_the_one_before_and_taken_out(home: dict[str, str]) -> None:
    keep_loop("2", CHART, home)
    keep_loop("5", CHART, home)
    keep_loop("2", TUNE, home)
    assert loop_slots(home) == frozenset({"2", "5"})
    assert load_song("loop-2", environ=home).title == "Tune"
    keep_loop("2", None, home)
    keep_loop("7", None, home)  # there is none
    assert loop_slots(home) == frozenset({"5"})


# -- removal


def test_a_removed_song_comes_back_as_it_was(home: dict[str, str]) -> None:
    path = add_song(CHART, environ=home)
    data = path.read_bytes()
    removed = remove_song("blues", home)
    assert removed.suffix == REMOVED
    assert song_names(home) == []
    assert restore_song("blues", home) == path
    assert path.read_bytes() == data
    assert not removed.exists()


def test_a_song_whose_name_is_taken_by_now_does_not_come_back(home: dict[str, str]) -> None:
    add_song(CHART, environ=home)
    remove_song("blues", home)
    add_song(TUNE, "blues", home)
    with pytest.raises(ConfigError, match="no other song has by now"):
        restore_song("blues", home)
    assert load_song("blues", environ=home).title == "Tune"


def test_a_song_that_is_removed_twice_is_kept_twice(home: dict[str, str]) -> None:
    contents = []
    for composer in ("first", "second", "third"):
        path = add_song(replace(CHART, composer=composer), environ=home)
        contents.append(path.read_bytes())
        remove_song("blues", home)
    names = ("blues-2", "blues-3", "blues")
    assert [restore_song(name, home).read_bytes() for name in names] == contents
    assert song_names(home) == sorted(names)


def test_a_song_that_comes_back_comes_back_as_it_was_last(home: dict[str, str]) -> None:
    for composer in ("first", "second"):
        add_song(replace(CHART, composer=composer), environ=home)
        remove_song("blues", home)
    restore_song("blues", home)
    assert load_song("blues", environ=home).composer == "second"


@pytest.mark.parametrize("name", ["bluse", "../blues", ""])
def test_what_is_not_there_can_neither_be_removed_nor_restored(home: dict[str, str], name: str) -> None:
    add_song(CHART, environ=home)
    with pytest.raises(ConfigError):
        remove_song(name, home)
    with pytest.raises(ConfigError):
        restore_song(name, home)
    assert song_names(home) == ["blues"]


# -- the songbook


def test_songs_with_a_melody_are_in_the_book_and_a_broken_one_is_named_and_left_out(
    home: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    add_song(TUNE, environ=home)
    add_song(CHART, environ=home)
    (song_folder(home) / f"broken{SUFFIX}").write_bytes(b"\x00\xff\x00")
    with caplog.at_level(logging.WARNING):
        book = read_book(home)
    assert [chart.title for chart in book.charts] == ["Tune"]
    assert ["broken" in record.message for record in caplog.records] == [True]


def test_the_state_changes_with_every_change_of_the_folder(home: dict[str, str]) -> None:
    states = [song_state(home)]
    path = add_song(TUNE, environ=home)
    states.append(song_state(home))
    os.utime(path, ns=(1, 1))
    states.append(song_state(home))
    add_song(CHART, environ=home)
    states.append(song_state(home))
    remove_song("blues", home)
    assert song_state(home) == states[2]
    assert len(set(states)) == 4


@pytest.mark.parametrize("title", ["Loop 1", "loop-8", "LOOP 3!"])
def test_a_song_whose_title_reads_like_a_loop_is_none_and_no_loop_is_kept_over_it(
    home: dict[str, str], title: str
) -> None:
    path = add_song(replace(CHART, title=title), environ=home)
    assert loop_slots(home) == frozenset()
    keep_loop("1", replace(CHART, title="other"), home)
    assert load_song(path.stem, environ=home).title == title


def test_a_loops_name_cannot_be_asked_for(home: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="--name: found 'loop-2', expected a name that no chord loop has"):
        add_song(CHART, "Loop 2", home)
    assert song_names(home) == []


def test_a_chart_named_after_a_file_that_is_no_text_is_kept(home: dict[str, str], tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.txt")
    odd.write_text("| C | F |\n")
    chart = titled(read_text("| C | F |\n"), odd)
    path = add_song(chart, environ=home)
    assert load_song(path.stem, environ=home).bars == chart.bars


@pytest.mark.parametrize("name", ["~nobody-here/x.txt", "x" * 5000, "a\0b", "", "."])
def test_what_can_be_no_file_is_an_unknown_song(home: dict[str, str], name: str) -> None:
    with pytest.raises(ConfigError, match="unknown song or file"):
        load_song(name, environ=home)


def test_of_a_file_with_several_songs_the_first_is_loaded(home: dict[str, str], tmp_path: Path) -> None:
    page = tmp_path / "two.html"
    page.write_text(f"<a href='{LINK}'>1</a><a href='{LINK.replace('Plain', 'Second')}'>2</a>")
    assert load_song(str(page), environ=home).title == "Plain"


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "composerd").write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match="cannot be written"):
        add_song(CHART, environ={"XDG_DATA_HOME": str(tmp_path)})
