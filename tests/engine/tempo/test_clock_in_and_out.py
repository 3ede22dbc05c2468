from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.engine.commands.band import EndBand
from composerd.engine.commands.time import HalfTime, SetTempo
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import ClockHeard, KeyboardMessage, Message, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.tempo.clock_in import COAST, CONTINUE, POSITION, START, STOP, TICK, ClockIn, clock_message
from composerd.engine.tempo.clock_out import ClockOut
from composerd.engine.virtual import VirtualInbox
from composerd.music.midi import note_on
from composerd.music.tempo import Tempo
from fakes import InstantComposer, ListeningSink, duo, echo_bass


def ticks(clock: ClockIn, count: int, bpm: float, at: float, jitter: float = 0.0, seed: int = 0) -> float:
    """`count` ticks from second `at` on; the second of the one after."""
    dice = random.Random(seed)
    for i in range(count):
        clock.read(ClockHeard(at + i * 2.5 / bpm + dice.uniform(-jitter, jitter), TICK))
    return at + count * 2.5 / bpm


def started(bpm: float = 120.0, jitter: float = 0.0) -> tuple[ClockIn, float]:
    clock = ClockIn()
    clock.read(ClockHeard(0.99, START))
    return clock, ticks(clock, 96, bpm, 1.0, jitter)


def line(clock: ClockIn) -> Tempo:
    found = clock.line(100.0)
    assert found is not None
    return found


def test_the_first_tick_after_start_is_beat_one() -> None:
    clock, end = started()
    assert line(clock).beat_at(1.0) == pytest.approx(0, abs=1e-6)
    assert line(clock).beat_at(end) == pytest.approx(4, abs=1e-6)
    assert clock.bpm == pytest.approx(120)


