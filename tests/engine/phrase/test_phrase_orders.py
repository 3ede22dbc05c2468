"""Phrases in any length, metre, tempo and key, and what a player does in an odd order."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.engine.commands.band import EndBand, Panic, StartBand, StopBand, ToggleBand
from composerd.engine.commands.form import Break, Fill
from composerd.engine.commands.harmony import SetLeftHand
from composerd.engine.commands.time import HalfTime, SetTempo
from composerd.engine.messages import GenreLoaded, KeyboardChanged, KeyboardMessage, Message, Mode
from composerd.engine.settings import EngineSettings
from composerd.music.genre import Genre
from composerd.music.metre import Metre
from composerd.music.midi import control, note_off, note_on
from fakes import duo, overlaps
from performed import BEAT, Line, Performed, keys, performance

TUNE = keys(*((BEAT * i, 60 + i) for i in range(4)))
"""a bar of 4/4: it is answered after an empty bar, at second 4, and comes round every two seconds"""


phrase = partial(performance, mode=Mode.PHRASE)


def held(at: float, pitch: int, length: float) -> list[Line]:
    return keys((at, pitch), length=length)


def back(played: Performed) -> list[tuple[float, int]]:
    """(second, pitch) of the player's notes that were played back."""
    return [(round(one.at, 6), one.message.data1) for one in played.sink.heard
            if one.replayed and one.message.starts_note]  # fmt: skip


@pytest.mark.parametrize("metre", [Metre(4, 4), Metre(3, 4), Metre(6, 8), Metre(5, 4), Metre(7, 8)], ids=str)
@pytest.mark.parametrize("bars", [1, 2, 3])
def test_a_phrase_lasts_its_bars_and_is_answered_after_an_empty_one(metre: Metre, bars: int) -> None:
    bar = metre.bar_steps * BEAT / 4
    starts = [index * bar for index in range(bars)]
    played = phrase(keys(*((at, 60) for at in starts), length=0.1), (2 * bars + 1) * bar - 0.01, metre=metre)
    assert played.composer.requests[-1].until == bars * metre.bar_steps
    assert [at for at, _ in back(played)] == [pytest.approx((bars + 1) * bar + at) for at in starts]
    assert played.drums()[0] == pytest.approx((bars + 1) * bar)


@pytest.mark.parametrize(
    ("length", "bars"),
    [(0.2, 1), (1.9, 1), (2.2, 2), (3.9, 2), (4.3, 3)],
)
def test_a_note_that_is_held_belongs_to_the_phrase_to_its_end(length: float, bars: int) -> None:
    played = phrase(held(0.0, 60, length), until=13.0)
    assert played.composer.requests[0].until == 16 * bars
    assert back(played)[0] == (2.0 * (bars + 1), 60)
    ends = [one.at for one in played.sink.heard if one.replayed and one.message.ends_note]
    assert ends[0] - back(played)[0][0] == pytest.approx(length)


@pytest.mark.parametrize("bars", [1, 2, 4])
def test_the_longest_phrase_is_answered_at_its_end_and_later_keys_are_not_recorded(bars: int) -> None:
    line = keys(*((BEAT * i, 60 + i) for i in range(4 * bars + 2)))
    played = phrase(line, until=4.0 * bars + 1.9, options=EngineSettings(phrase_bars=bars))
    assert {request.until for request in played.composer.requests} == {16 * bars}
    assert {pitch for _, pitch in back(played)} == set(range(60, 60 + 4 * bars))


PHRASES = st.lists(st.tuples(st.integers(0, 31), st.integers(55, 80)), min_size=1, max_size=8, unique_by=lambda k: k[0])


@settings(max_examples=12)
@given(PHRASES, st.sampled_from([60.0, 90.0, 150.0, 240.0]))
def test_a_phrase_played_at_another_tempo_is_the_same_phrase(steps: list[tuple[int, int]], bpm: float) -> None:
    def heard_at(tempo: float) -> list[tuple[float, int | None, int]]:
        step = 60 / tempo / 4
        begin = min(at for at, _ in steps)
        line = keys(*(((at - begin) * step, pitch) for at, pitch in sorted(steps)), length=0.5 * step)
        played = phrase(line, 110 * step, bpm=tempo)
        return [(round(one.at / step, 3), one.part, one.message.data1) for one in played.sink.heard
                if one.message.starts_note]  # fmt: skip

    assert heard_at(bpm) == heard_at(120.0)


