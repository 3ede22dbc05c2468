"""The measurement of following: its players keep their curves, and it tells who follows from who does not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.app.demo_tunes import TUNES
from composerd.bench.follow import (
    BPM,
    CURVES,
    HEARD_LATE,
    LISTENED,
    Tracked,
    band_beats,
    drifted,
    figure,
    moments,
    onsets_of,
    track,
)
from composerd.engine.settings import EngineSettings

FOLLOWS, KEEPS = EngineSettings(follow=True), EngineSettings(follow=False)
QUARTERS = [float(beat) for beat in range(48)]


SECONDS = {name: moments(QUARTERS, curve, BPM) for name, curve in CURVES.items()}


@given(st.floats(0, 40), st.floats(0.001, 5))
def test_a_steady_player_plays_each_beat_in_its_time_and_later_beats_later(beat: float, further: float) -> None:
    assert SECONDS["steady"](beat) == pytest.approx(beat * 60 / BPM)
    for second in SECONDS.values():
        assert second(beat) < second(beat + further)


@pytest.mark.parametrize(
    ("name", "factor"), [("steady, set 8 % too slow", 1 / 1.08), ("steady, set 8 % too fast", 1 / 0.92)]
)
def test_a_player_that_is_set_too_slow_takes_less_time(name: str, factor: float) -> None:
    assert SECONDS[name](40) == pytest.approx(factor * 40 * 60 / BPM)


@pytest.mark.parametrize("name", sorted(TUNES))
def test_a_tune_for_following_begins_on_a_beat_and_is_played_twice(name: str) -> None:
    once, twice = onsets_of(TUNES[name], 1), onsets_of(TUNES[name], 2)
    on_beats = [step / 4 for step, _, _ in TUNES[name].notes() if step % 4 == 0]
    assert once[0] == on_beats[0], "the first of them, so that no bar of the tune is left out"
    assert once == twice[: len(once)]
    assert twice == sorted(twice)
    shift = twice[len(once)] - once[0]
    assert len(twice) >= 2 * len(once)
    assert shift > once[-1] - once[0]


def test_beside_a_steady_player_a_band_that_follows_keeps_within_a_few_milliseconds() -> None:
    found = track(QUARTERS, "steady", FOLLOWS, noise=0.0)
    assert max(abs(error) for error in found.errors) < 0.005
    assert found.out_of_step == 0.0


def test_a_band_that_does_not_follow_is_left_behind_and_one_that_does_is_not() -> None:
    name = "steady, set 8 % too slow"
    left, kept = (track(QUARTERS, name, settings, noise=0.0) for settings in (KEEPS, FOLLOWS))
    assert left.errors[-1] == pytest.approx(46 * (60 / BPM) * (1 - 1 / 1.08), abs=0.05)
    assert left.out_of_step > 0.5 > kept.out_of_step
    assert abs(kept.errors[-1]) < 0.05


def test_equal_seeds_are_equal_players() -> None:
    one, again, other = (track(QUARTERS, "steady", FOLLOWS, seed) for seed in (1, 1, 2))
    assert one == again != other


def test_the_bands_beats_are_counted_from_the_players_first_key() -> None:
    beats = band_beats([1.0 + 60 / BPM * beat for beat in range(16)], KEEPS)
    gaps = [round(b - a, 6) for a, b in pairwise(beats)]
    assert beats[0] == pytest.approx(1.0)
    assert set(gaps) == {0.6}


def test_two_who_follow_each_other_slow_down_unless_the_band_knows_how_late_it_is_heard() -> None:
    told = EngineSettings(follow=True, follow_latency_ms=1000 * HEARD_LATE)
    lost, kept = drifted(FOLLOWS, 0), drifted(told, 0)
    assert lost > kept
    assert drifted(FOLLOWS, 0) == lost, f"the same {LISTENED} beats"


def test_a_figure_is_the_median_of_all_errors_with_its_limit() -> None:
    found = figure("x", [Tracked((0.01, -0.02), 0.0), Tracked((0.03,), 0.5)], 25.0)
    assert (found.value, found.unit, found.limit, found.reached) == (20.0, "ms", 25.0, True)
    assert "out of step 25.0 % of 3 beats" in found.detail
