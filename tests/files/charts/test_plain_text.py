"""Plain text charts, a notation at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import chart_of
from composerd.files.charts.formats import parse_charts, write_charts
from composerd.files.charts.problem import ChartProblem
from composerd.files.charts.text import read_text, systems, write_text
from composerd.music.charts.chart import MOST_BARS
from composerd.music.charts.spelling import chord_name


def bars(text: str) -> list[str]:
    """The bars in the order in which they are played, each with the chords of its beats."""
    return [
        " ".join(dict.fromkeys(chord_name(bar.at(beat)) for beat in range(bar.beats)))
        for section in read_text(text).sections
        for bar in section.bars
    ]


@pytest.mark.parametrize(
    ("line", "played"),
    [
        ("| C | F |", "C F"),
        ("C | F", "C F"),
        ("|: C | F :|", "C F C F"),
        ("|: C | F :| x3", "C F C F C F"),
        ("|: C | F :| ×2", "C F C F"),
        ("|: C |1. F :|2. G |", "C F C G"),
        ("|: C |1,2. F :|3. G |", "C F C F C G"),
        ("|: C |1-3. F :|4. G |", "C F C F C F C G"),
        ("|: C |1. F | Am :|2. G | Dm |", "C F Am C G Dm"),
        ("|: C |1. F | Am |\n| Em :|2. G |", "C F Am Em C G"),
        ("|: C | F | :|", "C F C F"),
        ("|: C | F |\n:| G |", "C F C F G"),
        ("|: C | F | :| x3", "C F C F C F"),
        ("| C | % | F |", "C C F"),
        ("| C | F | %% |", "C F C F"),
        ("| C | x |", "C C"),
        ("| C | . | F |", "C C F"),
        ("| C || F |]", "C F"),
        ("| C (Fine) | F (D.C.) |", "C F C"),
        ("| (segno) C | F (to coda) | G (D.S.) | (coda) Am |", "C F G C F Am"),
        ("| N.C. | C |", "N.C. C"),
    ],
)  # fmt: skip
def test_bar_lines_repeats_endings_and_marks_are_followed(line: str, played: str) -> None:
    assert bars(line + "\n") == played.split()


@pytest.mark.parametrize(
    ("words", "beats"),
    [("C", "C C C C"), ("C F", "C C F F"), ("C . . F", "C C C F"), ("C F . G", "C F F G"), ("C / F /", "C C F F")],
)
def test_chords_share_a_bar_evenly_and_a_point_goes_on(words: str, beats: str) -> None:
    bar = read_text(f"| {words} |\n").sections[0].bars[0]
    assert " ".join(chord_name(bar.at(beat)) for beat in range(bar.beats)) == beats


def test_a_time_signature_may_change_within_a_line() -> None:
    chart = read_text("time: 3/4\n| C | (4/4) F | G |\n")
    assert [str(bar.metre) for bar in chart.sections[0].bars] == ["3/4", "4/4", "4/4"]


def test_a_section_is_played_as_often_as_it_says() -> None:
    chart = read_text("[A] x2\n| C | F |\n[B]\n| G |\n")
    assert [(section.name, len(section.bars)) for section in chart.sections] == [("A", 2), ("A", 2), ("B", 1)]


def test_remarks_and_empty_lines_are_passed_over() -> None:
    assert bars("# a remark\n\n| C |\n   \n# another\n| F |\n") == ["C", "F"]


def test_nashville_numbers_count_in_the_key() -> None:
    assert bars("key: G\n| 1 | 4 | 5 | 6m |\n") == ["G", "C", "D", "Em"]


def test_a_melody_below_its_bars_is_read_with_rests_and_ties() -> None:
    chart = read_text("| C | F |\n~ | C4:8 -:4 E4:4 | _:4 F4:12 |\n")
    assert [(note.step, note.length, note.pitch) for note in chart.melody] == [(0, 8, 60), (12, 8, 64), (20, 12, 65)]


def test_a_melody_is_repeated_with_its_bars() -> None:
    chart = read_text("|: C :|\n~ | C4:16 |\n")
    assert [(note.step, note.length) for note in chart.melody] == [(0, 16), (16, 16)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("| % |", "found %, but there is no bar before it to repeat"),
        ("| C | %% |", "found %%, but there is no bar before it to repeat"),
        ("|: C :| x17", "found a repeat of 17 times, expected 2 to 16"),
        ("|: C :| x1", "found a repeat of 1 times, expected 2 to 16"),
        ("| C |17. F |", "found ending 17, expected 1 to 16"),
        ("| C |0. F |", "found ending 0, expected 1 to 16"),
        ("| (Fine) |", "found a mark without a bar, expected chords beside it"),
        ("| C (what) |", "found (what), expected a time signature or a mark such as (D.C.)"),
        ("| C (4/32) |", "expected beats of at least a 16th"),
        ("time: 0/4\n| C |", "found '0/4'"),
        ("[A] x0\n| C |", "found a section of 0 times, expected 1 to 16"),
        ("[A] x17\n| C |", "found a section of 17 times, expected 1 to 16"),
        ("tempo: 1000\n| C |", "found tempo '1000', expected 30 to 300"),
        ("key: H7\n| C |", "found 'H7', expected a key such as Eb or F#m"),
        ("| C | F |\n~ | C4:16 |", "found melody for 1 bars, expected 2 as above it"),
        ("| C |\n~ | C12:16 |", "expected a note of MIDI's range"),
    ],
)
def test_a_mistake_is_named(text: str, says: str) -> None:
    with pytest.raises(ChartProblem) as told:
        read_text(text + "\n")
    assert says in str(told.value)


@given(st.integers(0, 2000))
def test_what_is_written_is_read_again_also_by_numbers(seed: int) -> None:
    chart = chart_of(seed)
    for nashville in (False, True):
        again = read_text(write_text(chart, nashville))
        assert (again.sections, again.melody, again.key, again.bpm) == (
            chart.sections,
            chart.melody,
            chart.key,
            chart.bpm,
        )


def mistake_in(text: str) -> ChartProblem | None:
    try:
        read_text(text)
    except ChartProblem as problem:
        return problem
    return None


@given(st.text(alphabet="|:%xCFGm7 .()[]~123-_\n", max_size=60))
def test_whatever_is_typed_is_a_chart_or_a_mistake_with_its_place(text: str) -> None:
    found = mistake_in(text)
    assert found is None or (1 <= found.line <= max(1, len(text.splitlines())) and found.column >= 1)


def test_four_bars_are_a_line_and_all_are_equally_wide() -> None:
    lines = systems(read_text("| C | Fmaj7 | G | C |\n| C | F |\n"))
    assert lines == ["| C     | Fmaj7 | G     | C     |", "| C     | F     |"]


@pytest.mark.parametrize(
    ("text", "played"),
    [
        ("[A] x2\n|: C :| F |\n", "C C F C C F"),
        ("[A] x2\n|: C | F :|\n[B]\n| G |\n", "C F C F C F C F G"),
        ("[A] x2\n| C |: F :| G |\n", "C F F G C F F G"),
        ("[A] x2\n|: C |1. F :|2. G |\n", "C F C G C F C G"),
        ("[I]\n| G |\n[A] x3\n| C | F |\n", "G C F C F C F"),
        ("[I]\n| G |\n[A] x2\n| C | F :| C |\n", "G C F C F C C F C F C"),
        ("[A] x1\n| C |\n", "C"),
        ("[A] x16\n| C |\n", " ".join(["C"] * 16)),
        ("| C |\n[A] x3\n", "C"),
        ("[A]\n|: C |1. F :|2. G |\n[B]\n|: Am | Dm :|\n", "C F C G Am Dm Am Dm"),
        ("|: C |1. F :|2. G |\n|: Am |1. Dm :|2. E |\n", "C F C G Am Dm Am E"),
        ("[A]\n|: C |1. F :|2. G |\n[B]\n| Am | Dm :|\n", "C F C G Am Dm Am Dm"),
        ("|: C | F :| x2\n|: G :|\n", "C F C F G G"),
    ],
)
def test_repeats_and_endings_are_played_beside_sections_that_are_repeated(text: str, played: str) -> None:
    assert bars(text) == played.split()


def test_the_melody_of_a_section_that_is_repeated_is_repeated_with_it() -> None:
    chart = read_text("[A] x2\n| C | F |\n~ | C4:16 | -:8 D4:8 |\n[B]\n| G |\n~ | G4:16 |\n")
    assert [(note.step, note.pitch) for note in chart.melody] == [(0, 60), (24, 62), (32, 60), (56, 62), (64, 67)]


@pytest.mark.parametrize(
    ("name", "pitch"),
    [("C4", 60), ("Cb4", 59), ("B#3", 60), ("B3", 59),
     ("Fb4", 64), ("E#4", 65), ("C-1", 0), ("G9", 127), ("Bb4", 70), ("F#2", 42)],
)  # fmt: skip
def test_a_notes_octave_is_its_letters(name: str, pitch: int) -> None:
    assert [note.pitch for note in read_text(f"| C |\n~ | {name}:16 |\n").melody] == [pitch]


@pytest.mark.parametrize("name", ["Cb-1", "C-2", "G#9", "B9", "C99"])
def test_a_note_beyond_midis_range_is_refused(name: str) -> None:
    with pytest.raises(ChartProblem, match="expected a note of MIDI's range"):
        read_text(f"| C |\n~ | {name}:16 |\n")


@pytest.mark.parametrize("title", ["Either | Or", "|", "a: b | c", "[A] | B", "~ | ~", "# | 1", "||: x :||"])
def test_a_title_may_hold_signs_of_the_notation(title: str) -> None:
    chart = read_text("| C |\n")
    again = read_text(write_text(replace(chart, title=title, composer=title, style=title)))
    assert (again.title, again.composer, again.style, again.sections) == (title, title, title, chart.sections)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("title: X\n\n  | C | Hx |\n", 3, 9),
        ("[A] | C | Hx |\n", 1, 11),
        ("key: C\n| C |\n  tempo: no\n", 3, 10),
        ("| C |\n  ~ | C4:8 X:8 |\n", 2, 12),
        ("| C |\n~ | C4:16 | D4:16 |\n", 2, 1),
        ("  [A] x99\n", 1, 3),
        ("| C | F G A |\n", 1, 6),
        ("| C |\n| F", 0, 0),
        ("\r\n\r\n| C | ? |\r\n", 3, 7),
    ],
)
def test_a_mistake_is_named_where_it_stands(text: str, line: int, column: int) -> None:
    found = mistake_in(text)
    assert ((found.line, found.column) if found else (0, 0)) == (line, column)


def test_line_ends_of_all_systems_are_read() -> None:
    text = "title: X\n[A]\n| C | F |\n~ | C4:16 | D4:16 |\n"
    assert read_text(text.replace("\n", "\r\n")) == read_text(text.replace("\n", "\r")) == read_text(text)


@pytest.mark.parametrize("written", ["Title: X", "TITLE: X", "title : X", " title:X "])
def test_a_headers_name_may_be_written_in_any_case(written: str) -> None:
    assert read_text(f"{written}\n| C |\n").title == "X"


def test_the_last_of_two_headers_and_of_two_melodies_stands() -> None:
    chart = read_text("key: C\nkey: G\n| 1 |\n~ | C4:16 |\n~ | D4:16 |\n")
    assert (chart.key, [note.pitch for note in chart.melody]) == (7, [62])


@pytest.mark.parametrize(
    ("melody", "notes"),
    [
        ("_:4 C4:12", [(4, 12, 60)]),
        ("C4:4 -:4 _:4 D4:4", [(0, 4, 60), (12, 4, 62)]),
        ("C4:4 _:4 _:4 _:4", [(0, 16, 60)]),
        ("-:16", []),
    ],
)
def test_a_note_goes_on_only_where_one_sounds(melody: str, notes: list[tuple[int, int, int]]) -> None:
    chart = read_text(f"| C |\n~ | {melody} |\n")
    assert [(note.step, note.length, note.pitch) for note in chart.melody] == notes


def test_a_chart_of_two_thousand_bars_is_read_and_one_more_is_not() -> None:
    row = "| C | F | G | C | C | F | G | C | C | F |\n"
    assert len(read_text(row * 200).bars) == MOST_BARS
    with pytest.raises(ChartProblem, match="found more than 2000 bars"):
        read_text(row * 200 + "| C |\n")


def test_a_chart_is_written_by_numbers_only_where_it_has_a_key() -> None:
    text = "| C | G7/B | N.C. | C |"
    assert "| C " in write_text(read_text(text), nashville=True)
    assert systems(read_text(f"key: G\n{text}"), nashville=True) == ["| 4      | 1(7)/3 | N.C.   | 4      |"]


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_any_texts_survive_as_what_stands_on_one_line(text: str) -> None:
    """Line ends and control characters of other formats' names must not break the file."""
    chart = read_text("[A]\n| C |\n[B]\n| F |\n")
    named = replace(
        chart,
        title=text,
        composer=text,
        style=text,
        sections=(replace(chart.sections[0], name=text), chart.sections[1]),
    )
    for suffix in (".txt", ".cho", ".ireal", ".html", ".musicxml", ".mxl", ".mid"):
        [once] = parse_charts(write_charts(f"x{suffix}", [named]), f"x{suffix}")
        assert once.bars == chart.bars
        [twice] = parse_charts(write_charts(f"x{suffix}", [once]), f"x{suffix}")
        assert twice == once


def test_the_chart_of_the_how_to_is_read_as_it_says_there() -> None:
    page = (Path(__file__).parents[3] / "docs" / "howto" / "songs.md").read_text()
    [shown] = [block for block in page.split("```")[1::2] if block.lstrip().startswith("title:")]
    chart = read_text(shown.strip() + "\n")
    assert (chart.title, chart.key, chart.bpm, chart.genre) == ("Blues in F", 5, 132.0, "jazz")
    assert [len(section.bars) for section in chart.sections] == [16]
    assert bars(shown.strip())[-8:] == ["Gm7", "C7", "F7 D7", "Gm7 C7", "Gm7", "C7", "F7", "F7"]