@settings(max_examples=12)
@given(PHRASES, st.integers(-12, 12))
def test_a_phrase_played_higher_comes_back_as_much_higher(steps: list[tuple[int, int]], semitones: int) -> None:
    def played(by: int) -> Performed:
        begin = min(at for at, _ in steps)
        return phrase(keys(*((BEAT / 4 * (at - begin), pitch + by) for at, pitch in sorted(steps)), length=0.06), 12.0)

    low, high = played(0), played(semitones)
    assert back(high) == [(at, pitch + semitones) for at, pitch in back(low)]
    assert high.drums() == low.drums()
    assert overlaps(one.message for one in high.sink.heard) == []


ORDERS: list[tuple[str, list[Line]]] = [
    ("stop before any key", [(0.5, StopBand())]),
    ("start and play before any key", [(0.5, StartBand()), (0.7, ToggleBand())]),
    ("a release without its press", [(0.5, KeyboardMessage(0.5, note_off(1, 60)))]),
    ("a pedal without a key", [(0.5, KeyboardMessage(0.5, control(1, 64, 127)))]),
    ("a fill and a break", [(0.5, Fill()), (0.6, Break()), (0.7, HalfTime())]),
    ("an end before any key", [(0.5, EndBand())]),
]


@pytest.mark.parametrize(("what", "line"), ORDERS, ids=[what for what, _ in ORDERS])
def test_nothing_begins_before_the_first_key(what: str, line: list[Line]) -> None:
    played = phrase(line, until=8.0)
    assert played.composer.requests == []
    assert played.drums() == [], what
    assert not played.conductor.band.mode.playing


@pytest.mark.parametrize("command", [StopBand(), ToggleBand(), EndBand()], ids=lambda one: type(one).__name__)
def test_play_stop_and_end_bring_the_answer_while_a_phrase_is_played_and_end_its_playback(command: Message) -> None:
    asked = phrase([*TUNE, (1.9, command)], until=3.9)
    assert asked.drums()[0] == 2.0
    ended = phrase([*TUNE, (4.6, command)], until=9.0)
    assert max(one.at for one in ended.sink.heard) == pytest.approx(4.6)
    assert not ended.conductor.band.mode.playing


def test_stopping_twice_drops_the_phrase_as_it_silences_everything() -> None:
    played = phrase([*TUNE, (1.8, StopBand()), (1.9, StopBand()), *keys((5.0, 72))], until=12.0)
    assert [at for at in played.drums() if at < 5.0] == []
    assert {pitch for _, pitch in back(played)} == {72}


def test_playing_twice_before_the_answer_asks_for_it_once_more_and_plays_it_once() -> None:
    played = phrase([*TUNE, (1.8, ToggleBand()), (1.9, ToggleBand())], until=3.9)
    assert played.drums() == [2.0, 2.5, 3.0, 3.5]
    assert back(played) == [(2.0 + BEAT * i, 60 + i) for i in range(4)]


def test_fills_breaks_and_paces_change_nothing_in_a_phrase() -> None:
    plain = phrase(TUNE, until=9.9)
    busy = phrase(
        [*TUNE, (0.7, Fill()), (4.2, Break()), (4.7, HalfTime()), (5.1, Fill()), (5.2, StartBand())], until=9.9
    )
    assert busy.drums() == plain.drums()
    assert back(busy) == back(plain)


def test_a_tempo_that_is_set_during_the_playback_holds_from_that_beat_on() -> None:
    played = phrase([*TUNE, (5.0, SetTempo(60.0))], until=9.9)
    assert played.drums() == [4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0]
    assert back(played) == [(4.0, 60), (4.5, 61), (5.0, 62), (6.0, 63), (7.0, 60), (8.0, 61), (9.0, 62)]


