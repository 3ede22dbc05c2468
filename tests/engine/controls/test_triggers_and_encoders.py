"""Triggers and encoders over all their values: what is written is read again, and every turn has its way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.controls.encoders import BY_PLACE, DETENTS, Sends, way_of
from composerd.engine.controls.tap import BOUNCE, TapTempo
from composerd.engine.controls.triggers import KEYS, NOTE, Trigger, parse_trigger
from composerd.music.tempo import MAX_BPM, MIN_BPM

numbers, channels = st.integers(0, 127), st.integers(0, 16)
triggers = st.one_of(
    st.builds(Trigger, st.sampled_from(["cc", "note", "program"]), numbers, st.just(frozenset()), channels),
    st.builds(Trigger, st.just(KEYS), numbers, st.frozensets(st.integers(0, 11), min_size=1)),
)


@given(triggers)
def test_a_trigger_is_read_as_it_is_written(trigger: Trigger) -> None:
    assert parse_trigger(str(trigger)) == trigger
    assert parse_trigger(f"  {str(trigger).replace(' ', '  ')} ") == trigger


@given(st.text(max_size=30))
def test_any_text_is_a_trigger_or_refused_in_one_line(text: str) -> None:
    complaint, found = "", None
    try:
        found = parse_trigger(text)
    except ValueError as error:
        complaint = str(error)
    if found is not None:
        assert parse_trigger(str(found)) == found
    else:
        assert complaint.startswith("expected ")
        assert "\n" not in complaint


@given(triggers, triggers)
def test_colliding_is_mutual_and_every_trigger_collides_with_itself(one: Trigger, two: Trigger) -> None:
    assert one.collides(two) == two.collides(one)
    assert one.collides(one)


def test_of_two_chords_on_one_key_only_those_within_each_other_collide() -> None:
    small, large, other = (Trigger(KEYS, 41, frozenset(keys)) for keys in ({0}, {0, 4}, {2}))
    assert small.collides(large)
    assert not small.collides(other)
    assert small.collides(Trigger(NOTE, 41)), "the held key would be a note"
    assert not small.collides(Trigger(NOTE, 42))


@pytest.mark.parametrize("sends", list(DETENTS))
def test_every_value_of_an_encoder_has_its_opposite(sends: Sends) -> None:
    detents = [DETENTS[sends](value) for value in range(128)]
    for step in range(1, 13):
        assert detents.count(step) == 1
        assert detents.count(-step) == 1


@pytest.mark.parametrize("sends", list(DETENTS))
@given(turns=st.lists(st.integers(1, 3), min_size=3, max_size=8))
def test_an_encoder_turned_up_and_down_again_is_recognised(sends: Sends, turns: list[int]) -> None:
    up = {DETENTS[sends](value): value for value in range(128)}
    values = [up[1], *(up[turn] for turn in turns), *(up[-turn] for turn in turns), up[-1], up[-1]]
    found = way_of(values)
    assert found is not None
    assert found != BY_PLACE
    assert [DETENTS[found](value) > 0 for value in values] == [True] * (1 + len(turns)) + [False] * (2 + len(turns))


@given(st.integers(20, 40), st.integers(3, 20))
def test_a_knob_between_two_ends_is_known_by_values_that_no_encoder_sends(first: int, count: int) -> None:
    assert way_of(range(first, first + count)) == BY_PLACE


@pytest.mark.parametrize("values", [[], [1], [1, 2], [1, 1, 1], [64, 64], [30, 30]])
def test_too_few_or_one_sided_turns_decide_nothing(values: list[int]) -> None:
    assert way_of(values) is None


@given(st.lists(st.floats(0.0, 5.0), max_size=20))
def test_whatever_is_tapped_the_tempo_is_a_tempo(pauses: list[float]) -> None:
    tempo, now = TapTempo(), 0.0
    for pause in pauses:
        now += pause
        found = tempo.tap(now)
        assert found is None or MIN_BPM <= found <= MAX_BPM


@given(st.floats(0.25, 1.9), st.integers(2, 12))
def test_even_taps_are_their_tempo(interval: float, count: int) -> None:
    tempo = TapTempo()
    found = [tempo.tap(index * interval) for index in range(count)][-1]
    assert found == pytest.approx(60 / interval, rel=1e-6)
    assert tempo.on_beat


def test_a_contact_that_bounces_is_no_tap() -> None:
    tempo = TapTempo()
    taps = [tempo.tap(at) for at in (0.0, BOUNCE / 2, 0.5, 0.5 + BOUNCE / 2, 1.0)]
    assert taps[-1] == pytest.approx(120.0)
