"""Substitutes: only above ordinary creativity, equal for equal seeds, in every key, and never against the melody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.harmony.encoding import Heard, heard
from composerd.music.harmony.slots import Slot, slots_between
from composerd.music.harmony.styles import style_of
from composerd.music.harmony.substitution import BEST, substituted
from composerd.music.metre import BarGrid, Metre

POP, JAZZ = style_of("pop"), style_of("jazz")
TURN = (Chord(0), Chord(9, "m"), Chord(2, "m"), Chord(7, "7"))


def bars(chords: Sequence[Chord]) -> tuple[ChordPlan, tuple[Slot, ...]]:
    plan = ChordPlan(tuple(PlannedChord(16 * at, 16, chord) for at, chord in enumerate(chords)), 0)
    return plan, slots_between(BarGrid.of(Metre()), 0, 16 * len(chords))


def sung(slots: Sequence[Slot], pitches: Sequence[int], tonic: int = 0) -> Heard:
    """A melody of one note a slot, -1 for a rest."""
    pitch = np.repeat(np.array(pitches, np.int16), 4)
    onset = np.zeros(len(pitch), np.bool_)
    onset[::4] = pitch[::4] >= 0
    return heard(pitch, onset, slots, tonic)


def played(chords: Sequence[Chord], creativity: float, seed: int = 0, style: str = "jazz", note: int = -1) -> ChordPlan:
    plan, slots = bars(chords)
    return substituted(plan, slots, sung(slots, [note] * len(slots)), 0, creativity, seed, style_of(style))


@pytest.mark.parametrize("creativity", [0.0, 0.1, BEST])
def test_up_to_ordinary_creativity_the_plan_stays(creativity: float) -> None:
    assert played(TURN * 8, creativity) == bars(TURN * 8)[0]


def test_at_full_creativity_some_chords_are_replaced_and_most_stay() -> None:
    plan = bars(TURN * 8)[0]
    new = [one for one in played(TURN * 8, 1.0).chords if one not in plan.chords]
    assert 4 <= len(new) <= 24


@given(st.integers(0, 1000), st.floats(0.31, 1.0))
def test_the_plans_time_is_filled_without_gap_or_overlap(seed: int, creativity: float) -> None:
    found = played(TURN * 4, creativity, seed).chords
    assert found[0].step == 0
    assert [one.end for one in found[:-1]] == [one.step for one in found[1:]]
    assert found[-1].end == 16 * 16


@given(st.integers(0, 1000))
def test_the_last_chord_of_a_plan_stays(seed: int) -> None:
    assert played(TURN, 1.0, seed).chords[-1].chord == TURN[-1]


@given(st.integers(0, 500), st.integers(1, 11))
def test_a_transposed_plan_has_the_transposed_substitutes(seed: int, up: int) -> None:
    plan, slots = bars(TURN * 4)
    melody = [60, 64, 67, 72] * (len(slots) // 4)
    here = substituted(plan, slots, sung(slots, melody), 0, 1.0, seed, JAZZ)
    higher = sung(slots, [pitch + up for pitch in melody], tonic=up)
    assert substituted(plan.transposed(up), slots, higher, up, 1.0, seed, JAZZ) == here.transposed(up)


def test_a_slash_chord_and_a_chord_of_one_beat_stay() -> None:
    slashed = tuple(Chord(root, "", (root + 4) % 12) for root in (0, 5, 7, 0))
    assert played(slashed * 8, 1.0) == bars(slashed * 8)[0]
    slots = slots_between(BarGrid.of(Metre()), 0, 64)
    beats = ChordPlan(tuple(PlannedChord(4 * at, 4, TURN[at % 4]) for at in range(16)), 0)
    assert substituted(beats, slots, sung(slots, [-1] * 16), 0, 1.0, 3, JAZZ) == beats


def test_pop_takes_the_relative_and_the_dominant_of_what_follows() -> None:
    names = {str(one.chord) for seed in range(40) for one in played(TURN * 2, 1.0, seed, "pop").chords}
    assert names - {"C", "Am", "Dm", "G7"} <= {"E7", "A7", "D7", "G7", "F", "C", "Am", "Dm"}
    assert {"A7", "F"} <= names


def test_jazz_alone_takes_the_dominant_a_tritone_away() -> None:
    names = {
        style: {str(one.chord) for seed in range(40) for one in played(TURN * 2, 1.0, seed, style).chords}
        for style in ("jazz", "pop")
    }
    assert "D♭7" in names["jazz"], "in place of G7"
    assert "D♭7" not in names["pop"]


@given(st.integers(0, 200), st.sampled_from([0, 2, 4, 5, 7, 9, 11]))
def test_no_substitute_lies_a_semitone_beside_a_held_melody_note(seed: int, note: int) -> None:
    plan = bars(TURN * 4)[0]
    for one in played(TURN * 4, 1.0, seed, "jazz", 60 + note).chords:
        if one in plan.chords or any(one.chord == old.chord and old.step <= one.step < old.end for old in plan.chords):
            continue
        tones = one.chord.pitch_classes
        assert note in tones or not {(note + 1) % 12, (note - 1) % 12} & set(tones)
