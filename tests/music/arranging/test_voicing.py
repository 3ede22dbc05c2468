"""Voicings: in range, complete, and led smoothly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.arranging.voicing import movement, nearest, tones_of, voiced
from composerd.music.chords import QUALITIES, Chord

CHORDS = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)))


@given(CHORDS, st.integers(30, 70), st.integers(12, 40), st.integers(1, 5), st.booleans())
def test_a_voicing_is_in_range_in_order_and_of_the_chord(
    chord: Chord, low: int, span: int, voices: int, rootless: bool
) -> None:
    pitches = voiced(chord, (), low, low + span, voices, rootless=rootless)
    assert pitches
    assert list(pitches) == sorted(set(pitches))
    assert low <= pitches[0]
    assert pitches[-1] <= low + span
    assert len(pitches) <= voices
    assert {pitch % 12 for pitch in pitches} <= set(chord.pitch_classes)


@given(CHORDS, st.integers(3, 5))
def test_with_room_enough_third_and_seventh_are_never_left_out(chord: Chord, voices: int) -> None:
    sounding = {pitch % 12 for pitch in voiced(chord, (), 43, 79, voices)}
    assert {chord.pitch_classes[1], *chord.pitch_classes[3:]} <= sounding


def test_voices_move_little_from_chord_to_chord() -> None:
    pitches = voiced(Chord(0), (), 48, 79, 3)
    for chord in (Chord(9, "m"), Chord(5), Chord(7), Chord(0)):
        following = voiced(chord, pitches, 48, 79, 3)
        assert movement(pitches, following) <= 12
        pitches = following


def test_a_voicing_stays_below_the_melody_where_it_can() -> None:
    assert voiced(Chord(5), (60, 64, 72), 40, 84, 3)[-1] >= 67
    assert voiced(Chord(5), (60, 64, 72), 40, 84, 3, lid=67)[-1] < 67


@pytest.mark.parametrize(
    ("pitch_class", "to", "found"), [(0, 61, 60), (0, 65, 60), (0, 67, 72), (7, 40, 43), (11, 90, 83)]
)
def test_the_nearest_pitch_of_a_class_is_in_range(pitch_class: int, to: int, found: int) -> None:
    assert nearest(pitch_class, to, 40, 84) == found


def test_rootless_voicings_leave_the_root_of_a_seventh_chord_to_the_bass() -> None:
    assert 0 not in tones_of(Chord(0, "7"), 3, rootless=True)
    assert 0 in tones_of(Chord(0), 3, rootless=True)
