"""Names of chords: what is struck, inverted, left out, doubled by the melody, or no chord at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.chords import QUALITIES, Chord
from composerd.music.harmony.naming import DOUBTFUL, chord_named, chord_of_notes

C_MAJOR = (0, 2, 4, 5, 7, 9, 11)
ROOTS, NAMES = st.integers(0, 11), st.sampled_from(sorted(QUALITIES))
CLASSES = st.sets(st.integers(0, 11), min_size=1, max_size=6)


@given(ROOTS, st.sampled_from(["", "m", "7", "maj7", "m7", "dim", "m7b5", "sus4"]))
def test_a_chord_in_root_position_is_that_chord(root: int, quality: str) -> None:
    chord = Chord(root, quality)
    found, cost = chord_named(chord.pitch_classes, root)
    assert (found, cost <= DOUBTFUL) == (chord, True)


def test_a_triad_in_root_position_costs_nothing() -> None:
    assert chord_named((0, 4, 7), 0) == (Chord(0), 0.0)


@pytest.mark.parametrize(
    ("tones", "bass", "name"),
    [
        ((0, 4, 7), 4, "C/E"), ((0, 4, 7), 7, "C/G"), ((9, 0, 4), 0, "Am/C"), ((7, 11, 2, 5), 11, "G7/B"),
        ((2, 5, 9, 0), 2, "Dm7"), ((0, 4, 7, 2), 0, "C"),
    ],
)  # fmt: skip
def test_a_bass_other_than_the_root_is_named(tones: tuple[int, ...], bass: int, name: str) -> None:
    assert str(chord_named(tones, bass)[0]) == name


@given(CLASSES, st.integers(0, 11), st.one_of(st.none(), st.integers(0, 11)), st.integers(1, 11))
def test_transposed_notes_are_the_transposed_chord(tones: set[int], bass: int, sung: int | None, up: int) -> None:
    lowest = sorted(tones)[bass % len(tones)]
    here, cost = chord_named(tones, lowest, sung)
    there, same = chord_named(
        {(tone + up) % 12 for tone in tones}, (lowest + up) % 12, None if sung is None else (sung + up) % 12
    )
    assert there == here.transposed(up)
    assert same == pytest.approx(cost)


def test_a_third_that_is_left_out_is_the_scales() -> None:
    open_fifths = {
        root: chord_named(((root, (root + 7) % 12)), root, scale=C_MAJOR)[0].quality for root in (0, 2, 4, 5)
    }
    assert open_fifths == {0: "", 2: "m", 4: "m", 5: ""}


def test_a_third_that_is_left_out_is_the_one_that_is_sung() -> None:
    assert str(chord_named((0, 7), 0, sung=3)[0]) == "Cm"
    assert str(chord_named((0, 7), 0, sung=4)[0]) == "C"


def test_the_melody_decides_between_chords_that_the_notes_leave_open() -> None:
    assert str(chord_of_notes((0, 4), 0, 7, together=False)) == "C"
    assert str(chord_of_notes((0, 4), 0, 9, together=True)) == "Am/C"


def test_one_note_is_a_bass_and_no_chord() -> None:
    assert chord_of_notes((0,), 0, 4, together=True) is None
    assert chord_of_notes((), 0, None, together=False) is None


def test_two_neighbours_are_no_chord() -> None:
    assert chord_of_notes((0, 1), 0, None, together=False) is None


def test_three_notes_are_always_a_chord_however_odd() -> None:
    found = chord_of_notes((0, 1, 2), 0, None, together=False)
    assert isinstance(found, Chord)


@given(st.sets(st.integers(0, 11), min_size=3, max_size=7), st.integers(0, 11), st.booleans())
def test_a_named_chord_has_a_tone_of_the_notes_as_root_and_their_lowest_as_bass(
    tones: set[int], at: int, together: bool
) -> None:
    bass = sorted(tones)[at % len(tones)]
    found = chord_of_notes(tones, bass, None, together)
    assert found is not None
    assert found.root in tones
    assert found.bass_class == bass
