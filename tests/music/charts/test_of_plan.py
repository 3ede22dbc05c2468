"""A chord plan written as a chart: one chord a beat, bar by bar."""

from __future__ import annotations

from composerd.music.charts.of_plan import chart_of
from composerd.music.charts.spelling import chord_name
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
