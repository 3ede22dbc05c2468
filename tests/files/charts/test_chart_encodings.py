"""Charts from editors that write other encodings than UTF-8."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import BLUES
from composerd.errors import ConfigError
from composerd.files.charts.encoding import decoded, in_utf8
from composerd.files.charts.formats import format_of, parse_charts
from composerd.files.charts.text import read_text

SONG = "title: Où est-ce ♯9\n[A]\n| C | F♯m7 |\n"
SCORE = (
    "<?xml version='1.0' encoding='{}'?><score-partwise><work><work-title>Où</work-title></work><part><measure>"
    "<harmony><root><root-step>C</root-step></root><kind>major</kind></harmony></measure></part></score-partwise>"
)
MARKED = {
    "UTF-16, low byte first": codecs.BOM_UTF16_LE + SONG.encode("utf-16-le"),
    "UTF-16, high byte first": codecs.BOM_UTF16_BE + SONG.encode("utf-16-be"),
    "UTF-32, low byte first": codecs.BOM_UTF32_LE + SONG.encode("utf-32-le"),
    "UTF-32, high byte first": codecs.BOM_UTF32_BE + SONG.encode("utf-32-be"),
    "UTF-8": codecs.BOM_UTF8 + SONG.encode(),
}


@pytest.mark.parametrize("name", MARKED)
def test_a_chart_with_a_byte_order_mark_is_read_in_its_encoding(name: str) -> None:
    assert parse_charts(MARKED[name], "x.txt") == [read_text(SONG)]


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
def test_a_windows_editors_unicode_chart_is_read_with_any_line_ends(ends: str) -> None:
    data = BLUES.replace("\n", ends).encode("utf-16")
    assert parse_charts(data, "Blues.txt") == [read_text(BLUES)]


@pytest.mark.parametrize(
    ("text", "name", "known"),
    [
        ("{title: X}\n[C]la\n", "x", "ChordPro"),
        ("irealbook://A=B=C=C=n=[T44C   Z", "x", "iReal Pro"),
        ("<a href='irealbook://A=B=C=C=n=[T44C   Z'>", "x.html", "iReal Pro page"),
        ("| C |\n", "x", "text"),
    ],
)
def test_every_text_format_is_known_in_utf_16_by_its_content(text: str, name: str, known: str) -> None:
    data = text.encode("utf-16")
    assert format_of(in_utf8(data), name).name == known
    assert [len(chart.bars) for chart in parse_charts(data, name)] == [1]


@pytest.mark.parametrize(("encoding", "declared"), [("utf-16", "UTF-16"), ("latin-1", "ISO-8859-1"), ("utf-8", "UTF-8"),
                                                    ("utf-8-sig", "UTF-8")])  # fmt: skip
@pytest.mark.parametrize("name", ["x.musicxml", "x"])
def test_a_score_is_read_in_the_encoding_that_it_declares(encoding: str, declared: str, name: str) -> None:
    [chart] = parse_charts(SCORE.format(declared).encode(encoding), name)
    assert (chart.title, len(chart.bars)) == ("Où", 1)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_utf_16_without_its_mark_is_called_so(encoding: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse_charts(SONG.encode(encoding), "x.txt", "/songs/x.txt")
    assert str(told.value) == (
        "/songs/x.txt:1:1: found zeros between the letters, as in UTF-16 without a byte order mark, expected UTF-8"
    )


@pytest.mark.parametrize(
    ("data", "marked"),
    [
        (codecs.BOM_UTF16_LE + b"|", "UTF-16"),  # half a letter
        (codecs.BOM_UTF16_BE + b"\xd8\x00\x00|", "UTF-16"),
        (codecs.BOM_UTF32_LE + b"\xff" * 8, "UTF-32"),
        (codecs.BOM_UTF8 + b"| \xff |", "UTF-8"),
    ],
)
def test_a_text_that_is_not_what_its_mark_says_is_refused(data: bytes, marked: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse_charts(data, "x.txt")
    assert str(told.value) == f"x.txt:1:1: found a text marked as {marked} that is not, expected UTF-8"


def test_a_mark_alone_is_an_empty_chart() -> None:
    with pytest.raises(ConfigError, match=r"x\.txt:1:1: found no bars"):
        parse_charts(codecs.BOM_UTF16_LE, "x.txt")


@given(st.binary(max_size=60))
def test_bytes_without_a_mark_are_left_as_they_are(data: bytes) -> None:
    marks = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
    if not data.startswith(marks):
        assert in_utf8(data) == data


@given(st.text(st.characters(codec="utf-8", min_codepoint=1), min_size=1), st.sampled_from(["utf-16", "utf-32"]))
def test_any_text_survives_its_encoding(text: str, encoding: str) -> None:
    assert in_utf8(text.encode(encoding)).decode() == text


@given(st.binary(max_size=60).filter(lambda data: b"\0" not in data))
def test_any_bytes_without_zeros_are_some_text(data: bytes) -> None:
    assert isinstance(decoded(data), str)
