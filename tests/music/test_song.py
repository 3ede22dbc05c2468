"""The time axis of a MIDI file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.song import Axis, MetreChange, TempoChange, released

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


def test_a_note_struck_twice_is_released_twice() -> None:
    events = ((0, note_on(1, 60, 80)), (1, note_on(1, 60, 80)), (2, note_on(1, 62, 80)), (3, note_off(1, 62)))
    assert released(events, 9) == (*events, (9, note_off(1, 60)), (9, note_off(1, 60)))
