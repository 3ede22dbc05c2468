"""Chords as values, and edits of a chord plan."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from composerd.music.chords import QUALITIES, Chord, ChordPlan, PlannedChord

CHORD = st.builds(
    Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)), st.one_of(st.none(), st.integers(0, 11))
)
SPAN = st.tuples(st.integers(0, 60), st.integers(1, 16))


def plan(*spans: tuple[int, int, Chord]) -> ChordPlan:
    return ChordPlan(tuple(PlannedChord(step, length, chord) for step, length, chord in spans), 0)


def spelled(found: ChordPlan) -> list[tuple[int, int, str]]:
    return [(one.step, one.length, str(one.chord)) for one in found.chords]


def test_a_chord_is_written_as_musicians_write_it() -> None:
    names = [str(Chord(9, "m7")), str(Chord(6, "7")), str(Chord(0, "", 4)), str(Chord(10, "maj7", 10))]
    assert names == ["Am7", "F♯7", "C/E", "B♭maj7"]


@given(CHORD, st.integers(-24, 24))
def test_transposing_a_chord_transposes_its_tones(chord: Chord, semitones: int) -> None:
    moved = chord.transposed(semitones)
    assert moved.pitch_classes == tuple((tone + semitones) % 12 for tone in chord.pitch_classes)
    assert moved.bass_class == (chord.bass_class + semitones) % 12
    assert moved.transposed(-semitones) == chord


def test_minor_chords_are_those_with_a_minor_third() -> None:
    assert {quality for quality in QUALITIES if Chord(0, quality).is_minor} >= {"m", "m7", "dim", "m7b5"}
    assert not Chord(0, "sus4").is_minor


def test_the_chord_at_a_step_is_the_one_that_spans_it() -> None:
    found = plan((0, 8, Chord(0)), (8, 8, Chord(7, "7")))
    assert [str(one.chord) if (one := found.at(step)) else None for step in (0, 7, 8, 15, 16)] == [
        "C", "C", "G7", "G7", None,
    ]  # fmt: skip
    assert (after := found.after(3)) is not None
    assert after.step == 8


def test_the_chord_that_follows_is_another_one() -> None:
    found = plan((0, 8, Chord(0)), (8, 8, Chord(0)), (16, 8, Chord(7, "7")))
    assert (after := found.other_after(3)) is not None
    assert str(after.chord) == "G7"
    assert found.other_after(17) is None


def test_the_last_chord_goes_on_until_another_one_is_decided() -> None:
    found = plan((0, 8, Chord(0)), (8, 4, Chord(5)))
    assert found.held(9) is found
    assert spelled(found.held(20)) == [(0, 8, "C"), (8, 13, "F")]
    assert ChordPlan().held(3) == ChordPlan(), "none before the first key"


def test_a_chord_laid_into_a_longer_one_splits_it() -> None:
    found = plan((0, 16, Chord(0))).with_chord(PlannedChord(4, 4, Chord(5)))
    assert spelled(found) == [(0, 4, "C"), (4, 4, "F"), (8, 8, "C")]


def test_fixed_chords_win_as_far_as_the_plan_reaches() -> None:
    found = plan((0, 16, Chord(0))).led_by(plan((8, 16, Chord(2, "m"))))
    assert spelled(found) == [(0, 8, "C"), (8, 8, "Dm")]


@given(st.lists(st.tuples(SPAN, CHORD), max_size=8))
def test_edits_never_leave_overlaps_or_empty_chords(edits: list[tuple[tuple[int, int], Chord]]) -> None:
    found = plan((0, 64, Chord(0)))
    for (step, length), chord in edits:
        found = found.with_chord(PlannedChord(step, length, chord))
    end = 0
    for planned in found.chords:
        assert planned.length > 0
        assert planned.step >= end
        end = planned.end


def test_a_plan_between_two_steps_is_cut_at_both_ends() -> None:
    found = plan((0, 8, Chord(0)), (8, 8, Chord(5)), (16, 8, Chord(7)))
    assert spelled(found.between(4, 20)) == [(4, 4, "C"), (8, 8, "F"), (16, 4, "G")]
    assert spelled(found.between(8, 16)) == [(8, 8, "F")]
    assert spelled(found.between(10, 12)) == [(10, 2, "F")]
    assert spelled(found.between(24, 30)) == spelled(found.between(8, 8)) == []


def test_a_later_plan_follows_an_earlier_one_from_its_step_on() -> None:
    earlier = plan((0, 16, Chord(0)), (16, 16, Chord(5)))
    later = ChordPlan((PlannedChord(0, 24, Chord(9, "m")), PlannedChord(24, 8, Chord(7))), key=7, minor=True)
    found = earlier.then(later, 20)
    assert spelled(found) == [(0, 16, "C"), (16, 4, "F"), (20, 4, "Am"), (24, 8, "G")]
    assert (found.key, found.minor) == (7, True)


def test_a_plan_keeps_no_more_than_its_last_past_chords() -> None:
    past = plan(*((4 * at, 4, Chord(at % 12)) for at in range(30)))
    found = past.then(plan((120, 16, Chord(0))), 120)
    assert [one.step for one in found.chords] == [*range(88, 120, 4), 120]


@given(st.lists(st.tuples(SPAN, CHORD), max_size=6), st.integers(-20, 20), st.integers(-11, 11))
def test_moving_and_transposing_are_undone_by_their_opposites(
    spans: list[tuple[tuple[int, int], Chord]], steps: int, semitones: int
) -> None:
    found = plan(*((step, length, chord) for (step, length), chord in spans))
    assert found.moved(steps).moved(-steps) == found
    assert found.transposed(semitones).transposed(-semitones) == found
    assert found.transposed(12).chords == found.chords


@given(st.lists(st.tuples(SPAN, CHORD), max_size=8), st.integers(0, 80))
def test_the_chord_at_a_step_is_the_one_laid_there_last(edits: list[tuple[tuple[int, int], Chord]], step: int) -> None:
    found = plan((0, 64, Chord(0)))
    expected: Chord | None = Chord(0) if step < 64 else None
    for (first, length), chord in edits:
        found = found.with_chord(PlannedChord(first, length, chord))
        expected = chord if first <= step < first + length else expected
    here = found.at(step)
    assert (None if here is None else here.chord) == expected


def test_a_fixed_plans_key_goes_with_its_chords() -> None:
    fixed = ChordPlan((PlannedChord(0, 4, Chord(2)),), key=2, minor=True)
    assert (plan((0, 8, Chord(0))).led_by(fixed).key, plan((0, 8, Chord(0))).led_by(fixed).minor) == (2, True)
    assert ChordPlan().led_by(fixed).chords == (), "there is nothing to lead"
