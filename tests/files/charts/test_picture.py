"""The drawn chart: every bar in its place, in a picture that any program can open."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import chart_of
from composerd.files.charts.picture import BARS_A_SYSTEM, WIDTH, draw
from composerd.files.charts.text import read_text
from composerd.files.charts.xml_tree import Element, parse_xml


def drawn(text: str) -> Element:
    return parse_xml(draw(read_text(text)).encode())


def shown(picture: Element) -> list[str]:
    """The texts below the picture's head."""
    return [one.text for one in picture.all("text")][3:]


def place(picture: Element, text: str) -> tuple[float, float]:
    found = next(one.attributes for one in picture.all("text") if one.text == text)
    return float(found["x"]), float(found["y"])


def test_four_bars_are_a_line_and_sections_begin_new_ones() -> None:
    picture = drawn("[One]\n| C | Dm | Em | F | G |\n[Two]\n| Am |\n")
    rows = [[place(picture, name)[1] for name in row] for row in (["C", "Dm", "Em", "F"], ["G"], ["Am"])]
    assert all(len(set(row)) == 1 for row in rows)
    assert rows[0][0] < rows[1][0] < rows[2][0]
    columns = [place(picture, name)[0] for name in ("C", "Dm", "Em", "F")]
    assert len({round(b - a, 3) for a, b in pairwise(columns)}) == 1
    assert place(picture, "G")[0] == place(picture, "Am")[0] == columns[0]
    assert place(picture, "One")[1] < rows[0][0]
    assert rows[1][0] < place(picture, "Two")[1] < rows[2][0]


@pytest.mark.parametrize(
    ("bar", "words"),
    [
        ("C", ["C"]),
        ("C F", ["C", "F"]),
        ("C . . F", ["C", "·", "·", "F"]),
        ("N.C.", ["N.C."]),
        ("C . . .", ["C"]),
        ("Bbm7b5 F#", ["B♭m7♭5", "G♭"]),
    ],
)
def test_a_bar_shows_its_chords_where_they_fall(bar: str, words: list[str]) -> None:
    picture = drawn(f"| {bar} |\n")
    assert shown(picture) == words
    places = [float(one.attributes["x"]) for one in list(picture.all("text"))[3:]]
    assert places == sorted(places)


def test_a_metre_is_drawn_where_it_changes() -> None:
    assert shown(drawn("time: 3/4\n| C | (4/4) F | G | (3/4) C |\n")) == ["C", "4/4", "F", "G", "3/4", "C"]


@pytest.mark.parametrize(
    ("head", "facts"),
    [
        ("key: Eb\ntempo: 132\ngenre: jazz\n", "jazz   E♭   4/4   ♩ = 132"),
        ("style: Slow Blues\ntime: 6/8\n", "Slow Blues   6/8"),
        ("style: Slow\ngenre: rock\nkey: C#m\n", "rock   C♯m   4/4"),
        ("", "4/4"),
    ],
)
def test_its_head_says_what_is_known_of_the_song(head: str, facts: str) -> None:
    assert [one.text for one in drawn(f"{head}| C |\n").all("text")][:2] == ["Chart", facts]


@pytest.mark.parametrize("title", ["B-flat Blues", "Abba", "Bob", "Blues for #9"])
def test_only_chords_get_musical_signs(title: str) -> None:
    picture = parse_xml(draw(replace(read_text("| C |\n"), title=title)).encode())
    assert next(picture.all("text")).text == title


@given(st.integers(0, 2000), st.text(st.characters(), max_size=30))
def test_any_chart_is_a_picture_whose_signs_lie_within_it(seed: int, title: str) -> None:
    chart = replace(chart_of(seed), title=title, composer=title)
    picture = parse_xml(draw(chart).encode())
    height = float(picture.attributes["height"])
    for one in picture.all("text"):
        assert 0 <= float(one.attributes["x"]) <= WIDTH
        assert 0 <= float(one.attributes["y"]) <= height
    lines = list(picture.all("line"))
    assert all(0 <= float(one.attributes["x1"]) <= WIDTH and float(one.attributes["y2"]) <= height for one in lines)
    systems = sum(-(-len(section.bars) // BARS_A_SYSTEM) for section in chart.sections)
    assert len(lines) == 2 * len(chart.bars) + len(chart.sections)
    assert len({one.attributes["y1"] for one in lines}) == systems
    assert re.fullmatch(r"0 0 \d+ \d+", picture.attributes["viewBox"])
