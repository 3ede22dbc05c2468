"""Plain text charts, a notation at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import chart_of
from composerd.files.charts.problem import ChartProblem
from composerd.files.charts.text import read_text, systems, write_text
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
