"""A jam in every metre, tempo and key is the same jam; when harmony enters and when silence ends it, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.engine.commands.band import EndBand, StartBand, StopBand, ToggleBand
from composerd.engine.commands.form import Break
from composerd.engine.commands.time import DoubleTime, HalfTime, SetMetre
from composerd.engine.messages import KeyboardMessage, Message
from composerd.engine.settings import EngineSettings
from composerd.music.metre import Metre
from composerd.music.midi import note_off
from fakes import overlaps
from performed import BEAT, Line, keys, performance

METRES = [Metre(4, 4), Metre(3, 4), Metre(2, 4), Metre(6, 8), Metre(5, 4), Metre(12, 8)]
STEP = BEAT / 4


def playing(until: float, every: float = BEAT) -> list[Line]:
    """A player who plays on the beats up to a moment."""
    return keys(*((every * i, 60) for i in range(int(until / every))), length=0.2)


@pytest.mark.parametrize("metre", METRES, ids=str)
@pytest.mark.parametrize("bars", [0, 1, 2])
def test_harmony_enters_after_so_many_bars(metre: Metre, bars: int) -> None:
    bar = metre.bar_steps * STEP
    played = performance(playing(4 * bar), 4 * bar, metre=metre, options=EngineSettings(harmony_entry_bars=bars))
    assert played.bass()[0] == pytest.approx(bars * bar, abs=0.021), "at the bar line, or with a key just after it"
    assert played.drums()[0] == 0.0


@pytest.mark.parametrize("metre", METRES, ids=str)
@pytest.mark.parametrize("pause", [1, 2, 3])
def test_the_band_ends_at_the_bar_line_after_so_many_silent_bars(metre: Metre, pause: int) -> None:
    """The last key is on beat 1 of bar 2: `pause` bars later the bar has ended, and a last chord begins."""
    bar = metre.bar_steps * STEP
    line = keys((0.0, 60), (bar, 62), length=0.1)
    played = performance(line, 20 * bar, metre=metre, options=EngineSettings(pause_bars=pause))
    endings = {request.directions.ending_at for request in played.composer.requests} - {None}
    assert endings == {(2 + pause) * metre.bar_steps}
    assert played.shown[-1].state == "ready"
    assert max(one.at for one in played.sink.heard) <= (3 + pause) * bar + 0.01


def test_without_a_last_chord_the_band_is_silent_from_the_bar_line_on() -> None:
    played = performance(keys((0.0, 60), (2.0, 62), length=0.1), 30.0, options=EngineSettings(final_chord=False))
    assert {request.directions.ending_at for request in played.composer.requests} == {None}
    assert max(at for at in (*played.drums(), *played.bass())) < 8.0
    assert max(one.at for one in played.sink.heard) <= 8.0 + 1e-6


def test_a_key_that_is_held_is_no_silence() -> None:
    played = performance(keys((0.0, 60), length=13.0), 13.5)
    assert played.drums()[-1] == 13.0
    assert all(one.directions.ending_at is None for one in played.composer.requests if one.step < 4 * 26)


TUNES = st.lists(st.tuples(st.integers(0, 63), st.integers(55, 80)), min_size=1, max_size=12, unique_by=lambda k: k[0])


@pytest.mark.parametrize("bpm", [60.0, 90.0, 180.0, 250.0])
@pytest.mark.parametrize(
    "steps", [range(0, 48, 4), range(0, 48, 6), (0, 3, 6, 10, 12, 16, 19, 22, 26, 28, 32)], ids=str
)
def test_a_tune_at_another_tempo_is_the_same_jam(steps: Sequence[int], bpm: float) -> None:
    """Steps are compared: a note that waits for its key comes up to .4 of a step later, by what is a time."""
    tune = [(step, 72 + step % 5) for step in steps]

    def heard(tempo: float) -> set[tuple[int, int, int]]:
        step = 60 / tempo / 4
        begin = min(at for at, _ in tune)
        line = keys(*(((at - begin) * step, pitch) for at, pitch in sorted(tune)), length=0.5 * step)
        played = performance(
            line, (max(at for at, _ in tune) - begin + 20.5) * step, bpm=tempo, options=EngineSettings(melody="last")
        )
        begun = (one for one in played.sink.heard if one.message.starts_note)
        return {(round(one.at / step - 0.2), -1 if one.part is None else one.part, one.message.data1) for one in begun}

    assert heard(bpm) == heard(120.0)


@settings(max_examples=15)
@given(TUNES, st.sampled_from([-12, 12]))
def test_a_tune_an_octave_away_has_the_same_band(tune: list[tuple[int, int]], semitones: int) -> None:
    def band(by: int) -> list[tuple[float, int]]:
        begin = min(at for at, _ in tune)
        line = keys(*((STEP * (at - begin), pitch + by) for at, pitch in sorted(tune)), length=0.06)
        played = performance(line, 9.0, options=EngineSettings(melody="last", grace_ms=0.0))
        return [*played.sink.onsets(0), *played.sink.onsets(1)]

    assert band(semitones) == band(0), "the bass has the melody's note below it, whatever its octave"


@pytest.mark.parametrize(
    ("command", "at", "drums"),
    [
        (EndBand(), 2.6, [0.5 * i for i in range(8)]),  # to the bar line
        (ToggleBand(), 2.6, [0.5 * i for i in range(8)]),
        (StopBand(), 2.6, [0.5 * i for i in range(6)]),  # to the next beat
        (StopBand(), 0.1, [0.0]),
        (EndBand(), 3.9, [0.5 * i for i in range(8)]),
    ],
)
def test_the_band_ends_where_it_is_asked_to(command: Message, at: float, drums: list[float]) -> None:
    played = performance([*playing(2.4), (at, command)], 12.0)
    ending = next(one.directions.ending_at for one in played.composer.requests if one.directions.ending_at is not None)
    assert ending == 4 * len(drums)
    assert [one for one in played.drums() if one < ending * STEP] == drums
    assert played.shown[-1].state == "ready"


def test_ending_at_a_bar_line_gives_way_to_stopping_at_a_beat_but_not_the_other_way_round() -> None:
    def endings(*commands: tuple[float, Message]) -> list[int]:
        played = performance([*playing(2.4), *commands], 12.0)
        found = (one.directions.ending_at for one in played.composer.requests)
        return list(dict.fromkeys(at for at in found if at is not None))

    assert endings((2.2, StopBand()), (2.3, EndBand())) == [20]
    assert endings((2.2, EndBand()), (2.3, EndBand())) == [32]


def test_stopping_twice_silences_at_once_and_starting_then_begins_anew() -> None:
    played = performance([*playing(2.4), (2.6, StopBand()), (2.7, StopBand()), (5.3, StartBand())], 6.9)
    assert [at for at in played.drums() if 2.7 <= at < 5.3] == []
    assert [at for at in played.drums() if at >= 5.3] == [5.3, 5.8, 6.3, 6.8]


@pytest.mark.parametrize("bars", [1, 2])
@pytest.mark.parametrize("metre", [Metre(4, 4), Metre(3, 4), Metre(6, 8)], ids=str)
def test_a_start_by_a_control_is_counted_in_and_keys_before_the_first_bar_are_not_heard(
    metre: Metre, bars: int
) -> None:
    begins = 1.0 + bars * metre.bar_steps * STEP
    line: list[Line] = [(1.0, StartBand()), *keys((1.3, 60))]
    played = performance(line, begins + 1.9, metre=metre, options=EngineSettings(count_in_bars=bars))
    clicks = [one.at for one in played.sink.heard if one.is_click and one.message.starts_note]
    assert clicks[0] == 1.0
    assert len(clicks) == bars * metre.bar_steps // metre.pulse_steps
    assert played.drums()[0] == pytest.approx(begins)
    assert all(int(one.melody.pitch.max(initial=-1)) == -1 for one in played.composer.requests)
    assert played.bass() == [], "the harmony waits for the first key"
    assert [one.state for one in played.shown if one.state == "count-in"] != []


def test_a_start_while_the_band_plays_changes_nothing() -> None:
    plain, again = (
        performance(playing(5.0), 5.0),
        performance([*playing(5.0), (2.3, StartBand()), (3.1, StartBand())], 5.0),
    )
    assert (again.drums(), again.bass()) == (plain.drums(), plain.bass())


def test_a_break_silences_the_band_for_the_next_bar() -> None:
    played = performance([*playing(7.9), (2.3, Break())], 7.9)
    quiet = [at for at in (*played.drums(), *played.bass()) if 4.0 <= at < 6.0 - 0.021]
    assert quiet == []
    assert 6.0 in played.drums()
    sounding = set[tuple[int, int]]()
    for one in played.sink.heard:
        if one.at <= 4.0 + 1e-6 and one.part is not None:
            key = (one.part, one.message.data1)
            (sounding.add if one.message.starts_note else sounding.discard)(key)
    assert sounding == set(), "what sounded has ended at the bar line"


@pytest.mark.parametrize(("command", "beat"), [(HalfTime(), 1.0), (DoubleTime(), 0.25)], ids=["half", "double"])
def test_half_and_double_time_begin_at_the_next_bar_line(command: Message, beat: float) -> None:
    played = performance([*keys((0.0, 60), length=30.0), (0.7, command)], 6.1)
    drums = played.drums()
    assert drums[:4] == [0.0, 0.5, 1.0, 1.5]
    assert drums[4:7] == [pytest.approx(2.0 + beat * i) for i in range(3)]


@pytest.mark.parametrize(("then", "beat"), [(HalfTime(), 0.5), (DoubleTime(), 0.25)], ids=["back", "double"])
def test_half_time_once_more_is_the_set_tempo_and_double_time_is_counted_from_it(then: Message, beat: float) -> None:
    played = performance([*keys((0.0, 60), length=30.0), (0.7, HalfTime()), (2.4, then)], 9.0)
    drums = played.drums()
    assert drums[4:8] == [2.0, 3.0, 4.0, 5.0]
    assert drums[8:11] == [pytest.approx(6.0 + beat * i) for i in range(3)]


@pytest.mark.parametrize(("at", "first_bar"), [(0.7, 32), (2.3, 48)])
def test_another_time_signature_holds_from_the_next_bar_line_on(at: float, first_bar: int) -> None:
    played = performance([*keys((0.0, 60), length=30.0), (at, SetMetre("3/4"))], 9.0)
    grid = played.composer.requests[-1].grid
    line = 16 if at < 2 else 32
    assert [str(grid.place(step).metre) for step in (0, line - 1, line, line + 11)] == ["4/4", "4/4", "3/4", "3/4"]
    assert grid.next_bar_line(line) == line + 12
    assert first_bar > line


ODD = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.05, 0.3, 1.0, 2.1]),
        st.sampled_from([StartBand(), StopBand(), EndBand(), ToggleBand(), Break(), HalfTime(), SetMetre("3/4"),
                         KeyboardMessage(0.0, note_off(1, 60))]),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=40)
@given(ODD)
def test_whatever_is_asked_of_a_band_that_nobody_plays_to_it_has_no_harmony_and_ends_when_asked(
    orders: list[tuple[float, Message]],
) -> None:
    at, line = 0.0, list[Line]()
    for pause, message in orders:
        at += pause
        line.append((at, message))
    played = performance([*line, (at + 0.1, StopBand()), (at + 0.2, StopBand())], at + 5.0)
    assert played.bass() == []
    assert [one for one in played.drums() if one > at + 0.2 + 1e-6] == []
    assert overlaps(one.message for one in played.sink.heard) == []
    assert played.shown[-1].state == "ready" if played.shown else not line or not played.drums()
