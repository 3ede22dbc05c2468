"""Keys of an on-screen piano: they sound like the player's, and none is left sounding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from composerd.control.protocol import Note, Pedal
from composerd.control.screen_keys import ScreenKeys
from composerd.engine.messages import KeyboardMessage, Message
from composerd.music.genre import PLAYER_CHANNEL
from composerd.music.midi import SUSTAIN_PEDAL, control, note_off, note_on


def keys() -> tuple[ScreenKeys, list[Message]]:
    sent: list[Message] = []
    return ScreenKeys(sent.append, lambda: 3.5), sent


def test_a_key_is_the_players_and_never_a_command() -> None:
    piano, sent = keys()
    piano.play(Note(60, 90))
    assert sent == [KeyboardMessage(3.5, note_on(PLAYER_CHANNEL, 60, 90), mapped=False)]


def test_velocity_0_releases_a_held_key_once() -> None:
    piano, sent = keys()
    piano.play(Note(60, 90))
    piano.play(Note(60, 0))
    piano.play(Note(60, 0))
    assert [message.message for message in sent if isinstance(message, KeyboardMessage)] == [
        note_on(PLAYER_CHANNEL, 60, 90), note_off(PLAYER_CHANNEL, 60),
    ]  # fmt: skip


def test_a_client_that_leaves_lets_go_of_keys_and_pedal() -> None:
    piano, sent = keys()
    for request in (Pedal(True), Note(64, 70), Note(60, 70)):
        piano.play(request)
    del sent[:]
    piano.release()
    assert [message.message for message in sent if isinstance(message, KeyboardMessage)] == [
        note_off(PLAYER_CHANNEL, 60), note_off(PLAYER_CHANNEL, 64), control(PLAYER_CHANNEL, SUSTAIN_PEDAL, 0),
    ]  # fmt: skip
    del sent[:]
    piano.release()
    assert sent == []


@given(st.lists(st.tuples(st.integers(0, 127), st.integers(0, 127)), max_size=40))
def test_whatever_is_played_every_key_is_released_in_the_end(strokes: list[tuple[int, int]]) -> None:
    piano, sent = keys()
    for pitch, velocity in strokes:
        piano.play(Note(pitch, velocity))
    piano.release()
    sounding: set[int] = set()
    for message in sent:
        assert isinstance(message, KeyboardMessage)
        if message.message.starts_note:
            sounding.add(message.message.data1)
        else:
            sounding.remove(message.message.data1)
    assert sounding == set()
