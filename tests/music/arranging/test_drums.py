"""Drums by rules: a groove that returns, fills at the ends of groups, crashes after them."""

from __future__ import annotations

import pytest

from composerd.music.arranging.drum_tables import CLOSED, CRASH, FILL_KEYS, KICK, RIDE, SNARE
from composerd.music.arranging.drums import drummed
from composerd.music.arranging.fills import LONG, SHORT, fill_length
from composerd.music.arranging.scene import Scene
from composerd.music.genre import Part
from composerd.music.metre import BarGrid, Metre
from composerd.music.notes import PartNote
from scenes import BAR, C, plan_of, scene_of

DRUMS = Part("drums", "drums", 10, loudness=90)


def strokes(scene: Scene) -> list[PartNote]:
    return drummed(scene, 0, DRUMS)


def bar(notes: list[PartNote], number: int) -> set[tuple[int, int]]:
    """(step in the bar, key) of a bar's strokes, bars counted from 0."""
    return {(note.step - number * BAR, note.pitch) for note in notes if number * BAR <= note.step < (number + 1) * BAR}


@pytest.mark.parametrize("style", ["rock", "pop"])
def test_the_snare_plays_the_back_beat(style: str) -> None:
    notes = strokes(scene_of(plan_of([C] * 8), style=style))
    assert [bar(notes, number) >= {(4, SNARE), (12, SNARE)} for number in range(3)] == [True] * 3


def test_jazz_rides_on_every_beat() -> None:
    notes = strokes(scene_of(plan_of([C] * 4), style="jazz"))
    assert {step for step, key in bar(notes, 0) if key in (RIDE, CLOSED)} >= {0, 4, 8, 12}


@pytest.mark.parametrize("style", ["rock", "pop", "jazz", "symphony"])
def test_most_bars_repeat_an_earlier_bar(style: str) -> None:
    notes = strokes(scene_of(plan_of([C] * 16), style=style))
    plain = [frozenset(bar(notes, number)) for number in range(16) if (number + 1) % 4 and number % 8]
    assert len(set(plain)) <= len(plain) / 2


def test_groups_end_with_a_short_fill_and_sections_with_a_long_one() -> None:
    scene = scene_of(plan_of([C] * 16))
    assert [fill_length(scene, number * BAR) for number in range(8)] == [0, 0, 0, SHORT, 0, 0, 0, LONG]


def test_a_fill_that_was_asked_for_takes_the_bar_before_its_bar_line() -> None:
    scene = scene_of(plan_of([C] * 4), fill_until=2 * BAR)
    assert fill_length(scene, BAR) == BAR
    assert {key for _, key in bar(strokes(scene), 1)} <= set(FILL_KEYS.values()) | {CLOSED, KICK, SNARE}


def test_a_fill_grows_louder() -> None:
    notes = sorted(note for note in strokes(scene_of(plan_of([C] * 8))) if 7 * BAR + 8 <= note.step < 8 * BAR)
    assert notes[-1].velocity > notes[0].velocity


def test_a_section_begins_with_a_crash() -> None:
    notes = strokes(scene_of(plan_of([C] * 16)))
    assert (0, CRASH) in bar(notes, 8)
    assert (0, CRASH) not in bar(notes, 0)


def test_an_ending_is_a_crash_with_the_kick_and_nothing_after_it() -> None:
    notes = strokes(scene_of(plan_of([C] * 4), ending_at=2 * BAR))
    assert [(note.step, note.pitch) for note in notes if note.step >= 2 * BAR] == [(2 * BAR, KICK), (2 * BAR, CRASH)]


def test_no_two_strokes_of_one_key_fall_on_one_step() -> None:
    notes = strokes(scene_of(plan_of([C] * 16), variation="B", bpm=200.0))
    assert len({(note.step, note.pitch) for note in notes}) == len(notes)


@pytest.mark.parametrize("metre", [Metre(3, 4), Metre(6, 8), Metre(5, 4), Metre(7, 8)])
def test_every_metre_has_a_stroke_on_beat_one(metre: Metre) -> None:
    grid = BarGrid(((0, 0, metre),))
    notes = strokes(scene_of(plan_of([C] * 4, metre.bar_steps), grid=grid))
    begins = {note.step for note in notes}
    assert all(number * metre.bar_steps in begins for number in range(4))
