"""What is played below a melody: chords, broken and held, and basses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.harmony.naming import chord_of_notes
from composerd.music.metre import BarGrid
from composerd.music.player import PlayerRecorder

Notes = list[tuple[int, int, int]]
"""first step, end, pitch"""


def heard(notes: Notes, steps: int = 64) -> PlayerRecorder:
    player = PlayerRecorder(0)
    for step in range(steps):
        for _, end, pitch in notes:
            if end == step:
                player.release(step, pitch)
        for first, _, pitch in sorted(notes):
            if first == step:
                player.press(step, pitch)
        player.close(step)
    return player


def chords(notes: Notes, steps: int = 64) -> list[tuple[int, str]]:
    plan = heard(notes, steps).chords(BarGrid())
    return [(one.step, str(one.chord)) for one in plan.chords] if plan is not None else []


def held(first: int, *pitches: int, length: int = 16) -> Notes:
    return [(first, first + length, pitch) for pitch in pitches]


def broken(first: int, *pitches: int) -> Notes:
    return [(first + 2 * at, first + 2 * at + 2, pitch) for at, pitch in enumerate(pitches)]


MELODY: Notes = [(0, 8, 76), (8, 16, 74), (16, 32, 77), (32, 48, 74), (48, 64, 72)]


def test_triads_below_a_melody_are_the_chords_with_their_basses() -> None:
    notes = held(0, 48, 52, 55) + held(16, 48, 53, 57) + held(32, 47, 50, 55) + held(48, 48, 52, 55)
    assert chords(MELODY + notes) == [(0, "C"), (16, "F/C"), (32, "G/B"), (48, "C")]


def test_triads_alone_are_the_chords() -> None:
    notes = held(0, 48, 52, 55) + held(16, 53, 57, 60) + held(32, 55, 59, 62) + held(48, 48, 52, 55)
    assert chords(notes) == [(0, "C"), (16, "F"), (32, "G"), (48, "C")]


def test_a_broken_chord_is_one_once_three_of_its_tones_have_been_played() -> None:
    notes = broken(0, 48, 55, 52, 55, 48, 55, 52, 55) + broken(16, 47, 55, 50, 55, 47, 55, 50, 55)
    assert chords(MELODY + notes, 32) == [(4, "C"), (20, "G/B")]


def test_a_low_note_stays_the_bass_of_the_chords_struck_above_it() -> None:
    notes = (
        held(0, 36, length=4) + held(4, 55, 60, 64, length=4) + held(8, 43, length=4) + held(12, 55, 60, 64, length=4)
    )
    assert chords([(0, 16, 76), *notes], 16) == [(4, "C")]


def test_a_melody_alone_states_no_chord_however_it_is_bound() -> None:
    for over in (0, 1, 2):
        tune = [(4 * at, 4 * at + 4 + over, 60 + up) for at, up in enumerate((0, 2, 4, 5, 7, 5, 4, 2))]
        assert chords(tune, 40) == []


def test_a_single_low_voice_is_a_bass_and_no_chord() -> None:
    player = heard([*MELODY, (0, 16, 36), (16, 32, 41)], 32)
    assert player.chords(BarGrid()) is None
    below = player.below(32, 32)
    assert below is not None
    assert below.sounding.bass.tolist() == [0] * 16 + [5] * 16
    assert below.sounding.tones.sum(1).tolist() == [1] * 32


def test_a_chord_holds_to_the_end_of_the_bar_in_which_it_was_let_go() -> None:
    plan = heard([*MELODY, *held(0, 48, 52, 55, length=20)], 64).chords(BarGrid())
    assert plan is not None
    assert [(one.step, one.end) for one in plan.chords] == [(0, 32)]


def test_a_chord_is_known_within_the_step_in_which_it_is_pressed() -> None:
    player = PlayerRecorder(0)
    assert [player.press(0, pitch) for pitch in (48, 51, 55, 75)] == [True] * 4
    plan = player.chords(BarGrid())
    assert plan is not None
    assert str(plan.chords[-1].chord) == "Cm"


@pytest.mark.parametrize(
    ("notes", "sung", "chord"),
    [
        ((48, 52, 55, 57), 76, "C6"),
        ((48, 52, 57), 76, "Am/C"),
        ((48, 51, 57), 76, "Adim/C"),
        ((45, 48, 52, 55), 76, "Am7"),
        ((50, 53, 57, 60), None, "Dm7"),
        ((43, 53, 59), 74, "G7"),
        ((48, 53, 55), None, "Csus4"),
        ((48, 50, 55), None, "Csus2"),
        ((52, 55, 60), None, "C/E"),
        ((47, 50, 53, 57), None, "Bm7b5"),
        ((47, 50, 53, 56), None, "Bdim7"),
        ((48, 51, 55, 57), None, "Cm6"),
        ((48, 52, 56), None, "Caug"),
        ((58, 60, 64, 67), None, "C7/B♭"),
        ((48, 55), 76, "C"),
        ((48, 55), 75, "Cm"),
        ((48, 52), 79, "C"),
    ],
)
def test_chords_are_named_as_musicians_name_them(notes: tuple[int, ...], sung: int | None, chord: str) -> None:
    found = chord_of_notes({note % 12 for note in notes}, notes[0] % 12, sung and sung % 12, together=False)
    assert str(found) == chord


@given(st.sets(st.integers(0, 11), min_size=3, max_size=5), st.integers(1, 11))
def test_a_transposed_chord_is_the_same_chord(tones: set[int], semitones: int) -> None:
    bass = min(tones)
    one = chord_of_notes(tones, bass, None, together=False)
    other = chord_of_notes({(t + semitones) % 12 for t in tones}, (bass + semitones) % 12, None, together=False)
    assert one is not None
    assert other == one.transposed(semitones)
