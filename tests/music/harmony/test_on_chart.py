"""Notes moved to a chart's chords, case by case: basses, thirds, passing notes, and what rings over a change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.genre import Genre, Part
from composerd.music.harmony.chart_guard import lowest_part, on_chart, tones_of
from composerd.music.notes import PartNote, Section

DRUMS, BASS, KEYS, LEAD = range(4)
BAND = Genre(
    "band", "Band", "plain", 100.0,
    (
        Part("drums", "drums", 10),
        Part("bass", "bass", 2, low=28, high=52),
        Part("keys", "comp", 3, low=48, high=84, voices=4),
        Part("sax", "lead", 4, low=49, high=80),
    ),
)  # fmt: skip
C_F = ChordPlan((PlannedChord(0, 16, Chord(0)), PlannedChord(16, 16, Chord(5))), key=0)
NOTES = st.builds(
    PartNote, st.integers(0, 40), st.integers(0, 3), st.integers(50, 80), st.just(80), st.integers(1, 20), st.booleans()
)


def moved(*notes: tuple[int, int, int, int], plan: ChordPlan = C_F, genre: Genre = BAND) -> list[tuple[int, ...]]:
    """(step, part, pitch, length) of notes given so, as they are on the chart."""
    parts = frozenset(range(len(genre.parts)))
    given_notes = tuple(PartNote(step, part, pitch, 80, length) for step, part, pitch, length in notes)
    found = on_chart(Section(parts, 0, 32, given_notes), genre, plan)
    return [(note.step, note.part, note.pitch, note.length) for note in found.notes]


def keys_triad(step: int, *pitches: int) -> list[tuple[int, int, int, int]]:
    """A chord of the keys that has its third: nothing has to be added."""
    return [(step, KEYS, pitch, 4) for pitch in pitches]


C_CHORD = keys_triad(0, 60, 64, 67)


@pytest.mark.parametrize(
    ("bass", "plays"),
    [
        ((0, BASS, 36, 4), (0, BASS, 36, 4)),
        ((0, BASS, 40, 4), (0, BASS, 36, 4)),  # E begins no C chord; C is nearest below it
        ((0, BASS, 43, 4), (0, BASS, 48, 4)),
        ((3, BASS, 40, 2), (3, BASS, 36, 2)),  # the first note within a beat of the change
        ((4, BASS, 40, 4), (4, BASS, 40, 4)),  # later any tone of the chord
        ((4, BASS, 41, 4), (4, BASS, 40, 4)),  # F is none: E, a semitone below
        ((8, BASS, 38, 4), (8, BASS, 36, 4)),
        ((12, BASS, 38, 4), (12, BASS, 38, 4)),  # on the beat before the next chord it may walk
        ((15, BASS, 42, 1), (15, BASS, 42, 1)),
    ],
)
def test_the_bass_begins_a_chord_on_its_bass_and_walks_to_the_next(
    bass: tuple[int, int, int, int], plays: tuple[int, int, int, int]
) -> None:
    assert [note for note in moved(bass, *C_CHORD) if note[1] == BASS] == [plays]


def test_only_the_first_bass_note_of_a_chord_has_to_be_its_bass() -> None:
    assert [note[2] for note in moved((0, BASS, 36, 2), (2, BASS, 43, 2), *C_CHORD) if note[1] == BASS] == [36, 43]


def test_the_last_chord_of_a_plan_has_no_next_one_to_walk_to() -> None:
    assert [note[2] for note in moved((28, BASS, 38, 4), *keys_triad(16, 60, 65, 69)) if note[1] == BASS] == [36]


def test_the_bass_plays_the_stated_bass_also_where_it_is_no_tone_of_the_chord() -> None:
    plan = ChordPlan((PlannedChord(0, 32, Chord(0, "", 2)),))
    found = moved((0, BASS, 36, 4), (8, BASS, 38, 4), *C_CHORD, plan=plan)
    assert [note[2] for note in found if note[1] == BASS] == [38, 38]


@pytest.mark.parametrize(
    ("pitch", "plays"), [(60, 60), (61, 60), (62, 60), (63, 64), (65, 64), (66, 67), (69, 67), (71, 72)]
)
def test_a_chord_tone_stays_and_another_goes_to_the_nearest_the_lower_of_two(pitch: int, plays: int) -> None:
    beside = (64,) if plays != 64 else (67, 76)
    found = moved((0, KEYS, pitch, 4), *((0, KEYS, other, 4) for other in beside))
    assert plays in [note[2] for note in found]
    assert {note[2] % 12 for note in found} <= {0, 4, 7}


@pytest.mark.parametrize(
    ("note", "plays"),
    [
        ((1, LEAD, 62, 1), 62),  # a passing note off the beat
        ((2, LEAD, 65, 2), 65),
        ((2, LEAD, 65, 4), 64),  # one that lasts a beat is harmony
        ((4, LEAD, 65, 1), 64),  # and one on the beat
        ((0, LEAD, 62, 1), 60),
    ],
)
def test_a_melodic_part_keeps_its_passing_notes_off_the_beat(note: tuple[int, int, int, int], plays: int) -> None:
    assert [one[2] for one in moved(note, *C_CHORD) if one[1] == LEAD] == [plays]


@pytest.mark.parametrize(
    ("pitch", "length"),
    [(60, 24), (64, 8), (67, 8)],
)
def test_what_rings_over_a_change_ends_there_unless_it_belongs_to_both_chords(pitch: int, length: int) -> None:
    found = moved((8, KEYS, pitch, 24), *C_CHORD, *keys_triad(16, 65, 69, 72))
    assert (8, KEYS, pitch, length) in found


def test_a_bass_that_rings_into_another_chord_ends_there_though_it_is_a_tone_of_it() -> None:
    assert [note for note in moved((0, BASS, 36, 32), *C_CHORD, *keys_triad(16, 65, 69, 72)) if note[1] == BASS] == [
        (0, BASS, 36, 16)
    ]


@pytest.mark.parametrize(
    ("chord", "plays"),
    [
        ([60, 67], [60, 64]),  # the fifth gives way to the third
        ([60, 72], [60, 72]),
        ([67], [64]),
        ([60, 67, 72], [64, 67, 72]),  # a tone that sounds twice gives way before one that sounds once
    ],
)
def test_a_chord_without_its_third_gets_it_where_a_tone_can_give_way(chord: list[int], plays: list[int]) -> None:
    found = sorted(note[2] for note in moved(*((0, KEYS, pitch, 16) for pitch in chord)))
    thirds = [pitch for pitch in found if pitch % 12 == 4]
    assert len(thirds) == 1
    if 67 in chord:
        assert found == plays


@pytest.mark.parametrize(("pitch", "tied"), [(60, True), (64, True), (65, False)])
def test_what_sounds_on_is_still_tied_unless_it_was_moved(pitch: int, tied: bool) -> None:
    notes = (PartNote(0, KEYS, pitch, 80, 4, tied=True), PartNote(0, KEYS, 76, 80, 4))
    found = on_chart(Section(frozenset({KEYS}), 0, 16, notes), BAND, C_F).notes
    assert next(note.tied for note in found if note.pitch < 70) == tied


def test_a_note_just_before_a_chord_it_does_not_belong_to_lasts_a_step() -> None:
    assert (15, KEYS, 67, 1) in moved((15, KEYS, 67, 8), *C_CHORD, *keys_triad(16, 65, 69, 72))


def test_a_tone_that_becomes_the_third_ends_with_its_chord() -> None:
    found = moved((0, KEYS, 60, 30), (0, KEYS, 67, 12), *keys_triad(16, 65, 69, 72))
    assert [note for note in found if note[2] % 12 == 4] == [(0, KEYS, 64, 16)]


def test_a_third_in_the_bass_is_none_of_the_upper_parts() -> None:
    plan = ChordPlan((PlannedChord(0, 16, Chord(0, "", 4)),))
    found = moved((0, BASS, 40, 16), (0, KEYS, 60, 16), (0, KEYS, 67, 16), plan=plan)
    assert any(part == KEYS and pitch % 12 == 4 for _, part, pitch, _ in found)


def test_a_suspended_chord_gets_its_fourth_in_place_of_a_third() -> None:
    plan = ChordPlan((PlannedChord(0, 16, Chord(7, "sus4")),))
    assert 0 in {pitch % 12 for _, _, pitch, _ in moved((0, KEYS, 55, 16), (0, KEYS, 62, 16), plan=plan)}


def test_drums_and_notes_beyond_the_plan_are_left_alone() -> None:
    assert moved((0, DRUMS, 37, 1), *C_CHORD)[0] == (0, DRUMS, 37, 1)
    assert moved((40, KEYS, 61, 4), (40, BASS, 37, 4), plan=C_F) == [(40, BASS, 37, 4), (40, KEYS, 61, 4)]
    section = Section(frozenset({DRUMS}), 0, 32, (PartNote(0, DRUMS, 37, 80, 1),))
    assert on_chart(section, BAND, C_F) is section


def test_two_notes_that_are_moved_to_one_pitch_are_one() -> None:
    assert moved((0, KEYS, 60, 4), (0, KEYS, 61, 4), (0, KEYS, 64, 4)) == [(0, KEYS, 60, 4), (0, KEYS, 64, 4)]


@pytest.mark.parametrize(
    ("parts", "lowest"),
    [
        ((Part("a", "voice", 2, low=50), Part("b", "voice", 3, low=36)), 1),
        ((Part("a", "comp", 2, low=20), Part("b", "bass", 3, low=36)), 1),
        ((Part("a", "bass", 2, low=40), Part("b", "bass", 3, low=28), Part("c", "voice", 4, low=10)), 1),
        ((Part("a", "comp", 2), Part("d", "drums", 10)), None),
        ((), None),
    ],
)
def test_the_bass_is_the_lowest_of_its_role_else_the_lowest_voice(parts: tuple[Part, ...], lowest: int | None) -> None:
    assert lowest_part(Genre("x", "X", "plain", 100.0, parts)) == lowest


CHORDS = st.sampled_from([Chord(0), Chord(9, "m7"), Chord(7, "7", 5), Chord(2, "m")])


@given(st.lists(NOTES, max_size=16), st.lists(CHORDS, min_size=1, max_size=4))
def test_whatever_is_played_no_onset_of_a_chordal_part_is_beside_its_chord(
    notes: list[PartNote], chords: list[Chord]
) -> None:
    plan = ChordPlan(tuple(PlannedChord(8 * at, 8, chord) for at, chord in enumerate(chords)))
    found = on_chart(Section(frozenset(range(4)), 0, 48, tuple(notes)), BAND, plan).notes
    assert list(found) == sorted(found)
    assert len({(note.part, note.step, note.pitch) for note in found}) == len(found)
    assert all(note.length >= 1 for note in found)
    for note in found:
        planned = plan.at(note.step)
        if planned is not None and note.part == KEYS:
            assert note.pitch % 12 in tones_of(planned.chord)
            assert BAND.parts[KEYS].low <= note.pitch <= BAND.parts[KEYS].high


@given(st.lists(NOTES, max_size=12))
def test_what_is_on_the_chart_stays_on_it(notes: list[PartNote]) -> None:
    once = on_chart(Section(frozenset(range(4)), 0, 48, tuple(notes)), BAND, C_F)
    again = on_chart(once, BAND, C_F)
    assert {(note.part, note.step) for note in again.notes} == {(note.part, note.step) for note in once.notes}
    keys = [note for note in once.notes if note.part == KEYS and note.step < 32]
    assert [note for note in again.notes if note.part == KEYS and note.step < 32] == keys
