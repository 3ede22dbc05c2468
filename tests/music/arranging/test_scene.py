"""Scenes: what the melody sings at a step, where sections begin, and how a plan is closed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.arranging.scene import ending_plan
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.metre import BarGrid, Metre
from composerd.music.roll import MelodyRoll
from scenes import AM, BAR, G7, C, F, held_melody, plan_of, scene_of


def chords_of(plan: ChordPlan) -> list[tuple[int, int, str]]:
    return [(planned.step, planned.length, str(planned.chord)) for planned in plan.chords]


@pytest.mark.parametrize(
    ("step", "sung", "strikes"),
    [
        (0, 60, True),
        (1, 60, False),
        (3, 60, False),
        (4, None, False),
        (8, 67, True),
        (11, 67, False),
        (12, 67, False),  # not heard yet: as if the last note were held
        (400, 67, False),
    ],
)
def test_what_is_not_heard_yet_is_taken_for_the_last_note_held(step: int, sung: int | None, strikes: bool) -> None:
    scene = scene_of(plan_of([C]), held_melody([60, None, 67]))
    assert (scene.sung(step), scene.strikes(step)) == (sung, strikes)


def test_nothing_is_sung_before_the_first_step_that_was_heard() -> None:
    heard = held_melody([60])
    scene = scene_of(plan_of([C]), MelodyRoll(8, heard.pitch, heard.onset))
    assert [scene.sung(step) for step in (0, 7, 8, 11, 12)] == [None, None, 60, 60, 60]
    assert [scene.strikes(step) for step in (0, 7, 8, 9)] == [False, False, True, False]


def test_nothing_is_sung_where_nothing_was_heard() -> None:
    scene = scene_of(plan_of([C]), held_melody([]))
    assert (scene.sung(0), scene.strikes(0)) == (None, False)


@pytest.mark.parametrize(
    ("sections", "begins", "counted"),
    [
        ((), {8, 16}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ((0, 6), {6}, [0, 1, 2, 3, 4, 5, 0, 1, 2, 3]),
        ((2, 5), {2, 5}, [0, 1, 0, 1, 2, 0, 1, 2, 3, 4]),
    ],
)
def test_sections_begin_where_a_song_says_and_else_every_eight_bars(
    sections: tuple[int, ...], begins: set[int], counted: list[int]
) -> None:
    scene = replace(scene_of(plan_of([C] * 20)), sections=tuple(bar * BAR for bar in sections))
    assert {bar for bar in range(20) if scene.begins_section(bar * BAR)} == begins
    assert [scene.bar_in_section(bar * BAR) for bar in range(10)] == counted


def test_sections_are_counted_in_bars_of_whatever_metre() -> None:
    grid = BarGrid.of(Metre(4, 4)).changed(4 * 16, Metre(3, 4))
    scene = scene_of(plan_of([C] * 20), grid=grid)
    eighth = 4 * 16 + 4 * 12
    assert [step for step in range(0, 200, 4) if grid.place(step).step == 0 and scene.begins_section(step)] == [eighth]


@pytest.mark.parametrize(
    ("metre", "voices", "dominant"),
    [
        (Metre(4, 4), False, 8),
        (Metre(3, 4), False, 6),
        (Metre(2, 4), False, 4),
        (Metre(6, 8), False, 6),
        (Metre(5, 4), False, 10),
        (Metre(1, 4), False, 4),  # half of a beat is no chord
        (Metre(4, 4), True, 4),
        (Metre(3, 4), True, 4),
    ],
)
def test_a_plan_closes_with_the_dominant_for_half_a_bar_and_the_tonic_for_one(
    metre: Metre, voices: bool, dominant: int
) -> None:
    bar = metre.bar_steps
    closed = ending_plan(plan_of([F] * 8, bar, key=0), BarGrid.of(metre), 4 * bar, voices)
    assert chords_of(closed)[-2:] == [(4 * bar - dominant, dominant, "G7"), (4 * bar, bar, "C")]


@pytest.mark.parametrize(
    ("key", "minor", "cadence"),
    [(7, False, ["D7", "G"]), (9, True, ["E7", "Am"]), (3, False, ["B♭7", "E♭"]), (5, True, ["C7", "Fm"])],
)
def test_a_plan_closes_in_its_key(key: int, minor: bool, cadence: list[str]) -> None:
    closed = ending_plan(plan_of([F] * 4, key=key, minor=minor), BarGrid(), 2 * BAR)
    assert [chord for _, _, chord in chords_of(closed)[-2:]] == cadence


def test_a_plan_without_a_key_closes_on_the_chord_that_sounded_last() -> None:
    closed = ending_plan(plan_of([C, F, AM, G7], key=None), BarGrid(), 2 * BAR)
    assert chords_of(closed) == [(0, 16, "C"), (16, 8, "F"), (24, 8, "C7"), (32, 16, "F")]


def test_an_empty_plan_closes_in_c() -> None:
    assert chords_of(ending_plan(ChordPlan(), BarGrid(), BAR)) == [(BAR, BAR, "C")]


def test_no_dominant_takes_the_place_of_what_sounded_before_the_plan() -> None:
    plan = ChordPlan((PlannedChord(28, 36, F),), key=0)
    assert chords_of(ending_plan(plan, BarGrid(), 2 * BAR)) == [(28, 4, "F"), (32, 16, "C")]


@given(st.lists(st.builds(Chord, st.integers(0, 11)), min_size=2, max_size=6), st.integers(0, 11), st.integers(1, 11))
def test_closing_a_transposed_plan_transposes_the_closed_plan(chords: list[Chord], key: int, semitones: int) -> None:
    plan = plan_of(chords, key=key)
    closed = ending_plan(plan, BarGrid(), BAR)
    assert ending_plan(plan.transposed(semitones), BarGrid(), BAR) == closed.transposed(semitones)
