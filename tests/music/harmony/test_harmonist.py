"""The harmonist, with the net that ships."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.errors import ModelError
from composerd.generators.tables import harmonist, net_of, shipped
from composerd.music.chords import QUALITIES, Chord, ChordPlan
from composerd.music.harmony.encoding import Below, BelowRoll
from composerd.music.harmony.harmonist import Given
from composerd.music.harmony.key import Key
from composerd.music.harmony.styles import HARMONY_STYLES
from composerd.music.metre import BarGrid, Metre
from composerd.music.roll import REST, MelodyRoll

TUNE = (60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60)
"""C, F, G, C in broken chords, a quarter a note."""
TWINKLE = (60, 60, 67, 67, 69, 69, 67, 67, 65, 65, 64, 64, 62, 62, 60, 60)
COMMON = BarGrid.of(Metre())
BLUES_RIFF = (69, 69, 72, 69, 74, 72, 69, 67)
"""A, C, D, G: minor pentatonic."""


def quarters(pitches: tuple[int, ...], length: int = 4) -> MelodyRoll:
    pitch = np.repeat(np.array(pitches, np.int16), length)
    onset = np.zeros(len(pitch), np.bool_)
    onset[::length] = True
    return MelodyRoll(0, pitch, onset & (pitch >= 0))


def moved(plan: ChordPlan, semitones: int) -> ChordPlan:
    chords = tuple(
        type(one)(one.step, one.length, one.chord.transposed(semitones), one.certainty) for one in plan.chords
    )
    key = None if plan.key is None else (plan.key + semitones) % 12
    return ChordPlan(chords, key, plan.minor)


MELODIES = st.lists(st.one_of(st.just(REST), st.integers(52, 84)), min_size=1, max_size=40)


@given(MELODIES, st.integers(1, 11), st.sampled_from(sorted(HARMONY_STYLES)), st.booleans())
@settings(max_examples=20, deadline=None)
def test_a_transposed_melody_gets_the_transposed_plan(
    pitches: list[int], semitones: int, style: str, whole: bool
) -> None:
    if all(pitch == REST for pitch in pitches):
        return
    higher = tuple(pitch if pitch == REST else pitch + semitones for pitch in pitches)
    here, there = (quarters(tuple(one), 2) for one in (pitches, higher))
    step = max(0, here.end - 1)
    for creativity in (0.3, 1.0):
        asked = Given(creativity=creativity)
        plan = harmonist(style).plan(here, COMMON, step, step + 8, whole, asked)
        assert harmonist(style).plan(there, COMMON, step, step + 8, whole, asked) == moved(plan, semitones)


@pytest.mark.parametrize("style", sorted(HARMONY_STYLES))
def test_broken_chords_are_heard_as_their_chords_once_known_whole(style: str) -> None:
    plan = harmonist(style).plan(quarters(TUNE * 2), COMMON, 0, 128, whole=True)
    tones = [plan.at(step).chord.pitch_classes for step in range(64, 128, 16)]  # type: ignore[union-attr]
    assert all(root in found for root, found in zip((0, 5, 7, 0), tones, strict=True))
    assert (plan.key, plan.minor) == (0, False)


def test_a_tune_ends_with_its_dominant_and_tonic() -> None:
    plan = harmonist("pop").plan(quarters(TWINKLE), COMMON, 0, 64, whole=True)
    chords = [one.chord for one in plan.between(0, 64).chords]
    before, last = [one for one, other in pairwise([*chords, None]) if one != other][-2:]
    assert before is not None
    assert last is not None
    assert (before.root, last.root, last.quality) == (7, 0, "")


def in_jam(style: str, melody: MelodyRoll, bars: int) -> list[Chord]:
    """The chord of each bar as it is chosen with the bar's first note heard."""
    one, found = harmonist(style), list[Chord]()
    for at in range(0, 16 * bars, 16):
        planned = one.plan(melody.window(max(0, at - 255), at + 1), COMMON, at, at + 4).at(at)
        assert planned is not None
        found.append(planned.chord)
    return found


