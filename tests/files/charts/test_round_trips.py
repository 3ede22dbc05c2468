"""Every chart survives every format."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from charts import BLUES, chart_of
from composerd.files.charts.formats import format_of, formats, parse_charts, write_charts
from composerd.files.charts.ireal import read_ireal
from composerd.files.charts.ireal_writer import write_ireal
from composerd.files.charts.picture import draw
from composerd.files.charts.text import read_text, write_text
from composerd.files.charts.xml_tree import parse_xml
from composerd.music.charts.chart import Chart

LOST: dict[str, dict[str, Any]] = {
    "text": {},
    "ChordPro": {"melody": ()},
    "iReal Pro": {"melody": (), "genre": ""},
    "iReal Pro page": {"melody": (), "genre": ""},
    "MusicXML": {},
    "MXL": {},
    "MIDI": {},
}
"""what a format has no place for"""


@pytest.mark.parametrize("line", ["C | Am7 . F G | G", "| C | Am7 . F G | G", "[A] C | Am7 . F G | G |"])
def test_the_bar_lines_at_both_ends_of_a_line_may_be_left_out(line: str) -> None:
    whole = read_text("| C | Am7 . F G | G |\n")
    assert [section.bars for section in read_text(f"{line}\n").sections] == [one.bars for one in whole.sections]


@pytest.mark.parametrize("hundred", range(5))
def test_five_hundred_charts_survive_every_format(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        _survives(chart_of(seed))


def _survives(chart: Chart) -> None:
    for one in formats():
        again = one.read(one.write([chart]))[0]
        assert again == replace(chart, **LOST[one.name]), one.name
    assert read_text(write_text(chart, nashville=True)) == chart
    assert read_ireal(write_ireal([chart], is_open=True)) == [replace(chart, melody=(), genre="", bpm=None)]


def test_a_file_is_known_by_what_stands_in_it_whatever_its_name_is() -> None:
    chart = read_text(BLUES)
    for one in formats():
        data = write_charts(f"x{one.suffixes[0]}", [chart])
        assert format_of(data, "song").read(data)[0].sections == chart.sections


def test_a_page_of_many_songs_is_read_whole() -> None:
    chart = read_text(BLUES)
    many = [replace(chart, title=f"Blues {number}") for number in range(5)]
    data = write_charts("many.html", many)
    assert [one.title for one in parse_charts(data, "many.html")] == [one.title for one in many]


def test_the_picture_shows_every_chord_and_is_well_formed() -> None:
    chart = read_text(BLUES)
    picture = draw(chart)
    assert parse_xml(picture.encode()).tag == "svg"
    for shown in ("Blues", "F7", "B♭7", "Bdim7", "Am7♭5", "F7/C"):
        assert f">{shown}<" in picture


def test_each_format_is_transposed_by_what_a_chart_is() -> None:
    chart = read_text(BLUES)
    assert chart.transposed(2).transposed(-2) == chart
    assert (
        write_text(chart, nashville=True).partition("[")[2]
        == write_text(chart.transposed(5), nashville=True).partition("[")[2]
    )


@pytest.mark.parametrize("name", ["x", "x.pdf", "x.TXT.gz"])
def test_an_unknown_suffix_is_named_with_what_is_possible(name: str) -> None:
    with pytest.raises(Exception, match=r"expected one of \.txt"):
        write_charts(name, [read_text(BLUES)])
