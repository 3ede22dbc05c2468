"""Recording of a chord loop: which bars are kept, what fills silent ones, and where it repeats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.song.loop import (
    EARLY_STEPS,
    LONGEST_LOOP,
    LoopRecording,
    loop_name,
    loop_slot,
    recording_place,
)
from composerd.music.charts.chart import Chart
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.metre import BarGrid, Metre
from scenes import AM, BAR, G7, C, F, plan_of

GRID = BarGrid()


def recorded(plan: ChordPlan, bars: int, first: int = 0, grid: BarGrid = GRID) -> LoopRecording:
    found = LoopRecording("3", first)
    line = 0
    for _ in range(bars):
        found.bar_ended(plan, grid, line)
        line = grid.next_bar_line(line)
    return found


def names(chart: Chart) -> list[list[str]]:
    """Every bar's chords, by beat."""
    return [[str(bar.at(beat).chord()) if bar.at(beat) else "-" for beat in range(bar.beats)] for bar in chart.bars]  # type: ignore[union-attr]


def test_every_bar_has_its_chord() -> None:
    plan = plan_of([C, F, G7])
    found = recorded(plan, 3).loop(plan, GRID, 3 * BAR, 123.456)
    assert found is not None
    chart, first = found
    assert [bar[0] for bar in names(chart)] == ["C", "F", "G7"]
    assert (first, chart.bpm, chart.key, chart.title) == (3 * BAR, 123.5, 0, "Loop 3")


def test_bars_before_the_first_are_not_recorded() -> None:
    plan = plan_of([C, F, G7, AM])
    recording = recorded(plan, 4, first=2 * BAR)
    assert recording.bars == 2
    found = recording.loop(plan, GRID, 4 * BAR, 100.0)
    assert found is not None
    assert [bar[0] for bar in names(found[0])] == ["G7", "Am"]


@pytest.mark.parametrize(("step", "bars", "repeats"), [(EARLY_STEPS - 1, 1, BAR), (EARLY_STEPS, 2, 2 * BAR)])
def test_a_loop_asked_for_just_after_a_bar_line_begins_on_that_line(step: int, bars: int, repeats: int) -> None:
    plan = plan_of([C, F])
    found = recorded(plan, 1).loop(plan, GRID, BAR + step, 100.0)
    assert found is not None
    assert (len(found[0].bars), found[1]) == (bars, repeats)


def test_the_first_bar_counts_as_soon_as_a_beat_of_it_was_played() -> None:
    plan = plan_of([C])
    found = LoopRecording("1", 0).loop(plan, GRID, 4, 100.0)
    assert found is not None
    assert (names(found[0]), found[1]) == ([["C"] * 4], BAR)


def test_before_the_first_bar_there_is_nothing() -> None:
    assert LoopRecording("1", BAR).loop(plan_of([C]), GRID, 3, 100.0) is None


def test_without_any_chord_there_is_no_loop() -> None:
    assert recorded(ChordPlan(), 4).loop(ChordPlan(), GRID, 4 * BAR, 100.0) is None


def test_silent_bars_hold_the_chord_before_them_and_the_first_ones_the_first_chord() -> None:
    plan = ChordPlan((PlannedChord(BAR, BAR, F), PlannedChord(3 * BAR, BAR, G7)), key=0)
    found = recorded(plan, 5).loop(plan, GRID, 5 * BAR, 100.0)
    assert found is not None
    assert names(found[0]) == [["F"] * 4, ["F"] * 4, ["F"] * 4, ["G7"] * 4, ["G7"] * 4]


def test_two_chords_in_a_bar_keep_their_beats() -> None:
    plan = plan_of([C, F], length=8)
    found = recorded(plan, 1).loop(plan, GRID, BAR, 100.0)
    assert found is not None
    assert names(found[0]) == [["C", "C", "F", "F"]]


def test_a_change_of_metre_is_kept() -> None:
    grid = GRID.changed(BAR, Metre(3, 4))
    plan = ChordPlan((PlannedChord(0, BAR, C), PlannedChord(BAR, 12, G7)), key=0)
    found = recorded(plan, 2, grid=grid).loop(plan, grid, BAR + 12, 100.0)
    assert found is not None
    assert [bar.metre for bar in found[0].bars] == [Metre(4, 4), Metre(3, 4)]
    assert found[1] == BAR + 12


def test_recording_ends_by_itself_at_the_longest_loop() -> None:
    plan = plan_of([C] * (LONGEST_LOOP + 8))
    recording = recorded(plan, LONGEST_LOOP + 8)
    assert recording.bars == LONGEST_LOOP


@given(st.lists(st.sampled_from([C, F, G7, AM, Chord(2, "m7"), None]), min_size=1, max_size=12), st.integers(0, 15))
def test_every_beat_of_a_loop_has_a_chord_and_it_repeats_on_a_bar_line(bars: list[Chord | None], rest: int) -> None:
    planned = tuple(PlannedChord(i * BAR, BAR, one) for i, one in enumerate(bars) if one is not None)
    plan = ChordPlan(planned, key=0)
    found = recorded(plan, len(bars)).loop(plan, GRID, len(bars) * BAR + rest, 100.0)
    if not planned:
        assert found is None
        return
    assert found is not None
    chart, first = found
    assert all("-" not in bar for bar in names(chart))
    assert first % BAR == 0
    assert first >= len(bars) * BAR
    assert chart.steps in (len(bars) * BAR, (len(bars) + 1) * BAR)


def test_the_status_line_counts_the_bars() -> None:
    recording = recorded(plan_of([C] * 3), 2, first=0)
    assert recording_place(recording, 2 * BAR) == "recording, bar 3"
    assert recording_place(LoopRecording("1", BAR), 3) == "recording from the next bar on"


@pytest.mark.parametrize("slot", list("12345678"))
def test_a_loops_name_and_title_tell_its_slot(slot: str) -> None:
    plan = plan_of([C])
    found = LoopRecording(slot, 0).loop(plan, GRID, 5, 100.0)
    assert found is not None
    assert loop_slot(found[0]) == slot
    assert loop_name(slot) == f"loop-{slot}"
