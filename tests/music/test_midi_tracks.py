"""The time axis of a MIDI file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.metre import Metre
from composerd.music.midi import NOTE_OFF, NOTE_ON, Midi, note_off, note_on
from composerd.music.midi_tracks import Axis, MetreChange, TempoChange, apart, lasting_ticks, released
from fakes import instants, overlaps

AXIS = Axis(480, (TempoChange(0, 500_000), TempoChange(960, 1_000_000)), (MetreChange(0, Metre(3, 4)),))


def test_seconds_follow_the_tempo_changes() -> None:
    assert [AXIS.second_at(tick) for tick in (0, 480, 960, 1440)] == pytest.approx([0, 0.5, 1.0, 2.0])


def test_before_its_first_tempo_a_file_runs_at_120() -> None:
    assert Axis(96, (TempoChange(96, 250_000),)).second_at(192) == pytest.approx(0.75)


@given(tick=st.integers(0, 10_000_000))
def test_a_tick_survives_the_way_to_seconds_and_back(tick: int) -> None:
    assert AXIS.tick_at(AXIS.second_at(tick)) == tick


def test_a_moment_before_the_start_is_tick_0() -> None:
    assert AXIS.tick_at(-1.0) == 0


def test_bars_are_the_files_own() -> None:
    grid = Axis(480, (), (MetreChange(0, Metre(3, 4)), MetreChange(1440, Metre(2, 4)))).bar_grid()
    assert [(grid.place(step).bar, grid.place(step).step) for step in (0, 11, 12, 20)] == [
        (0, 0),
        (0, 11),
        (1, 0),
        (2, 0),
    ]


def on(tick: int) -> tuple[int, Midi]:
    return tick, note_on(1, 60, 80)


def off(tick: int) -> tuple[int, Midi]:
    return tick, note_off(1, 60)


def test_every_note_is_released_at_the_end() -> None:
    events = (on(0), (2, note_on(1, 62, 80)), (3, note_off(1, 62)))
    assert released(events, 9) == (*events, off(9))


def test_a_note_that_is_struck_again_ends_there_and_its_own_late_end_does_not_cut_the_second() -> None:
    assert apart([on(0), on(4), off(5), off(8)]) == (on(0), off(4), on(4), off(8))


def test_a_second_end_that_never_comes_does_not_let_the_note_ring_for_ever() -> None:
    assert apart([on(0), on(4), off(5), on(6), off(7)]) == (on(0), off(4), on(4), off(5), on(6), off(7))


def test_notes_of_other_channels_and_pitches_are_left_alone() -> None:
    others = (on(0), (1, note_on(2, 60, 80)), (2, note_on(1, 61, 80)), off(3), (4, note_off(2, 60)))
    assert apart(others) == others


keys = st.tuples(st.integers(0, 20), st.builds(Midi, st.sampled_from([NOTE_ON, NOTE_OFF]), st.integers(1, 2),
                                               st.integers(60, 61), st.sampled_from([0, 64])))  # fmt: skip


@given(st.lists(keys, max_size=30).map(lambda events: sorted(events, key=lambda event: event[0])))
def test_no_stream_of_keys_overlaps_once_it_was_taken_apart(events: list[tuple[int, Midi]]) -> None:
    done = released(events, 30)
    assert overlaps(message for _, message in done) == []
    assert instants(done) == []
    struck = {(tick, message.channel, message.data1): message for tick, message in events if message.starts_note}
    left = {(tick, message.channel, message.data1): message for tick, message in done if message.starts_note}
    assert left == struck, "of two strikes at one tick the second"


def test_a_note_that_ends_where_it_begins_lasts_a_tick() -> None:
    assert released([on(4), off(4), on(9), off(12)], 12) == (on(4), off(5), on(9), off(12))


def test_a_note_without_length_before_the_next_tick_ends_there() -> None:
    assert released([on(4), off(4), on(5), off(8)], 8) == (on(4), off(5), on(5), off(8))


def test_of_two_notes_that_begin_at_one_tick_the_second_stays() -> None:
    assert released([on(4), on(4), off(8)], 8) == (on(4), off(8))


def test_a_note_without_length_may_be_dropped_and_longer_ones_stay() -> None:
    events = [on(0), off(3), on(3), off(3), on(5), off(6)]
    assert lasting_ticks(events, lambda _: True) == [0, 3, None, None, 5, 6]
