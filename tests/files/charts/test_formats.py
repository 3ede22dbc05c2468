"""How a chart's format is known: by what stands in the file, then by its name; whatever the bytes are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from charts import BLUES, MINE
from composerd.errors import ConfigError
from composerd.files.charts.formats import format_of, formats, parse_charts, read_charts, write_charts
from composerd.files.charts.text import read_text


@pytest.mark.parametrize(
    ("data", "name", "known"),
    [
        (b"MThd....", "song.txt", "MIDI"),
        (b"PK\x03\x04...", "song.txt", "MXL"),
        (b"  irealb://x", "song.txt", "iReal Pro"),
        (b"\xef\xbb\xbfirealbook://x", "song.txt", "iReal Pro"),
        (b"Hello, see irealb://x", "song.txt", "iReal Pro page"),
        (b"<?xml version='1.0'?>\n<!DOCTYPE x>\n<score-partwise>", "song.txt", "MusicXML"),
        (b"\r\n<score-timewise>", "song.txt", "MusicXML"),
        (b"<html></html>", "song.txt", "text"),
        (b"<?xml version='1.0'?><svg/>", "song.xml", "MusicXML"),
        (b"| C |", "song.MXL", "MXL"),
        (b"| C |", "song.cld", "MIDI"),
        (b"{title: X}", "song", "ChordPro"),
        (b"[C]la\n{soc}\n", "song.txt", "ChordPro"),
        (b"[C]la", "song.CRD", "ChordPro"),
        (b"[C]la", "song", "text"),
        (b"| C | {not a directive} |", "song.txt", "text"),
    ],
)
def test_a_format_is_known_by_the_content_then_by_the_name(data: bytes, name: str, known: str) -> None:
    assert format_of(data, name).name == known


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_texts_are_read_in_the_encodings_they_come_in(encoding: str) -> None:
    assert parse_charts("title: Où est-ce\n| C |\n".encode(encoding), "x.txt")[0].title == "Où est-ce"


@pytest.mark.parametrize("suffix", [suffix for one in formats() for suffix in one.suffixes])
def test_every_suffix_that_an_error_names_can_be_written_and_read_in_either_case(suffix: str, tmp_path: Path) -> None:
    chart = read_text(BLUES)
    path = tmp_path / f"x{suffix.upper()}"
    path.write_bytes(write_charts(path.name, [chart]))
    assert read_charts(path)[0].bars == chart.bars


@pytest.mark.parametrize("suffix", [one.suffixes[0] for one in formats()])
def test_control_characters_and_broken_letters_of_a_name_are_left_out(suffix: str) -> None:
    chart = read_text(MINE)
    [first, *rest] = chart.sections
    named = replace(
        chart, title="a\x00b\ud800c", composer="x\x0by", sections=(replace(first, name="A\u2028B\x1b"), *rest)
    )
    [again] = parse_charts(write_charts(f"x{suffix}", [named]), f"x{suffix}")
    assert (again.title, again.composer, again.sections[0].name) == ("a b c", "x y", "A B")
    assert again.bars == chart.bars


def test_only_ireal_files_hold_several_songs_others_hold_the_first() -> None:
    charts = [replace(read_text(BLUES), title=title, genre="") for title in ("One", "Two")]
    for one in formats():
        name = f"x{one.suffixes[0]}"
        found = [chart.title for chart in parse_charts(write_charts(name, charts), name)]
        assert found == (["One", "Two"] if one.name.startswith("iReal") else ["One"])


def test_an_error_names_the_file_by_its_path_or_by_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("| ? |\n")
    with pytest.raises(ConfigError) as told:
        read_charts(tmp_path / "x.txt")
    assert str(told.value).startswith(f"{tmp_path / 'x.txt'}:1:3: found '?'")
    with pytest.raises(ConfigError, match=r"^upload:1:3: found"):
        parse_charts(b"| ? |\n", "x.txt", "upload")


@pytest.mark.parametrize("suffix", [one.suffixes[0] for one in formats()])
def test_equal_charts_give_equal_files(suffix: str) -> None:
    assert write_charts(f"x{suffix}", [read_text(MINE)]) == write_charts(f"y{suffix}", [read_text(MINE)])


@pytest.mark.parametrize(
    "data",
    [
        b"title: a\x1b[31mb\n[A\x1bB]\n| C |\n",
        b"{title: a\x1b[31mb}\n{sov: A\x1bB}\n[C]la\n",
        b"irealbook://a%1B%5B31mb=x=y=C=n=[T44<Section: A%1BB>C   Z",
    ],
)
def test_nothing_that_a_file_says_reaches_the_terminal_as_a_command(data: bytes) -> None:
    [chart] = parse_charts(data, "x")
    assert (chart.title, chart.sections[0].name) == ("a [31mb", "A B")


@pytest.mark.parametrize("suffix", [one.suffixes[0] for one in formats()])
def test_what_a_chart_does_not_say_is_not_made_up(suffix: str) -> None:
    [again] = parse_charts(write_charts(f"x{suffix}", [read_text("| C | F |\n")]), f"x{suffix}")
    has_to_have_a_key = suffix in (".ireal", ".html")
    assert (again.title, again.composer, again.style, again.genre) == ("", "", "", "")
    assert (again.key, again.bpm, again.melody) == (0 if has_to_have_a_key else None, None, ())
    assert [section.name for section in again.sections] == [""]
