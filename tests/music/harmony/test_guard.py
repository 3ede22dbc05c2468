"""The guard moves what rubs against the melody, and only that."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.genre import Genre, Part
from composerd.music.harmony.guard import guarded
from composerd.music.notes import PartNote, Section
from composerd.music.roll import REST, MelodyRoll

PARTS = (
    Part("drums", "drums", 10),
    Part("keys", "comp", 2, low=48, high=84, voices=4),
    Part("alto", "voice", 3, low=52, high=74),
    Part("tenor", "voice", 4, low=45, high=69),
)
BAND = Genre("band", "Band", "plain", 100.0, PARTS)
PLAN = ChordPlan((PlannedChord(0, 64, Chord(0)),), 0)


def melody(*pitches: int) -> MelodyRoll:
    return MelodyRoll(0, np.array(pitches, np.int16), np.ones(len(pitches), np.bool_))


def section(*notes: PartNote) -> Section:
    return Section(frozenset(range(4)), 0, 16, tuple(sorted(notes)))


def pitches(found: Section) -> list[int]:
    return [note.pitch for note in found.notes]


def test_a_note_a_semitone_off_moves_to_the_nearest_consonant_chord_tone() -> None:
    found = guarded(section(PartNote(0, 1, 64, 80, 4)), BAND, melody(65), PLAN)
    assert pitches(found) == [60]


def test_a_consonant_band_is_left_as_it_is() -> None:
    given_section = section(PartNote(0, 1, 60, 80, 4), PartNote(0, 1, 64, 80, 4))
    assert guarded(given_section, BAND, melody(67), PLAN) is given_section


def test_drums_ties_rests_and_unknown_steps_are_left_alone() -> None:
    for note in (PartNote(0, 0, 64, 80, 1), PartNote(0, 1, 64, 80, 4, tied=True), PartNote(2, 1, 64, 80, 4)):
        assert pitches(guarded(section(note), BAND, melody(65, 65), PLAN)) == [64]
    assert pitches(guarded(section(PartNote(0, 1, 64, 80, 4)), BAND, melody(REST), PLAN)) == [64]


def test_a_voice_does_not_cross_its_neighbour() -> None:
    found = guarded(section(PartNote(0, 2, 64, 80, 4), PartNote(0, 3, 62, 80, 4)), BAND, melody(65), PLAN)
    alto, tenor = (next(note.pitch for note in found.notes if note.part == part) for part in (2, 3))
    assert alto >= tenor


@given(
    st.lists(st.tuples(st.integers(0, 15), st.integers(48, 84), st.integers(1, 6)), max_size=20),
    st.lists(st.one_of(st.just(REST), st.integers(55, 80)), min_size=16, max_size=16),
)
def test_no_duplicates_no_notes_out_of_range_and_no_clash_that_had_a_way_out(
    notes: list[tuple[int, int, int]], sung: list[int]
) -> None:
    ends: dict[int, int] = {}
    kept = []
    for step, pitch, length in sorted(notes):
        if ends.get(pitch, 0) <= step:
            kept.append(PartNote(step, 1, pitch, 80, length))
            ends[pitch] = step + length
    found = guarded(section(*kept), BAND, melody(*sung), PLAN)
    ends = {}
    for note in found.notes:
        assert 48 <= note.pitch <= 84
        assert ends.get(note.pitch, 0) <= note.step
        ends[note.pitch] = note.end
    assert len(found.notes) <= len(kept)


def test_a_moved_note_ends_where_a_chord_begins_that_does_not_have_it() -> None:
    plan = ChordPlan((PlannedChord(0, 4, Chord(7, "7")), PlannedChord(4, 4, Chord(0))), 0)
    clashing = PartNote(3, 1, 64, 80, 4)
    (moved,) = guarded(section(clashing), BAND, melody(*[65] * 8), plan).notes
    assert (moved.pitch, moved.step, moved.end) == (65, 3, 4), "F is no tone of C"
    (kept,) = guarded(section(clashing), BAND, melody(*[65] * 8), PLAN).notes
    assert (kept.pitch, kept.length) == (60, 4)