def test_a_riff_that_moves_with_a_twelve_bar_blues_goes_to_the_fourth_and_back_to_a_major_or_dominant_home() -> None:
    shift = [0, 0, 0, 0, 5, 5, 0, 0, 7, 5, 0, 0]
    melody = quarters(tuple(pitch + up for up in shift for pitch in BLUES_RIFF) * 2, 2)
    chords = in_jam("rock", melody, 12)
    assert [chords[bar].root for bar in (0, 3, 4, 7)] == [9, 9, 2, 9]
    assert sum(not chord.is_minor for chord in chords) > 6


def test_a_minor_pentatonic_riff_that_stays_gets_the_first_fourth_and_fifth_of_a_twelve_bar_blues() -> None:
    chords = in_jam("rock", quarters((69, 72, 74, 76) * 12), 12)
    assert [chord.root for chord in chords] == [9, 9, 9, 9, 2, 2, 9, 9, 4, 9, 9, 9]
    assert not any(chord.is_minor for chord in chords)


@pytest.mark.parametrize("style", sorted(HARMONY_STYLES))
def test_a_chord_once_chosen_stays_chosen_while_its_slot_is_played(style: str) -> None:
    melody, one = quarters(TUNE * 2), harmonist(style)
    for step in range(32, 120, 4):
        first = one.plan(melody.window(0, step + 1), COMMON, step, step + 1).at(step)
        later = one.plan(melody.window(0, step + 3), COMMON, step + 2, step + 3).at(step)
        assert first is not None
        assert later is not None
        assert first.chord == later.chord


@pytest.mark.parametrize("style", sorted(HARMONY_STYLES))
def test_the_last_chord_of_a_whole_tune_is_the_tonics_where_the_last_note_belongs_to_it(style: str) -> None:
    for last in (60, 64, 67):
        melody = quarters((*TUNE, *TUNE[:-1], last))
        found = harmonist(style).plan(melody, COMMON, 0, 128, whole=True).at(127)
        assert found is not None
        assert (found.chord.root, found.chord.is_minor) in ((0, False), (9, True))


def test_a_last_note_that_the_tonic_does_not_hold_has_another_chord() -> None:
    found = harmonist("pop").plan(quarters((*TUNE, *TUNE[:8], 67, 71, 74, 74)), COMMON, 0, 112, whole=True).at(111)
    assert found is not None
    assert 2 in found.chord.pitch_classes


@pytest.mark.parametrize("style", ["folk", "pop"])
def test_bars_that_come_back_have_their_chords_again(style: str) -> None:
    plan = harmonist(style).plan(quarters(TWINKLE * 3), COMMON, 0, 192, whole=True)
    for bar in range(1, 3):
        here, there = (plan.at(first + 16 * bar) for first in (64, 128))
        assert here is not None
        assert there is not None
        assert here.chord == there.chord


def test_a_plan_changes_with_the_beats_not_between_them() -> None:
    melody, one = quarters(TUNE * 2, 4), harmonist("pop")
    plans = [one.plan(melody.window(0, step + 1), COMMON, step, step + 4) for step in range(36, 40)]
    assert all(plan is plans[0] for plan in plans)


def test_what_is_kept_of_the_past_changes_nothing() -> None:
    melody, kept = quarters(TUNE * 4), harmonist("pop")
    for step in range(0, 240, 8):
        heard = melody.window(0, step + 1)
        plans = [one.plan(heard, COMMON, step, step + 4) for one in (kept, harmonist("pop"))]
        sure = [[chord.certainty for chord in plan.chords] for plan in plans]
        assert sure[0] == pytest.approx(sure[1], abs=2e-6), "sums of single precision, in another order"
        bare = [replace(plan, chords=tuple(replace(chord, certainty=1.0) for chord in plan.chords)) for plan in plans]
        assert bare[0] == bare[1]


@pytest.mark.parametrize("metre", [Metre(), Metre(3, 4), Metre(6, 8), Metre(7, 8), Metre(2, 4), Metre(12, 8)])
@pytest.mark.parametrize("whole", [False, True])
def test_a_plan_covers_all_that_is_asked_for_in_any_metre(metre: Metre, whole: bool) -> None:
    grid = BarGrid.of(metre)
    for step in (0, 7, 30, 61):
        chords = harmonist("jazz").plan(quarters(TUNE), grid, step, step + 10, whole).chords
        assert chords[0].step <= step
        assert chords[-1].end >= step + 10
        assert all(one.end == other.step for one, other in pairwise(chords))
        assert all(one.chord.quality in QUALITIES for one in chords)


