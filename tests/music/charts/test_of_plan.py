"""A chord plan written as a chart: one chord a beat, bar by bar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.charts.of_plan import chart_of
from composerd.music.charts.spelling import chord_name
from composerd.music.charts.symbols import symbol_of
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.metre import BarGrid, Metre
from scenes import BAR, G7, C, F, plan_of


def written(plan: ChordPlan, grid: BarGrid | None = None, end: int = 2 * BAR) -> list[list[str]]:
    """Per bar: the chord of each change."""
    chart = chart_of(plan, grid or BarGrid(), end)
    assert chart is not None
    return [["" if one.chord is None else chord_name(one.chord) for one in bar.changes] for bar in chart.bars]


def test_each_bar_has_the_chords_of_its_beats() -> None:
    assert written(plan_of([C, F])) == [["C"], ["F"]]
    assert written(plan_of([C, F, G7, C], length=BAR // 2)) == [["C", "F"], ["G7", "C"]]


def test_a_gap_in_the_plan_is_no_chord() -> None:
    plan = ChordPlan((PlannedChord(0, 8, C), PlannedChord(BAR, BAR, F)))
    assert written(plan) == [["C", ""], ["F"]]


def test_the_chart_begins_with_the_first_chords_bar() -> None:
    assert written(plan_of([C]).moved(BAR + 4), end=3 * BAR)[0] == ["", "C"]


def test_a_chord_between_two_beats_belongs_to_the_one_before() -> None:
    plan = ChordPlan((PlannedChord(0, 6, C), PlannedChord(6, BAR - 6, F)))
    assert written(plan, end=BAR) == [["C", "F"]]


def test_the_key_and_the_metre_are_kept() -> None:
    chart = chart_of(plan_of([Chord(9, "m")], length=12, key=9, minor=True), BarGrid.of(Metre(3, 4)), 12)
    assert chart is not None
    assert (chart.key, chart.minor, chart.metre) == (9, True, Metre(3, 4))


def test_without_chords_there_is_no_chart() -> None:
    assert chart_of(ChordPlan(), BarGrid(), BAR) is None


@pytest.mark.parametrize(
    ("metre", "chords"),
    [
        (Metre(4, 4), [["C", "F"], ["G7"]]),
        (Metre(2, 2), [["C", "F"], ["G7"]]),
        (Metre(2, 4), [["C"], ["F"], ["G7"], ["G7"]]),
        (Metre(8, 8), [["C", "F"], ["G7"]]),
    ],
    ids=str,
)
def test_a_bar_holds_what_its_metre_has_room_for(metre: Metre, chords: list[list[str]]) -> None:
    plan = ChordPlan((PlannedChord(0, 8, C), PlannedChord(8, 8, F), PlannedChord(16, 16, G7)))
    assert written(plan, BarGrid.of(metre)) == chords


def test_a_change_of_metre_changes_the_bars() -> None:
    grid = BarGrid.of(Metre(4, 4)).changed(16, Metre(3, 4))
    chart = chart_of(plan_of([C, F, G7, C], 12), grid, 40)
    assert chart is not None
    assert [
        (str(bar.metre), [(change.beat, chord_name(change.chord)) for change in bar.changes]) for bar in chart.bars
    ] == [
        ("4/4", [(0, "C"), (3, "F")]),
        ("3/4", [(0, "F"), (2, "G7")]),
        ("3/4", [(0, "G7"), (2, "C")]),
    ]


def test_bars_end_with_the_last_step_that_was_played() -> None:
    plan = plan_of([C, F, G7])
    assert [len(written(plan, end=end)) for end in (1, 16, 17, 32, 48)] == [1, 1, 2, 2, 3]
    assert chart_of(plan, BarGrid(), 0) is None


@given(st.lists(st.tuples(st.integers(1, 8), st.sampled_from([C, F, G7, Chord(9, "m"), Chord(0, "", 4)])), min_size=1,
                max_size=10))  # fmt: skip
def test_chords_on_beats_are_written_where_they_are(beats_and_chords: list[tuple[int, Chord]]) -> None:
    planned, step = list[PlannedChord](), 0
    for beats, chord in beats_and_chords:
        planned.append(PlannedChord(step, 4 * beats, chord))
        step += 4 * beats
    chart = chart_of(ChordPlan(tuple(planned)), BarGrid(), step)
    assert chart is not None
    expected = [(one.step, symbol_of(one.chord)) for at, one in enumerate(planned)
                if not at or one.chord != planned[at - 1].chord]  # fmt: skip
    assert [change for change in chart.changes() if change[1] is not None] == expected
