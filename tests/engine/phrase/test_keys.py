"""The player's notes of a phrase: recorded with pedal and wheels, and played back in passes."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.phrase.keys import PhraseKeys
from composerd.music.genre import PLAYER_CHANNEL
from composerd.music.midi import MODULATION, Midi, control, note_off, note_on


def on(pitch: int, velocity: int = 80) -> Midi:
    return note_on(PLAYER_CHANNEL, pitch, velocity)


def off(pitch: int) -> Midi:
    return note_off(PLAYER_CHANNEL, pitch)


def one_pass(keys: PhraseKeys, shift: float = 0.0, last: float = 100.0) -> list[tuple[float, Midi]]:
    keys.queue_pass(shift, last)
    return list(keys.due(inf))


def test_nothing_is_recorded_before_the_first_key() -> None:
    keys = PhraseKeys()
    assert not keys.recorded
    assert one_pass(keys) == []
    assert keys.next_beat() == inf


def test_a_pass_repeats_every_message_a_phrase_later() -> None:
    keys = PhraseKeys()
    keys.press(0.0, 60, 80)
    keys.control(0.5, control(PLAYER_CHANNEL, MODULATION, 30))
    keys.release(1.0, 60, pedal=False)
    assert one_pass(keys, shift=8.0) == [
        (8.0, on(60)), (8.5, control(PLAYER_CHANNEL, MODULATION, 30)), (9.0, off(60)),
    ]  # fmt: skip
    assert one_pass(keys, shift=16.0)[0] == (16.0, on(60))


def test_the_pedal_holds_a_note_until_it_comes_up() -> None:
    keys = PhraseKeys()
    keys.press(0.0, 60, 80)
    keys.release(0.5, 60, pedal=True)
    keys.press(1.0, 64, 80)
    keys.release(1.5, 64, pedal=True)
    keys.pedal_up(3.0)
    keys.pedal_up(4.0)
    assert [message for message in one_pass(keys) if message[1].ends_note] == [(3.0, off(60)), (3.0, off(64))]


def test_a_held_note_that_is_struck_again_ends_there() -> None:
    keys = PhraseKeys()
    keys.press(0.0, 60, 80)
    keys.release(0.5, 60, pedal=True)
    keys.press(2.0, 60, 90)
    assert one_pass(keys) == [(0.0, on(60)), (2.0, off(60)), (2.0, on(60, 90))]


def test_what_lasts_longer_than_the_phrase_ends_with_it() -> None:
    keys = PhraseKeys()
    keys.press(3.5, 60, 80)
    keys.release(6.0, 60, pedal=False)
    assert one_pass(keys, shift=4.0, last=8.0) == [(7.5, on(60)), (8.0, off(60))]


def test_due_messages_leave_the_queue_once() -> None:
    keys = PhraseKeys()
    for beat in range(3):
        keys.press(float(beat), 60 + beat, 80)
    keys.queue_pass(0.0, 8.0)
    assert [beat for beat, _ in keys.due(1.0)] == [0.0, 1.0]
    assert list(keys.due(1.0)) == []
    assert keys.next_beat() == 2.0
    keys.drop_pass()
    assert keys.next_beat() == inf
    assert keys.recorded, "the phrase itself stays"


def test_the_outlook_has_the_notes_still_to_come() -> None:
    keys = PhraseKeys()
    for beat, pitch in ((0.0, 60), (2.0, 64)):
        keys.press(beat, pitch, 70)
        keys.release(beat + 1.0, pitch, pedal=False)
    keys.queue_pass(0.0, 8.0)
    list(keys.due(0.0))
    assert [(note.pitch, note.on, note.off) for note in keys.ahead()] == [(64, 2.0, 3.0)]


@given(st.lists(st.tuples(st.floats(0, 16), st.integers(21, 108), st.floats(0.01, 4)), max_size=20), st.floats(1, 12))
def test_no_message_of_a_pass_is_later_than_its_end(notes: list[tuple[float, int, float]], last: float) -> None:
    keys = PhraseKeys()
    for beat, pitch, length in sorted(notes):
        keys.press(beat, pitch, 80)
        keys.release(beat + length, pitch, pedal=False)
    beats = [beat for beat, _ in one_pass(keys, last=last)]
    assert beats == sorted(beats)
    assert all(beat <= last for beat in beats)
    assert len(beats) == 2 * len(notes)