def test_with_nothing_heard_there_is_a_plan_all_the_same() -> None:
    plan = harmonist("rock").plan(quarters((REST,) * 8), COMMON, 32, 64)
    assert plan.at(32) is not None


def test_a_key_that_was_said_is_the_key() -> None:
    melody = quarters((62, 62, 67, 67))
    plan = harmonist("pop").plan(melody, COMMON, 0, 16, given=Given(key=Key(2, minor=True)))
    assert (plan.key, plan.minor) == (2, True)


@pytest.mark.parametrize("bass", [5, 9, 2])
def test_a_single_low_note_is_the_bass_of_a_chord_that_holds_it(bass: int) -> None:
    melody = quarters((72, 69, 72, 69))
    tones = np.zeros((16, 12), np.bool_)
    tones[:, bass] = True
    below = BelowRoll(0, Below(tones, np.full(16, bass, np.int16)))
    found = harmonist("pop").plan(melody, COMMON, 0, 16, whole=True, given=Given(below=below)).at(0)
    assert found is not None
    assert found.chord.bass_class == bass
    assert bass in found.chord.pitch_classes


def test_equal_seeds_substitute_the_same_chords_and_ordinary_creativity_none() -> None:
    melody = quarters(TUNE * 4)

    def plan(creativity: float, seed: int) -> ChordPlan:
        asked = Given(creativity=creativity, seed=seed)
        return harmonist("jazz").plan(melody, COMMON, 0, 256, whole=True, given=asked)

    assert plan(0.3, 1) == plan(0.0, 2)
    assert plan(1.0, 1) == plan(1.0, 1)
    assert len({str(plan(1.0, seed).chords) for seed in range(6)}) > 1


def test_substitutes_lie_no_semitone_from_a_note_that_is_held() -> None:
    melody = quarters(TUNE * 4)
    plain = harmonist("jazz").plan(melody, COMMON, 0, 256, whole=True)
    for seed in range(8):
        bold = harmonist("jazz").plan(melody, COMMON, 0, 256, whole=True, given=Given(creativity=1.0, seed=seed))
        for step in range(0, 256, 4):
            sung, found = int(melody.pitch[step]) % 12, bold.at(step)
            assert found is not None
            if found.chord != plain.at(step).chord and sung not in found.chord.pitch_classes:  # type: ignore[union-attr]
                assert all((sung - tone) % 12 not in (1, 11) for tone in found.chord.pitch_classes)


def test_a_file_that_is_no_harmonist_is_refused_with_its_name() -> None:
    with pytest.raises(ModelError, match=r"own\.npz: not a usable harmonist"):
        net_of({"past_in.weight": np.zeros((2, 2))}, "own.npz")
    assert shipped().follow.shape == (3, 3, 3, 12)


LINE, ANSWER, HELD = ((67, 4), (63, 2), (65, 2), (60, 8)), ((70, 4), (67, 4), (65, 8)), ((60, 16),)
BLUES = (LINE, HELD, LINE, HELD, LINE, HELD, LINE, HELD, ANSWER, ((67, 4), (65, 4), (63, 8)), HELD, HELD)
"""twelve bars in C minor pentatonic, the first line three times: (pitch, steps)"""


@pytest.mark.parametrize("choruses", [1, 2])
def test_a_twelve_bar_blues_in_minor_pentatonic_goes_to_the_fourth_and_fifth(choruses: int) -> None:
    notes = [note for bar in BLUES for note in bar] * choruses
    pitch = np.concatenate([np.full(steps, pitch, np.int16) for pitch, steps in notes])
    onset = np.zeros(len(pitch), np.bool_)
    onset[np.cumsum([0, *(steps for _, steps in notes[:-1])])] = True
    plan = harmonist("rock").plan(MelodyRoll(0, pitch, onset), COMMON, 0, len(pitch), True)
    roots = [plan.at(bar * 16 + 8).chord.root for bar in (*range(9), 10)]  # type: ignore[union-attr]
    assert roots == [0, 0, 0, 0, 5, 5, 0, 0, 7, 0]
    assert plan.at(0).chord.quality in ("", "7"), "major or dominant over the minor third"  # type: ignore[union-attr]