@pytest.mark.parametrize("bpm", [40, 97, 120, 240])
def test_five_milliseconds_of_jitter_are_smoothed_to_two(bpm: int) -> None:
    worst = []
    for seed in range(20):
        clock = ClockIn()
        clock.read(ClockHeard(0.99, START))
        end = ticks(clock, 192, bpm, 1.0, 0.005, seed)
        worst.append(abs(line(clock).second_at(8) - end))
        assert clock.bpm == pytest.approx(bpm, rel=0.02)
    assert sorted(worst)[len(worst) // 2] < 0.001
    assert max(worst) < 0.003


def test_a_new_tempo_is_taken_within_two_beats() -> None:
    clock, end = started()
    end = ticks(clock, 48, 150, end)
    assert clock.bpm == pytest.approx(150, rel=0.02)
    assert line(clock).beat_at(end) == pytest.approx(6, abs=0.02)


def test_a_machine_that_falters_and_catches_up_does_not_throw_the_tempo() -> None:
    clock, end = started()
    for late in (0.06, 0.045, 0.03, 0.015, 0.0):
        clock.read(ClockHeard(end + late, TICK))
        end += 2.5 / 120
        assert clock.bpm == pytest.approx(120, rel=0.06)
    assert line(clock).beat_at(end) == pytest.approx(4 + 5 / 24, abs=0.05)


def test_half_the_tempo_is_taken_within_three_beats() -> None:
    clock, end = started(200)
    ticks(clock, 72, 100, end)
    assert clock.bpm == pytest.approx(100, rel=0.02)


def test_stop_holds_the_place_and_continue_goes_on_from_it() -> None:
    clock, end = started()
    clock.read(ClockHeard(end, STOP))
    assert clock.line(100.0) is None
    end = ticks(clock, 50, 120, end)
    clock.read(ClockHeard(end - 0.001, CONTINUE))
    ticks(clock, 24, 120, end)
    assert line(clock).beat_at(end) == pytest.approx(4, abs=0.01)


def test_a_song_position_is_where_continue_begins() -> None:
    clock, end = started()
    clock.read(ClockHeard(end, STOP))
    clock.read(ClockHeard(end, POSITION, 32))
    clock.read(ClockHeard(end, CONTINUE))
    ticks(clock, 24, 120, end)
    assert line(clock).beat_at(end) == pytest.approx(8, abs=0.01)


def test_ticks_without_a_start_tell_the_tempo_only() -> None:
    clock = ClockIn()
    ticks(clock, 48, 90, 0.0)
    assert clock.bpm == pytest.approx(90)
    assert clock.line(100.0) is None
    assert not clock.lost(99.0)


def test_a_clock_that_drops_out_coasts_and_then_is_lost() -> None:
    clock, end = started()
    assert line(clock).beat_at(end + 0.5) == pytest.approx(5, abs=0.01)
    assert not clock.lost(end + 0.5)
    assert clock.lost(end + COAST)
    assert clock.lost_at() == pytest.approx(end - 2.5 / 120 + COAST)


def test_bytes_are_read_and_what_is_no_clock_is_not() -> None:
    assert clock_message(1.0, [0xF8]) == ClockHeard(1.0, TICK)
    assert clock_message(1.0, [0xF2, 4, 1]) == ClockHeard(1.0, POSITION, 132)
    for data in ([], [0xFE], [0xF2, 4], [0x90, 60, 1], [0xF0, 1, 2, 0xF7]):
        assert clock_message(1.0, data) is None


class Beat:
    """A beat that can be started, stopped and moved by hand."""

    def __init__(self) -> None:
        self.tempo, self.counting, self.on = Tempo(120.0), False, False

    @property
    def playing(self) -> bool:
        return self.on or self.counting

    @playing.setter
    def playing(self, on: bool) -> None:
        self.on = on

    def beat_at(self, second: float) -> float | None:
        return self.tempo.beat_at(second) if self.on else None


class Wire:
    def __init__(self) -> None:
        self.sent: list[tuple[float, tuple[int, ...]]] = []

    def __call__(self, at: float, data: Sequence[int]) -> None:
        self.sent.append((round(at, 6), tuple(data)))

    def bytes(self) -> list[int]:
        return [data[0] for _, data in self.sent]


def run(out: ClockOut, act: Beat, until: float, now: float = 0.0) -> None:
    while (due := out.deadline(act)) <= until:
        now = max(now, due)
        out.tick(act, now)
    out.tick(act, until)


def test_the_first_tick_goes_out_with_the_start_and_24_follow_for_every_beat() -> None:
    act, wire = Beat(), Wire()
    out = ClockOut(wire)
    act.tempo, act.playing = Tempo(120.0, 3.0), True
    out.tick(act, 3.0)
    run(out, act, 4.999)
    assert wire.sent[:3] == [(3.0, (START,)), (3.0, (TICK,)), (round(3 + 2.5 / 120, 6), (TICK,))]
    assert wire.bytes().count(TICK) == 96


def test_the_clock_starts_when_the_count_in_is_over_whatever_else_is_due() -> None:
    act, wire = Beat(), Wire()
    out = ClockOut(wire)
    act.tempo = Tempo(120.0, 3.0, -4.0)
    out.tick(act, 3.0)
    assert out.deadline(act) == float("inf")
    act.counting = True
    assert out.deadline(act) == pytest.approx(5.0)
    act.counting, act.playing = False, True
    out.tick(act, 5.01)
    assert wire.sent == [(5.0, (START,)), (5.0, (TICK,))]


def test_the_clock_stops_with_the_band() -> None:
    act, wire = Beat(), Wire()
    out = ClockOut(wire)
    act.playing = True
    out.tick(act, 0.0)
    act.playing = False
    out.tick(act, 1.0)
    assert wire.sent[-1] == (1.0, (STOP,))
    assert out.deadline(act) == float("inf")


def test_a_band_that_is_already_under_way_is_joined_at_the_next_sixteenth() -> None:
    act, wire = Beat(), Wire()
    out = ClockOut(wire)
    act.playing = True
    out.tick(act, 4.06)  # beat 8.12
    assert wire.sent == [(4.06, (POSITION, 33, 0)), (4.06, (CONTINUE,))]
    run(out, act, 4.2)
    assert wire.sent[2] == (4.125, (TICK,))


def test_a_new_performance_starts_anew() -> None:
    act, wire = Beat(), Wire()
    out = ClockOut(wire)
    act.playing = True
    out.tick(act, 0.0)
    run(out, act, 3.0)
    act.tempo = Tempo(120.0, 3.1)
    out.tick(act, 3.1)
    assert wire.bytes()[-3:] == [STOP, START, TICK]


def conduct(
    messages: list[tuple[float, Message]], until: float, settings: EngineSettings
) -> tuple[ListeningSink, Wire]:
    inbox, sink, wire = VirtualInbox(), ListeningSink(), Wire()
    conductor = Conductor(
        inbox, InstantComposer(inbox, echo_bass), Stage([sink], duo()), settings, Start(bpm=100.0), clock=wire
    )  # fmt: skip
    for at, message in messages:
        inbox.post(at, message)
    inbox.post(until, Stop())
    conductor.run()
    return sink, wire


def drums(sink: ListeningSink) -> list[float]:
    return [at for at, _ in sink.onsets(0)]


def clock(status: int, at: float, position: int = 0) -> tuple[float, Message]:
    return at, ClockHeard(at, status, position)


def stream(bpm: float, at: float, count: int, jitter: float = 0.0) -> list[tuple[float, Message]]:
    dice = random.Random(1)
    moments = [at + i * 2.5 / bpm + dice.uniform(-jitter, jitter) for i in range(count)]
    return [clock(TICK, moment) for moment in sorted(moments)]


MIDI = EngineSettings(sync="midi")


def test_the_band_starts_with_the_clocks_first_tick_and_keeps_its_beat() -> None:
    before = stream(120, 0.0, 48)
    sink, _ = conduct([*before, clock(START, 0.99), *stream(120, 1.0, 24 * 12, 0.005)], 6.4, MIDI)
    assert drums(sink) == pytest.approx([1 + 0.5 * i for i in range(11)], abs=0.006)


def test_the_band_follows_the_clock_into_another_tempo() -> None:
    lead = [*stream(120, 0.0, 48), clock(START, 0.99), *stream(120, 1.0, 24 * 4), *stream(90, 3.0, 24 * 8)]
    sink, _ = conduct(lead, 8.2, MIDI)
    assert drums(sink)[-3:] == pytest.approx([3 + i * 2 / 3 for i in range(5, 8)], abs=0.01)


def test_the_clocks_stop_ends_the_band_at_once_and_continue_takes_it_up_at_its_place() -> None:
    lead = [*stream(120, 0.0, 48), clock(START, 0.99), *stream(120, 1.0, 72), clock(STOP, 2.49)]
    more = [clock(POSITION, 3.0, 16), clock(CONTINUE, 3.99), *stream(120, 4.0, 96)]
    sink, _ = conduct([*lead, *more], 5.9, MIDI)
    assert drums(sink) == pytest.approx([1.0, 1.5, 2.0, 4.0, 4.5, 5.0, 5.5], abs=0.002)


@pytest.mark.parametrize(
    "again", [[clock(START, 3.2)], [clock(POSITION, 3.2, 16), clock(CONTINUE, 3.2)]], ids=["from the top", "elsewhere"]
)
def test_a_clock_that_jumps_while_it_runs_takes_the_band_with_it(again: list[tuple[float, Message]]) -> None:
    """As a sequencer does at the end of a loop. The band does not crawl there until the beats meet."""
    lead = [*stream(120, 0.0, 48), clock(START, 0.99), *stream(120, 1.0, 24 * 4 + 10)]
    sink, _ = conduct([*lead, *again, *stream(120, 3.21, 24 * 8)], 6.0, MIDI)
    assert drums(sink) == pytest.approx([1.0, 1.5, 2.0, 2.5, 3.0, *(3.21 + 0.5 * i for i in range(6))], abs=0.006)


@pytest.mark.parametrize("said", [clock(CONTINUE, 3.2), clock(POSITION, 3.2, 16)], ids=["continue", "a position"])
def test_what_a_running_clock_says_that_changes_nothing_changes_nothing(said: tuple[float, Message]) -> None:
    lead = [*stream(120, 0.0, 48), clock(START, 0.99)]
    sink, _ = conduct([*lead, *stream(120, 1.0, 24 * 9), said], 5.1, MIDI)
    assert drums(sink) == pytest.approx([1 + 0.5 * i for i in range(9)], abs=0.002)


def test_half_time_is_not_for_a_band_that_another_machine_leads() -> None:
    lead = [*stream(120, 0.0, 48), clock(START, 0.99), *stream(120, 1.0, 24 * 9)]
    pace: tuple[float, Message] = (1.7, HalfTime())
    key: tuple[float, Message] = (6.0, KeyboardMessage(6.0, note_on(1, 60, 80)))
    sink, _ = conduct([*lead, pace, clock(STOP, 5.49), key], 7.1, MIDI)
    assert drums(sink) == pytest.approx([*(1 + 0.5 * i for i in range(9)), 6.0, 6.5, 7.0], abs=0.002)


def test_a_clock_that_falls_silent_is_coasted_through_and_the_band_ends_at_a_bar_line() -> None:
    lead = [*stream(120, 0.0, 48), clock(START, 0.99), *stream(120, 1.0, 60)]
    sink, _ = conduct(lead, 12.0, EngineSettings(sync="midi", final_chord=False))
    assert 3.2 < drums(sink)[-1] < 5.1
    assert sink.sounding == set()


def test_a_clock_that_only_ticks_sets_the_tempo_for_the_first_key() -> None:
    key: tuple[float, Message] = (2.0, KeyboardMessage(2.0, note_on(1, 60, 80)))
    sink, _ = conduct([*stream(150, 0.0, 100), key], 3.0, MIDI)
    assert drums(sink) == pytest.approx([2.0, 2.4, 2.8], abs=0.002)


def test_a_clock_nobody_asked_for_is_not_heard() -> None:
    sink, _ = conduct([clock(START, 0.0), *stream(150, 0.0, 100)], 2.0, EngineSettings())
    assert drums(sink) == []


def test_a_clock_goes_out_while_the_band_plays() -> None:
    key: tuple[float, Message] = (1.0, KeyboardMessage(1.0, note_on(1, 60, 80)))
    _, wire = conduct([key, (2.0, SetTempo(60.0)), (4.0, EndBand("now"))], 6.0, EngineSettings(clock_out=True))
    assert wire.sent[:2] == [(1.0, (START,)), (1.0, (TICK,))]
    assert wire.sent[-1] == (4.0, (STOP,))
    assert wire.bytes().count(TICK) == pytest.approx(40 + 48, abs=1)
    assert [at for at, _ in wire.sent] == sorted(at for at, _ in wire.sent)
    assert conduct([key], 3.0, EngineSettings())[1].sent == []


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 1.5),
            st.sampled_from([TICK, TICK, TICK, TICK, START, STOP, CONTINUE, POSITION]),
            st.integers(0, 99),
        ),
        max_size=80,
    )
)
def test_any_stream_of_clock_leaves_a_tempo_in_range(stream: list[tuple[float, int, int]]) -> None:
    clock, now = ClockIn(), 0.0
    for pause, status, position in stream:
        now += pause
        clock.read(ClockHeard(now, status, position))
        assert clock.bpm is None or 30 <= clock.bpm <= 300
        song = clock.line(100.0)
        assert song is None or song.bpm > 0
