from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from composerd.devices.feedback import WINDOW, Feedback
from composerd.music.midi import control, note_off, note_on

KEY, UP, PEDAL = (message.to_bytes() for message in (note_on(1, 60, 80), note_off(1, 60), control(1, 64, 127)))


def through(guard: Feedback, at: float, data: list[int]) -> bool:
    """What the player plays is sent on unless it is an echo."""
    echo = guard.hears(at, data)
    if not echo:
        guard.sent(at, data)
    return not echo


def test_a_key_that_comes_back_while_it_is_down_shows_a_loop() -> None:
    guard = Feedback()
    assert through(guard, 1.0, KEY)
    assert not through(guard, 1.01, KEY)
    assert guard.loop
    assert through(guard, 1.5, UP)
    assert not through(guard, 1.51, UP)


def test_the_bands_notes_programs_and_clock_that_come_back_are_echoes_once_each() -> None:
    guard = Feedback()
    for data in ([0x92, 43, 90], [0xC2, 33], [0xF8], [0xB2, 7, 100]):
        guard.sent(1.0, data)
        assert guard.hears(1.02, data)
        assert not guard.hears(1.021, data)


def test_after_thirty_milliseconds_and_with_another_velocity_it_is_the_player() -> None:
    guard = Feedback()
    guard.sent(1.0, [0x92, 43, 90])
    assert not guard.hears(1.0 + WINDOW + 0.001, [0x92, 43, 90])
    guard.sent(2.0, [0x92, 43, 90])
    assert not guard.hears(2.01, [0x92, 43, 91])


def test_a_controller_that_comes_back_does_not_go_round_for_ever() -> None:
    guard = Feedback()
    assert through(guard, 1.0, PEDAL)
    assert not through(guard, 1.01, PEDAL)


def test_another_keyboard_or_port_starts_with_a_clean_slate() -> None:
    guard = Feedback()
    through(guard, 1.0, KEY)
    through(guard, 1.01, KEY)
    guard.reset()
    assert not guard.loop
    assert through(guard, 1.02, KEY)


@given(
    st.lists(st.tuples(st.floats(0.001, 0.2), st.integers(58, 62)), max_size=40),
    st.sampled_from([64, 64, 90]),
)
def test_no_loop_no_note_of_a_real_keyboard_is_taken_for_an_echo(
    presses: list[tuple[float, int]], velocity: int
) -> None:
    guard, at, held = Feedback(), 0.0, set[int]()
    for pause, pitch in presses:  # a key goes down and up in turn, however fast
        at += pause
        data = note_off(1, pitch) if pitch in held else note_on(1, pitch, velocity)
        held ^= {pitch}
        assert through(guard, at, data.to_bytes())
    assert not guard.loop


Event = tuple[float, list[int]]


def looped(events: list[Event], latency: float, forward: Callable[[float, list[int]], bool]) -> list[Event]:
    """What is passed on of `events` when all that is passed on comes back `latency` later."""
    queue, passed = sorted(events), list[Event]()
    while queue and len(passed) < 10 * len(events):
        at, data = queue.pop(0)
        if forward(at, data):
            passed.append((at, data))
            queue = sorted([*queue, (at + latency, data)])
    return passed


@given(st.lists(st.floats(0.05, 0.4), min_size=1, max_size=20), st.floats(0.0005, 0.029))
def test_in_a_loop_what_the_player_plays_passes_once(pauses: list[float], latency: float) -> None:
    moments = [sum(pauses[:i]) for i in range(len(pauses) + 1)]
    events = [
        event
        for i, (now, after) in enumerate(pairwise(moments))
        for event in (
            (now, note_on(1, 60 + i % 3, 80).to_bytes()),
            (now + 0.8 * (after - now), note_off(1, 60 + i % 3).to_bytes()),
        )
    ]
    guard = Feedback()
    assert looped(events, latency, lambda at, data: through(guard, at, data)) == sorted(events)
