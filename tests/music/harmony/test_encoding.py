"""Inputs of the harmonist's net: rows of slots, their history and places, and the same tune above another tonic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.harmony.encoding import (
    ENDING,
    FIRST,
    FUTURE_WIDTH,
    PAST_WIDTH,
    PLACE,
    STYLES,
    WHOLE,
    Below,
    BelowRoll,
    Heard,
    endings,
    future_rows,
    heard,
    history,
    past_rows,
    places,
    style_row,
    turned,
    turned_future,
)
from composerd.music.harmony.slots import Slot, slots_between
from composerd.music.metre import BarGrid, Metre

PITCHES = st.lists(st.one_of(st.just(-1), st.integers(40, 90)), min_size=4, max_size=48)
BARS = slots_between(BarGrid.of(Metre()), 0, 64)


def tune(pitches: list[int], tonic: int = 0, below: Below | None = None, length: int = 4) -> tuple[Heard, list[Slot]]:
    """The rows of a melody of one note each `length` steps."""
    pitch = np.repeat(np.array(pitches, np.int16), length)
    onset = np.zeros(len(pitch), np.bool_)
    onset[::length] = pitch[::length] >= 0
    slots = [slot for slot in slots_between(BarGrid.of(Metre()), 0, len(pitch)) if slot.end <= len(pitch)]
    return heard(pitch, onset, slots, tonic, below), slots


def low(tones: list[set[int]], bass: list[int]) -> Below:
    """A slot each."""
    flags = np.zeros((4 * len(tones), 12), np.bool_)
    for at, one in enumerate(tones):
        flags[4 * at : 4 * at + 4, sorted(one)] = True
    return Below(flags, np.repeat(np.array(bass, np.int16), 4))


def test_a_slot_tells_which_tones_sound_and_which_begin() -> None:
    rows, _ = tune([60, 67])
    assert rows.whole.shape == (2, WHOLE)
    assert rows.whole[0, :12].tolist() == [1.0, *[0.0] * 11]
    assert rows.whole[1, 7] == 1.0
    assert rows.counts[:, [0, 7]].tolist() == [[4, 0], [0, 4]]
    assert rows.first[:, 0].tolist() == [1.0, 0.0]


def test_a_rest_has_no_tones_and_is_told_as_one() -> None:
    rows, _ = tune([60, -1])
    assert rows.whole[:, 36].tolist() == [0.0, 1.0], "the share of a slot that is silent"
    assert rows.first[:, 13].tolist() == [0.0, 1.0], "silent on the first step"
    assert (rows.counts[1] == 0).all()


def test_leaps_between_slots_are_limited_to_an_octave() -> None:
    rows, _ = tune([60, 62, 90, 40])
    assert rows.whole[:, 38].tolist() == pytest.approx([0.0, 2 / 12, 1.0, -1.0])


@given(PITCHES, st.integers(1, 11))
def test_a_tune_and_its_tonic_moved_together_have_equal_rows(pitches: list[int], up: int) -> None:
    if len(pitches) % 4:
        pitches = pitches[: len(pitches) // 4 * 4]
    here, _ = tune(pitches)
    there, _ = tune([pitch if pitch < 0 else pitch + up for pitch in pitches], up)
    assert (here.whole == there.whole).all()
    assert (here.first == there.first).all()
    assert (history(here.counts) == history(there.counts)).all(), "to the last bit"


@given(PITCHES.map(lambda one: one[: len(one) // 4 * 4]), st.lists(st.integers(0, 11), min_size=1, max_size=3))
def test_rows_above_c_turned_to_a_tonic_are_the_rows_above_that_tonic(pitches: list[int], tonics: list[int]) -> None:
    rows, slots = tune(pitches)
    place, style, ending = places(slots), style_row("pop"), endings(len(slots), None)
    past = turned(past_rows(rows.whole, rows.first, history(rows.counts), place, style), tonics)
    future = turned_future(future_rows(rows.whole, rows.first, place, style, ending), tonics)
    for at, tonic in enumerate(tonics):
        own, _ = tune(pitches, tonic)
        assert np.allclose(past[at], past_rows(own.whole, own.first, history(own.counts), place, style))
        assert np.allclose(future[at], future_rows(own.whole, own.first, place, style, ending))


def test_the_past_is_the_slot_before_and_this_ones_first_step() -> None:
    rows, slots = tune([60, 62, 64, 65])
    past = past_rows(rows.whole, rows.first, history(rows.counts), places(slots), style_row(None))
    assert past.shape == (4, PAST_WIDTH)
    assert (past[0, :WHOLE] == 0).all(), "before the first slot there is none"
    assert (past[1:, :WHOLE] == rows.whole[:-1]).all()
    assert (past[:, WHOLE : WHOLE + FIRST] == rows.first).all()


def test_the_future_is_this_slot_and_how_far_the_end_is() -> None:
    rows, slots = tune([60, 62, 64, 65])
    future = future_rows(rows.whole, rows.first, places(slots), style_row("jazz"), endings(4, 3))
    assert future.shape == (4, FUTURE_WIDTH)
    assert (future[:, :WHOLE] == rows.whole).all()
    assert (future[:, -ENDING:] == endings(4, 3)).all()


def test_history_is_of_what_came_before_and_sums_to_one() -> None:
    rows, _ = tune([60, 60, 67, 67])
    before = history(rows.counts)
    assert (before[0] == 0).all()
    assert before[1, 0] == before[2, 0] == 1.0
    assert before[3, :12].tolist() == pytest.approx([2 / 3, *[0.0] * 6, 1 / 3, *[0.0] * 4])
    assert before[3, 12 + 7] > before[3, 7], "the recent ones count for more in the recent history"
    assert before[3, 12:].sum() == pytest.approx(1.0)


def test_two_tones_below_are_a_chord_and_one_is_a_bass() -> None:
    rows, _ = tune([72, 72], below=low([{0, 4}, {7}], [0, 7]))
    chord_flag, bass_flag = WHOLE - 3, WHOLE - 2
    assert rows.whole[:, chord_flag].tolist() == [1.0, 0.0]
    assert rows.whole[:, bass_flag].tolist() == [1.0, 1.0]


def test_a_window_below_is_silent_outside_what_is_known() -> None:
    roll = BelowRoll(8, low([{0, 4}, {5, 9}], [0, 5]))
    window = roll.window(4, 20)
    assert window.tones.shape == (16, 12)
    assert not window.tones[:4].any()
    assert window.tones[4:8, [0, 4]].all()
    assert window.bass.tolist() == [-1] * 4 + [0] * 4 + [5] * 4 + [-1] * 4
    assert not roll.window(100, 110).tones.any()


def test_places_tell_beat_bar_and_groups_of_bars() -> None:
    rows = places(BARS)
    assert rows.shape == (16, PLACE)
    assert rows[:, :4].argmax(1).tolist() == [0, 1, 2, 3] * 4
    assert (rows[:4] == places(BARS[:4])).all()
    moved = places(BARS, origin=1)
    assert (moved[4:8, 21:] == rows[:4, 21:]).all(), "counted from bar 1"


def test_an_unknown_style_and_an_unknown_end_are_zeros() -> None:
    assert style_row(None).tolist() == [0.0] * len(STYLES)
    assert style_row("pop").sum() == 1.0
    assert (endings(5, None) == 0).all()
    near = endings(5, 2)
    assert near[:, 1].tolist() == [0.0, 0.0, 1.0, 0.0, 0.0]
    assert near[:, 0].tolist() == sorted(near[:, 0].tolist(), reverse=True)