def test_a_tempo_that_is_set_before_the_first_key_counts_the_phrases_bars() -> None:
    played = phrase([(0.1, SetTempo(60.0)), *keys((1.0, 60), (2.0, 62))], until=12.9)
    assert played.composer.requests[0].bpm == 60.0
    assert back(played) == [(9.0, 60), (10.0, 62)]


def test_a_keyboard_that_is_unplugged_while_a_phrase_is_played_leaves_no_note() -> None:
    played = phrase([*held(0.0, 60, 99.0), (0.8, KeyboardChanged(0.8, None))], until=7.9)
    assert next(one.at for one in played.sink.heard if one.part is None and one.message.ends_note) == 0.8
    assert back(played)[0] == (4.0, 60), "what was played is answered"


def test_a_panic_silences_the_playback() -> None:
    played = phrase([*TUNE, (4.3, Panic())], until=4.4)
    assert played.sink.sounding == set()
    assert played.sink.panics == 1


def test_another_genre_during_the_playback_plays_the_phrase_from_its_next_pass_on() -> None:
    other = Genre("other", "Other", "plain", 120.0, duo().parts)
    played = phrase([*TUNE, (4.8, GenreLoaded(other))], until=9.9)
    assert [request.genre.name for request in played.composer.requests] == ["duo", "other"]
    assert played.sink.genres == ["duo", "other"]
    assert [at for at in played.drums() if at < 6.0] == [4.0, 4.5]
    assert [at for at in played.drums() if 6.0 <= at < 8.0] == [6.0, 6.5, 7.0, 7.5]


def test_the_states_of_a_phrase_are_shown_in_order() -> None:
    played = phrase([*TUNE, (6.3, StopBand())], until=8.0)
    states = list(dict.fromkeys(one.state for one in played.shown))
    assert [state for state in states if state != "ready"] == ["listening", "composing", "playing back"]
    assert played.shown[-1].state == "ready"


def test_keys_of_the_left_hand_are_chords_and_no_melody() -> None:
    chord = [line for pitch in (48, 52, 55) for line in held(0.0, pitch, 1.9)]
    played = phrase(
        [(0.0, SetLeftHand(True)), *sorted([*chord, *keys((0.0, 72), (0.5, 74))], key=lambda one: one[0])], until=7.9
    )
    [request] = played.composer.requests
    assert request.plan is not None
    assert str(request.plan.chords[0].chord) == "C"
    assert {int(pitch) for pitch in request.melody.pitch if pitch >= 0} == {72, 74}
    assert sorted(pitch for at, pitch in back(played) if at == 4.0) == [48, 52, 55, 72], "all of it comes back"


def test_a_key_pressed_while_another_is_held_keeps_the_phrase_open() -> None:
    played = phrase([*held(0.0, 48, 4.5), *keys((4.0, 60))], until=12.0)
    assert [request.until for request in played.composer.requests] == [48]


LINES = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.5, 2.0, 4.1]),
        st.one_of(
            st.builds(lambda pitch: KeyboardMessage(0.0, note_on(1, pitch, 80)), st.integers(60, 63)),
            st.builds(lambda pitch: KeyboardMessage(0.0, note_off(1, pitch)), st.integers(60, 63)),
            st.builds(lambda value: KeyboardMessage(0.0, control(1, 64, value)), st.sampled_from([0, 127])),
            st.sampled_from([StopBand(), ToggleBand(), EndBand(), StartBand(), SetTempo(200.0), GenreLoaded(duo())]),
        ),
    ),
    max_size=14,
)


@settings(max_examples=25)
@given(LINES)
def test_in_whatever_order_keys_and_controls_come_no_note_begins_twice_or_is_left(
    steps: list[tuple[float, Message]],
) -> None:
    at, line = 0.0, list[Line]()
    for pause, message in steps:
        at += pause
        line.append((at, KeyboardMessage(at, message.message) if isinstance(message, KeyboardMessage) else message))
    played = phrase(line, at + 9.0)
    assert overlaps(one.message for one in played.sink.heard) == []
    assert played.sink.sounding == set()
