"""The left hand of a performance: which keys are its own, and which chords they make."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.left_hand import LeftHand

SPLIT = 60


def holding(*pitches: int) -> LeftHand:
    hand = LeftHand()
    for pitch in pitches:
        hand.press(0, pitch)
    return hand


@pytest.mark.parametrize(
    ("held", "pitch", "melody", "taken"),
    [
        ((), 48, None, True),
        ((), 60, None, False),
        ((), 72, 74, False),
        ((), 50, 80, True),
        ((), 57, 59, False),
        ((), 57, 72, True),
        ((), 54, 55, True),
        ((48,), 60, None, True),
        ((48,), 61, None, False),
        ((48, 52), 58, 60, False),
        ((48, 56), 58, 64, True),
    ],
)
def test_a_key_is_the_left_hands_below_the_split_or_within_its_reach_unless_nearer_to_the_melody(
    held: tuple[int, ...], pitch: int, melody: int | None, taken: bool
) -> None:
    assert holding(*held).takes(pitch, SPLIT, melody) is taken


def test_a_chord_holds_until_another_is_played() -> None:
    hand = LeftHand()
    assert hand.press(0, 48)
    hand.release(48)
    assert not hand.held
    assert hand.press(32, 53)
    assert [(chord.step, str(chord.chord)) for chord in hand.plan.chords] == [(0, "C"), (32, "F")]
    assert hand.plan.chords[0].end == 32
    assert str(hand.plan.chords[-1].chord) == "F"
    assert hand.plan.at(3000) is not None, "it holds for as long as nothing else is played"


def test_keys_that_mean_the_chord_that_holds_already_change_nothing() -> None:
    hand = holding(48, 52, 55)
    before = hand.plan
    hand.release(52)
    assert not hand.press(16, 52)
    assert hand.plan == before
    assert hand.last_step == 16


def test_a_chord_grows_with_its_keys_on_one_step() -> None:
    hand = LeftHand()
    changes = [hand.press(4, pitch) for pitch in (45, 48, 52)]
    assert changes[0]
    assert [str(chord.chord) for chord in hand.plan.chords] == ["Am"]


def test_an_older_key_does_not_move_the_last_step_back() -> None:
    hand = LeftHand()
    hand.press(8, 48)
    hand.press(6, 52)
    assert hand.last_step == 8


@given(st.lists(st.tuples(st.integers(0, 64), st.integers(30, 59)), max_size=12))
def test_chords_never_overlap_and_only_held_keys_are_held(keys: list[tuple[int, int]]) -> None:
    hand = LeftHand()
    for step, pitch in sorted(keys):
        hand.press(step, pitch)
    chords = hand.plan.chords
    assert all(one.end <= two.step for one, two in pairwise(chords))
    for _, pitch in keys:
        hand.release(pitch)
    assert not hand.held
