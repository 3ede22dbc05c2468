"""The band's pulse: it bends towards a goal, and never jumps, turns back or runs away."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.tempo.pulse import FASTEST, SHORTEST, SLOWEST, Pulse
from composerd.music.tempo import Tempo

LINE = Tempo(120.0)
bpms = st.floats(30.0, 300.0)
doings = st.lists(
    st.tuples(
        st.floats(0.001, 2.0),
        st.one_of(
            st.tuples(st.just("set"), bpms),
            st.tuples(st.just("bend"), st.floats(0.7, 1.3)),
            st.tuples(st.just("aim"), st.floats(-2.0, 2.0)),
            st.tuples(st.just("later"), st.sampled_from([0.5, 2.0])),
        ),
    ),
    max_size=30,
)


def test_a_tempo_that_is_set_holds_from_its_moment_on() -> None:
    pulse = Pulse(LINE)
    pulse.set(60.0, 1.0)
    assert (pulse.nominal, pulse.line.bpm) == (60.0, 60.0)
    assert pulse.line.beat_at(1.0) == pytest.approx(2.0)


def test_a_later_change_comes_on_its_beat_and_multiplies_what_is_set_by_then() -> None:
    pulse = Pulse(LINE)
    pulse.scale_later(0.5, 8.0)
    assert (pulse.next_change(), pulse.coming) == (8.0, 0.5)
    pulse.reach(7.9, 3.95)
    assert pulse.nominal == 120.0
    pulse.set(100.0, 3.96)
    pulse.reach(8.0, 4.0)
    assert (pulse.nominal, pulse.next_change(), pulse.coming) == (50.0, inf, 1.0)


def test_bending_leaves_the_set_tempo_alone() -> None:
    pulse = Pulse(LINE)
    pulse.bend(0.9, 1.0)
    assert pulse.line.bpm == pytest.approx(108.0)
    assert pulse.nominal == 120.0
    pulse.bend(1.0, 2.0)
    assert pulse.line.bpm == pytest.approx(120.0)


def test_the_next_beat_falls_where_the_goal_has_it() -> None:
    pulse, goal = Pulse(LINE), Tempo(118.0, 0.02)
    pulse.aim(goal, 0.1)
    assert pulse.line.second_at(1.0) == pytest.approx(goal.second_at(1.0))


def test_a_beat_that_is_too_near_is_left_and_the_one_after_it_is_met() -> None:
    pulse, goal = Pulse(LINE), Tempo(118.0, 0.02)
    now = LINE.second_at(1.0 - SHORTEST / 2)
    pulse.aim(goal, now)
    assert pulse.line.second_at(2.0) == pytest.approx(goal.second_at(2.0))


@pytest.mark.parametrize("away", [-5.0, 5.0])
def test_a_goal_far_away_bends_the_pulse_no_further_than_its_bounds(away: float) -> None:
    pulse = Pulse(LINE)
    pulse.aim(Tempo(120.0, away), 0.1)
    assert SLOWEST * 120.0 - 1e-6 <= pulse.line.bpm <= FASTEST * 120.0 + 1e-6


def test_letting_go_keeps_the_tempo_that_was_followed() -> None:
    pulse = Pulse(LINE)
    for beat in range(12):
        pulse.follow(beat * 0.52, beat * 0.52, 0.12, [lambda step: step / 4])
    followed = pulse.line.bpm
    assert followed < 119.0
    pulse.stop_following()
    assert pulse.nominal == followed
    pulse.keep_up(20.0)
    assert pulse.line.bpm == followed, "nothing is followed any more"


def test_letting_go_of_nothing_keeps_the_set_tempo() -> None:
    pulse = Pulse(LINE)
    pulse.bend(0.9, 1.0)
    pulse.stop_following()
    assert pulse.nominal == 120.0


@given(doings)
def test_beats_go_on_without_a_jump_whatever_is_asked(given: list[tuple[float, tuple[str, float]]]) -> None:
    pulse, now = Pulse(LINE), 0.0
    for wait, (what, value) in given:
        before = pulse.line.beat_at(now)
        now += wait
        beat = pulse.line.beat_at(now)
        assert beat > before
        if what == "set":
            pulse.set(value, now)
        elif what == "bend":
            pulse.bend(value, now)
        elif what == "aim":
            pulse.aim(Tempo(pulse.nominal, now + value, beat), now)
        else:
            pulse.scale_later(value, beat)
            pulse.reach(beat, now)
            pulse.set(min(300.0, max(30.0, pulse.nominal)), now)
        assert pulse.line.beat_at(now) == pytest.approx(beat), "the beat of now stays"
        assert pulse.line.bpm > 0
