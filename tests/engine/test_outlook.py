"""The outlook: planned notes and chords in beats, and the bar that plays."""

from __future__ import annotations

import pytest

from composerd.engine.outlook import Ahead, outlook
from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.metre import BarGrid, Metre
from composerd.music.tempo import Tempo
from scenes import BAR, G7, C, F, plan_of

LINE = Tempo(120.0, 10.0)
"""beat 0 at second 10"""


def test_the_bar_that_plays_is_given_with_its_line_in_beats() -> None:
    found = outlook(13.1, LINE, BarGrid(), (), ChordPlan())
    assert found.beat == pytest.approx(6.2)
    assert (found.bar, found.bar_at, found.bar_beats) == (2, 4.0, 4.0)


def test_compound_metres_have_a_longer_pulse() -> None:
    found = outlook(11.6, LINE, BarGrid.of(Metre(6, 8)), (), ChordPlan())
    assert (found.bar, found.bar_at, found.bar_beats, found.pulse_beats) == (2, 3.0, 3.0, 1.5)


def test_the_count_in_shows_the_first_bar() -> None:
    found = outlook(9.0, LINE, BarGrid(), (), plan_of([C]))
    assert found.beat == pytest.approx(-2.0)
    assert (found.bar, found.bar_at) == (1, 0.0)


def test_past_chords_are_left_out_and_the_one_that_sounds_is_not() -> None:
    found = outlook(10.0 + 5 * 0.5, LINE, BarGrid(), (), plan_of([C, F, G7]))
    assert [(one.beat, one.beats, one.name) for one in found.chords] == [(4.0, 4.0, "F"), (8.0, 4.0, "G7")]


def test_a_chord_that_goes_on_over_the_seam_of_two_plans_is_one() -> None:
    plan = plan_of([C, C, F])
    found = outlook(10.0, LINE, BarGrid(), (), plan)
    assert [(one.beat, one.beats, one.name) for one in found.chords] == [(0.0, 8.0, "C"), (8.0, 4.0, "F")]


def test_equal_chords_with_a_gap_between_them_stay_two() -> None:
    plan = ChordPlan((PlannedChord(0, BAR, C), PlannedChord(2 * BAR, BAR, C)))
    assert len(outlook(10.0, LINE, BarGrid(), (), plan).chords) == 2


def test_a_plan_that_comes_round_lies_where_its_pass_began() -> None:
    found = outlook(18.0, LINE, BarGrid(), (), plan_of([C, F]), plan_shift=4 * BAR)
    assert [(one.beat, one.name) for one in found.chords] == [(16.0, "C"), (20.0, "F")]


@pytest.mark.parametrize(("minor", "name"), [(False, "C major"), (True, "C minor")])
def test_the_key_is_named(minor: bool, name: str) -> None:
    assert outlook(10.0, LINE, BarGrid(), (), plan_of([C], minor=minor)).key == name
    assert outlook(10.0, LINE, BarGrid(), (), ChordPlan()).key == ""


@pytest.mark.parametrize(("semitones", "pitches"), [(0, [36, 60, 120]), (9, [36, 69, 117]), (-2, [36, 58, 118])])
def test_notes_are_moved_but_those_of_the_drums(semitones: int, pitches: list[int]) -> None:
    notes = tuple(Ahead(part, pitch, 0.0, 1.0, 80) for part, pitch in ((0, 36), (1, 60), (None, 120)))
    found = outlook(10.0, LINE, BarGrid(), notes, ChordPlan())
    assert [note.pitch for note in found.moved(semitones, frozenset({0})).notes] == pitches
