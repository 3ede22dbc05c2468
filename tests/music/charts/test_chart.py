"""A chart's bars, changes and lines, and its transposition."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import chart_of
from composerd.music.charts.chart import (
    LONGEST_TEXT,
    Bar,
    Change,
    Chart,
    ChartNote,
    ChartSection,
    bar_of,
    one_line,
    with_plain_texts,
    with_text,
)
from composerd.music.charts.symbols import ChordSymbol
from composerd.music.metre import Metre

C, F, G = ChordSymbol(0), ChordSymbol(5), ChordSymbol(7, "7")
seeds = st.integers(0, 10_000).map(Random)


def chart(*bars: Bar) -> Chart:
    return Chart((ChartSection("A", bars),))


def test_a_bar_has_a_change_where_the_chord_changes_and_always_one_on_its_line() -> None:
    bar = bar_of([C, C, F, F], Metre())
    assert bar.changes == (Change(0, C), Change(2, F))
    assert [bar.at(beat) for beat in range(4)] == [C, C, F, F]


def test_a_bar_without_any_chord_is_a_break_and_one_that_begins_so_is_not() -> None:
    assert bar_of([None] * 4, Metre()).is_break
    assert not bar_of([None, None, C, C], Metre()).is_break


@pytest.mark.parametrize(("metre", "steps"), [(Metre(4, 4), 4), (Metre(6, 8), 2), (Metre(2, 2), 8), (Metre(4, 32), 0)])
def test_a_beat_is_the_metres_lower_figure(metre: Metre, steps: int) -> None:
    assert bar_of([C] * metre.numerator, metre).beat_steps == steps


def test_a_chord_that_goes_on_over_a_bar_line_changes_once() -> None:
    found = chart(bar_of([C] * 4, Metre()), bar_of([C, C, G, G], Metre()), bar_of([G] * 4, Metre()))
    assert list(found.changes()) == [(0, C), (24, G)]


def test_a_break_is_a_change_too_also_at_the_beginning() -> None:
    found = chart(bar_of([None] * 4, Metre()), bar_of([C] * 4, Metre()), bar_of([None] * 4, Metre()))
    assert list(found.changes()) == [(0, None), (16, C), (32, None)]


def test_bar_lines_follow_the_metres() -> None:
    found = chart(bar_of([C] * 3, Metre(3, 4)), bar_of([C] * 4, Metre()), bar_of([C] * 6, Metre(6, 8)))
    assert [step for step, _ in found.bar_lines()] == [0, 12, 28]
    assert (found.steps, found.metre) == (40, Metre(3, 4))


@given(seeds)
def test_the_changes_lie_in_order_within_the_chart_and_two_in_a_row_differ(dice: Random) -> None:
    found = chart_of(dice.randrange(10_000))
    changes = list(found.changes())
    steps = [step for step, _ in changes]
    assert steps == sorted(set(steps))
    assert steps[0] == 0
    assert steps[-1] < found.steps
    assert all(one[1] != two[1] for one, two in pairwise(changes))


@given(st.integers(0, 10_000), st.integers(-11, 11))
def test_transposed_up_and_down_again_a_chart_is_what_it_was(seed: int, semitones: int) -> None:
    found = chart_of(seed)
    there = found.transposed(semitones)
    back = there.transposed(-semitones)
    assert back.sections == found.sections
    assert back.key == found.key
    assert [bar.metre for bar in there.bars] == [bar.metre for bar in found.bars]
    moved = zip(there.melody, found.melody, strict=True)
    assert all(one.pitch == two.pitch + semitones for one, two in moved if 0 < one.pitch < 127)


@given(st.integers(0, 10_000))
def test_an_octave_changes_no_chord(seed: int) -> None:
    found = chart_of(seed)
    assert found.transposed(12).sections == found.sections


@pytest.mark.parametrize(("text", "kept"), [("  a \n b\t c ", "a b c"), ("x" * 500, "x" * LONGEST_TEXT), ("", "")])
def test_texts_are_one_line_of_a_limited_length(text: str, kept: str) -> None:
    assert with_text(chart(bar_of([C] * 4, Metre())), "title", text).title == kept


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\x1b[31mred\x07", "a [31mred"),
        ("a\u2028b\u2029c", "a b c"),
        ("a\ud800b", "a b"),
        ("\x00", ""),
        ("naïve ♯9 日本", "naïve ♯9 日本"),
        ("a\x85b\xa0c", "a b c"),
    ],
)
def test_a_text_of_a_file_cannot_command_the_terminal(text: str, line: str) -> None:
    assert one_line(text) == line


def test_all_texts_of_a_chart_are_made_plain_the_names_of_its_sections_too() -> None:
    bars = (bar_of([C] * 4, Metre()),)
    odd = Chart((ChartSection("Ver\tse\n", bars),), title="\x1bT", composer="a\nb", style=" s ", genre="po\x00p")
    plain = with_plain_texts(odd)
    assert (plain.title, plain.composer, plain.style, plain.genre) == ("T", "a b", "s", "po p")
    assert [section.name for section in plain.sections] == ["Ver se"]
    assert with_plain_texts(plain) == plain


def test_a_melody_moved_out_of_midis_range_stays_at_its_end() -> None:
    notes = (ChartNote(0, 4, 2), ChartNote(4, 4, 64), ChartNote(8, 4, 125))
    found = Chart((ChartSection("", (bar_of([C] * 4, Metre()),)),), melody=notes)
    assert [note.pitch for note in found.transposed(-5).melody] == [0, 59, 120]
    assert [note.pitch for note in found.transposed(5).melody] == [7, 69, 127]


@pytest.mark.parametrize(("key", "semitones", "moved"), [(None, 3, None), (11, 1, 0), (0, -1, 11), (5, 12, 5)])
def test_the_key_goes_with_the_chords(key: int | None, semitones: int, moved: int | None) -> None:
    found = Chart((ChartSection("", (bar_of([C] * 4, Metre()),)),), key=key).transposed(semitones)
    assert found.key == moved
    assert list(found.changes()) == [(0, ChordSymbol(semitones % 12))]


@pytest.mark.parametrize("slots", [[C] * 4, [C, None, None, F], [None, C, F, G], [C, F, C, F]])
def test_a_bar_gives_back_the_chords_it_was_made_of(slots: list[ChordSymbol | None]) -> None:
    bar = bar_of(slots, Metre())
    assert [bar.at(beat) for beat in range(bar.beats)] == slots
    assert bar.changes[0].beat == 0
    assert all(one.chord != two.chord for one, two in pairwise(bar.changes))
