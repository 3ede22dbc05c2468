from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from composerd.devices.midi.echo import WINDOW, EchoGuard, SentMessages
from composerd.music.genre import PLAYER_CHANNEL
from composerd.music.midi import Midi, control, note_off, note_on, program

KEY, UP, PEDAL = note_on(1, 60, 80), note_off(1, 60), control(1, 64, 127)


@dataclass
class Desk:
    """A player's port and the output: what the player plays is sent on, on the player's channel."""

    sent: SentMessages = field(default_factory=SentMessages)
    passed: list[tuple[float, Midi]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.guard = EchoGuard(self.sent)

    def hears(self, at: float, message: Midi) -> bool:
        """Whether `message` is taken for the player's."""
        if self.guard.is_echo(at, message):
            return False
        self.passed.append((at, message))
        self.sent.add(at, message.on_channel(PLAYER_CHANNEL))
        return True


def test_a_key_that_comes_back_while_it_is_down_shows_a_loop() -> None:
    desk = Desk()
    assert desk.hears(1.0, KEY)
    assert not desk.hears(1.01, KEY)
    assert desk.guard.loop
    assert desk.hears(1.5, UP)
    assert not desk.hears(1.51, UP)


def test_the_bands_notes_and_programs_that_come_back_are_echoes_once_each() -> None:
    desk = Desk()
    band = (note_on(3, 43, 90), program(3, 33), control(3, 7, 100))
    for message in band:
        desk.sent.add(1.0, message)
    assert [desk.hears(1.02, message) for message in band] == [False] * 3
    assert [desk.hears(1.021, message) for message in band] == [True] * 3


def test_after_thirty_milliseconds_and_with_another_velocity_it_is_the_player() -> None:
    desk = Desk()
    desk.sent.add(1.0, note_on(3, 43, 90))
    assert desk.hears(1.0 + WINDOW + 0.001, note_on(3, 43, 90))
    desk.sent.add(2.0, note_on(4, 43, 90))
    assert desk.hears(2.01, note_on(4, 43, 91))


def test_a_controller_that_comes_back_does_not_go_round_for_ever() -> None:
    desk = Desk()
    assert desk.hears(1.0, PEDAL)
    assert not desk.hears(1.01, PEDAL)


def test_a_pedal_that_is_stamped_quickly_is_down_at_the_end() -> None:
    desk = Desk()
    for i, value in enumerate((127, 0, 127)):
        assert desk.hears(1.0 + 0.005 * i, control(1, 64, value))


def test_a_wheel_whose_moves_come_back_does_not_go_round_for_ever() -> None:
    desk = Desk()
    moves = [(1.0 + 0.002 * i, Midi(0xE0, 1, 0, 64 + i)) for i in range(12)]
    passed = looped(desk, moves, 0.009)
    assert len(passed) < 3 * len(moves)
    assert desk.guard.loop


def test_another_port_starts_with_a_clean_slate() -> None:
    desk = Desk()
    desk.hears(1.0, KEY)
    desk.hears(1.01, KEY)
    desk.sent.clear()
    assert desk.hears(1.02, UP)
    assert not desk.guard.loop
    assert desk.hears(1.03, KEY)


def test_a_loop_that_sends_nothing_back_any_more_is_forgotten() -> None:
    desk = Desk()
    desk.hears(1.0, KEY)
    desk.hears(1.01, KEY)
    assert desk.guard.loop
    for i in range(20):
        desk.sent.add(2.0 + i, note_on(3, 40, 80))
    desk.hears(30.0, UP)
    assert not desk.guard.loop


def test_a_key_let_go_as_the_band_ends_the_same_note_on_the_same_channel_is_let_go() -> None:
    desk = Desk()
    assert desk.hears(1.0, note_on(3, 60, 80))
    desk.sent.add(2.0, note_off(3, 60))
    assert desk.hears(2.01, note_off(3, 60))


def test_a_key_struck_as_the_band_strikes_the_same_is_struck() -> None:
    desk = Desk()
    desk.hears(1.0, note_on(3, 48, 70))
    desk.sent.add(2.0, note_on(3, 60, 80))
    assert desk.hears(2.01, note_on(3, 60, 80))


channels = st.integers(1, 16)
messages = st.one_of(
    st.builds(note_on, channels, st.integers(58, 61), st.sampled_from([64, 80])),
    st.builds(note_off, channels, st.integers(58, 61)),
    st.builds(control, channels, st.sampled_from([1, 64]), st.sampled_from([0, 127])),
    st.builds(program, channels, st.integers(0, 2)),
)


@given(st.lists(st.tuples(st.floats(0.0, 0.05), st.booleans(), messages), max_size=60))
def test_nothing_is_taken_for_an_echo_but_what_we_sent_within_the_window(
    stream: list[tuple[float, bool, Midi]],
) -> None:
    desk, at, sent = Desk(), 0.0, list[tuple[float, Midi]]()
    for pause, ours, message in stream:
        at += pause
        if ours:
            desk.sent.add(at, message)
        elif not desk.hears(at, message):
            assert message in [one for when, one in sent if at - when <= WINDOW], "thinned"
            sent.remove(next(one for one in sent if at - one[0] <= WINDOW and one[1] == message))
            continue
        sent.append((at, message if ours else message.on_channel(PLAYER_CHANNEL)))


def keyboard(presses: Iterable[tuple[float, int]], channel: int, velocity: int) -> list[tuple[float, Midi]]:
    """A keyboard's keys go down and up in turn, however fast."""
    at, held, played = 0.0, set[int](), list[tuple[float, Midi]]()
    for pause, pitch in presses:
        at += pause
        played.append((at, note_off(channel, pitch) if pitch in held else note_on(channel, pitch, velocity)))
        held ^= {pitch}
    return played


keys = st.lists(st.tuples(st.floats(0.001, 0.2), st.integers(58, 62)), max_size=40)


@given(keys, st.sampled_from([64, 64, 90]), channels)
def test_without_a_loop_no_key_is_taken_for_an_echo(
    presses: list[tuple[float, int]], velocity: int, channel: int
) -> None:
    desk = Desk()
    for at, message in keyboard(presses, channel, velocity):
        assert desk.hears(at, message)
    assert not desk.guard.loop


@given(keys, keys, st.integers(2, 16))
def test_a_keyboard_on_a_channel_of_the_bands_loses_nothing(
    presses: list[tuple[float, int]], band: list[tuple[float, int]], channel: int
) -> None:
    desk = Desk()
    assert desk.hears(0.0, control(channel, 1, 5))
    streams = [(at, True, m) for at, m in keyboard(presses, channel, 64)]
    streams += [(at, False, m) for at, m in keyboard(band, channel, 64)]
    for at, plays, message in sorted(streams, key=lambda one: one[0]):
        if plays:
            assert desk.hears(at, message)
        else:
            desk.sent.add(at, message)


def looped(desk: Desk, events: list[tuple[float, Midi]], latency: float) -> list[tuple[float, Midi]]:
    """What is taken for the player's when all that is sent comes back `latency` seconds later."""
    queue = sorted(events, key=lambda event: event[0])
    while queue and len(desk.passed) < 10 * len(events):
        at, message = queue.pop(0)
        if desk.hears(at, message):
            back = (at + latency, message.on_channel(PLAYER_CHANNEL))
            queue = sorted([*queue, back], key=lambda event: event[0])
    return desk.passed


@given(st.lists(st.floats(0.05, 0.4), min_size=1, max_size=20), st.floats(0.0005, 0.029), channels)
def test_in_a_loop_what_the_player_plays_passes_once(pauses: list[float], latency: float, channel: int) -> None:
    moments = [sum(pauses[:i]) for i in range(len(pauses) + 1)]
    events = [
        event
        for i, (now, after) in enumerate(pairwise(moments))
        for event in (
            (now, note_on(channel, 60 + i % 3, 80)),
            (now + 0.8 * (after - now), note_off(channel, 60 + i % 3)),
        )
    ]
    assert looped(Desk(), events, latency) == sorted(events, key=lambda event: event[0])
