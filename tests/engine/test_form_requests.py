"""Form and choices apart from a performance: fills, breaks, half and double time, and settings that are read again."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.choices import AUTO, Choices
from composerd.engine.jam.fills_and_breaks import EARLY, FillsAndBreaks
from composerd.engine.jam.intensity import Intensity
from composerd.engine.messages import Directions
from composerd.engine.output.timeline import Event
from composerd.engine.settings import EngineSettings
from composerd.engine.transposition import Transposition
from composerd.music.harmony.key import Key, key_of

PLAIN = Directions()


def event(beat: float, velocity: int = 80) -> Event:
    return Event(beat, 0, 60, velocity)


@pytest.mark.parametrize(("drums", "fill"), [(range(16), 16), (range(16, 32), None), (range(12), None)])
def test_a_fill_is_asked_of_the_drums_that_reach_its_bar_line(drums: range, fill: int | None) -> None:
    form = FillsAndBreaks()
    form.fill(16)
    assert form.directions(PLAIN, drums, None).fill_until == fill


def test_directions_without_requests_are_the_given_ones() -> None:
    assert FillsAndBreaks().directions(PLAIN, range(16), None) is PLAIN


def test_the_ending_is_passed_on() -> None:
    assert FillsAndBreaks().directions(PLAIN, range(16), 32).ending_at == 32


@pytest.mark.parametrize("chosen", ["A", "B"])
def test_a_chosen_variation_wins_over_the_players_intensity(chosen: str) -> None:
    form = FillsAndBreaks()
    form.intensity.variation = "B" if chosen == "A" else "A"
    assert form.variation(replace(PLAIN, variation=chosen)) == chosen
    assert form.variation(replace(PLAIN, variation=AUTO)) == form.intensity.variation


def test_half_time_comes_once_and_again_goes_back() -> None:
    form = FillsAndBreaks()
    assert form.pace_change() is None
    form.turn_pace(0.5)
    assert (form.pace_change(), form.pace) == (0.5, 0.5)
    assert form.pace_change() is None, "it is half time already"
    form.turn_pace(0.5)
    assert (form.pace_change(), form.pace) == (2.0, 1.0)


def test_from_half_to_double_time_is_four_times_as_fast() -> None:
    form = FillsAndBreaks()
    form.turn_pace(0.5)
    form.pace_change()
    form.turn_pace(2.0)
    assert (form.pace_change(), form.pace) == (4.0, 2.0)


def test_half_time_taken_back_before_the_bar_line_changes_nothing() -> None:
    form = FillsAndBreaks()
    form.turn_pace(0.5)
    form.turn_pace(0.5)
    assert form.pace_change() is None


@given(st.lists(st.sampled_from([0.5, 2.0, None]), max_size=30))
def test_the_pace_is_always_the_product_of_its_changes(turns: list[float | None]) -> None:
    form, tempo = FillsAndBreaks(), 1.0
    for turn in turns:
        if turn is None:
            tempo *= form.pace_change() or 1.0
            assert tempo == form.pace
        else:
            form.turn_pace(turn)


def test_a_break_silences_once_and_leaves_out_the_notes_that_begin_in_it() -> None:
    form = FillsAndBreaks()
    assert form.hush_beat() == inf
    form.rest(16, 32)
    assert form.hush_beat() == pytest.approx(4 - EARLY)
    assert not form.hush_due(3.8)
    assert form.hush_due(4.0)
    assert not form.hush_due(4.1), "once for each break"
    assert form.hush_beat() == inf
    heard = form.audible([event(3.8), event(4.0), event(7.8), event(8.0)])
    assert [one.beat for one in heard] == [3.8, 8.0]


def test_the_end_of_a_note_passes_through_a_break() -> None:
    form = FillsAndBreaks()
    form.rest(16, 32)
    assert form.audible([event(5.0, velocity=0)]) == [event(5.0, velocity=0)]


def test_a_second_break_is_silenced_too() -> None:
    form = FillsAndBreaks()
    form.rest(16, 32)
    form.hush_due(5.0)
    form.rest(48, 64)
    assert form.hush_due(12.0)


# -- intensity


def bars(intensity: Intensity, count: int, velocity: int, onsets: int) -> str:
    for _ in range(count):
        for _ in range(onsets):
            intensity.add(velocity)
        intensity.bar_ended(4.0)
    return intensity.variation


def test_two_loud_dense_bars_in_a_row_bring_b_and_two_quiet_ones_a() -> None:
    intensity = Intensity()
    assert bars(intensity, 1, 120, 12) == "A"
    assert bars(intensity, 1, 120, 12) == "B"
    assert bars(intensity, 1, 40, 4) == "B"
    assert bars(intensity, 1, 40, 4) == "A"


def test_a_silent_bar_between_them_neither_counts_nor_interrupts() -> None:
    intensity = Intensity()
    bars(intensity, 1, 120, 12)
    intensity.bar_ended(4.0)
    assert bars(intensity, 1, 120, 12) == "B"


def test_loud_bars_that_alternate_with_quiet_ones_change_nothing() -> None:
    intensity = Intensity()
    for _ in range(6):
        bars(intensity, 1, 120, 12)
        assert bars(intensity, 1, 60, 6) == "A"


# -- choices


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"follow": True}, {"follow": True}),
        ({"left_hand": True}, {"left_hand": True}),
        ({"metronome": True}, {"metronome": True}),
        ({"transpose_keys": 2}, {"transposition": Transposition(2, 0)}),
        ({"transpose_band": -3}, {"transposition": Transposition(0, -3)}),
    ],
)
def test_a_setting_that_was_changed_wins_over_what_was_chosen(change: dict[str, Any], expected: dict[str, Any]) -> None:
    before = EngineSettings()
    choices = Choices.of(before)
    renewed = choices.renewed(before, replace(before, **change))
    assert renewed == replace(choices, **expected)


def test_settings_that_did_not_change_leave_the_players_choices_alone() -> None:
    before = EngineSettings()
    chosen = replace(
        Choices.of(before), follow=True, left_hand=True, metronome=True, transposition=Transposition(5, 5), loop="2"
    )
    assert chosen.renewed(before, before) == chosen


def test_a_changed_key_replaces_the_key_and_no_other_direction() -> None:
    before = EngineSettings()
    chosen = replace(Choices.of(before), directions=replace(PLAIN, creativity=0.9, key=key_of("D")))
    renewed = chosen.renewed(before, replace(before, key="Am"))
    assert renewed.directions == replace(PLAIN, creativity=0.9, key=key_of("Am"))
    assert chosen.renewed(before, before).directions.key == key_of("D")


@pytest.mark.parametrize(
    ("keys", "band", "tonic"), [(0, 0, 2), (2, 2, 2), (2, 0, 4), (0, 2, 0), (-11, 0, 3), (0, -11, 1)]
)
def test_the_band_gets_the_key_at_its_own_pitches(keys: int, band: int, tonic: int) -> None:
    chosen = replace(Choices(), directions=replace(PLAIN, key=Key(2, False)), transposition=Transposition(keys, band))
    assert chosen.heard_directions.key == Key(tonic, False)


def test_without_a_key_transposition_changes_no_direction() -> None:
    chosen = replace(Choices(), transposition=Transposition(3, 0))
    assert chosen.heard_directions is chosen.directions
