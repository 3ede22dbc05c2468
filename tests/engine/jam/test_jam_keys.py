"""The player's keys in a jam: which of them ask for harmony at once, and which wait for the rest of a chord."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.choices import Choices
from composerd.engine.jam.keys import GATHER_SECONDS, JamKeys
from composerd.engine.output.stage import Stage
from composerd.engine.output.touch import Touch
from composerd.engine.services import ModeServices
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.music.metre import BarGrid
from fakes import InstantComposer, duo, echo_bass

SETTINGS = EngineSettings(split_pitch=60)


def keys(first: int = 0, left_hand: bool = False, settings: EngineSettings = SETTINGS) -> JamKeys:
    stage = Stage([], duo())
    choices = replace(Choices(), left_hand=left_hand)
    composer = InstantComposer(VirtualInbox(), echo_bass)
    touch = Touch(lambda: settings)
    return JamKeys(ModeServices(stage, composer, lambda: settings, lambda: choices, lambda _: None, touch), first)


def test_a_melody_key_asks_for_its_own_step() -> None:
    assert keys().press(0.0, 3, 72) == 3


def test_a_low_key_far_from_the_melody_waits_for_the_rest_of_its_chord() -> None:
    found = keys()
    assert found.press(1.0, 0, 48) is None
    assert found.gathering
    assert found.gathered_at() == pytest.approx(1.0 + GATHER_SECONDS)
    assert found.press(1.003, 0, 52) is None, "it belongs to the chord that is being gathered"
    assert found.gathered_at() == pytest.approx(1.0 + GATHER_SECONDS), "the first key sets the moment"
    assert found.take_gathered() == 0
    assert (found.gathering, found.gathered_at(), found.take_gathered()) == (False, None, None)


def test_a_melody_key_during_the_gathering_is_answered_with_the_chord() -> None:
    found = keys()
    found.press(1.0, 0, 48)
    assert found.press(1.004, 0, 76) is None
    assert found.take_gathered() == 0


def test_a_low_key_beside_the_melody_is_melody_and_is_answered_at_once() -> None:
    found = keys()
    assert found.press(0.0, 0, 61) == 0
    assert found.press(0.5, 4, 58) == 4


def test_the_left_hands_chord_is_gathered_too_and_stated_before_the_lower_voices() -> None:
    found = keys(left_hand=True)
    for pitch in (48, 52, 55):
        assert found.press(0.0, 0, pitch) is None
    assert found.take_gathered() == 0
    stated = found.chords(BarGrid())
    assert stated is not None
    assert stated is found.left_hand_plan
    assert str(stated.chords[-1].chord) == "C"


def test_a_late_key_of_the_left_hand_holds_from_the_open_step_on() -> None:
    found = keys(left_hand=True)
    for step in range(6):
        found.recorder.close(step)
    for pitch in (48, 52, 55):
        found.press(0.0, 4, pitch)
    plan = found.left_hand_plan
    assert plan is not None
    assert plan.chords[0].step == 6, "step 4 has been heard already"


def test_without_a_left_hand_there_are_no_chords_of_it() -> None:
    found = keys()
    found.press(0.0, 0, 72)
    assert found.left_hand_plan is None


@pytest.mark.parametrize("left_hand", [False, True])
def test_a_key_counts_as_held_until_it_is_released(left_hand: bool) -> None:
    found = keys(left_hand=left_hand)
    assert not found.held
    found.press(0.0, 0, 48)
    assert found.held
    found.release(2, 48)
    assert not found.held


def test_the_last_step_is_that_of_the_last_key_of_either_hand() -> None:
    found = keys(left_hand=True)
    found.press(0.0, 0, 72)
    found.press(0.5, 4, 48)
    assert found.last_step >= 4


@given(st.lists(st.tuples(st.floats(0, 0.02), st.integers(0, 2), st.integers(36, 84)), max_size=12))
def test_a_gathering_always_ends_after_its_time_and_at_most_one_is_open(
    presses: list[tuple[float, int, int]],
) -> None:
    found, now, step = keys(), 0.0, 0
    for wait, further, pitch in presses:
        now, step = now + wait, step + further
        before = found.gathered_at()
        asked = found.press(now, step, pitch)
        if asked is not None:
            assert before is None, "nothing is asked for beside a gathered chord"
            assert asked == step
        if before is not None:
            assert found.gathered_at() == before
        elif (until := found.gathered_at()) is not None:
            assert until == now + GATHER_SECONDS
