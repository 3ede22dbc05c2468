"""Readings of a tune: which there are, and how their ratings are weighed against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.harmony.net import CHORDS
from composerd.music.harmony.readings import SHIFTS, Reading, readings_of, sureness, weighed
from composerd.music.harmony.styles import HARMONY_STYLES, of_song, style_of

C, G = 0, 21
"""chord indices: 3 * root + kind"""


def ratings(seed: int, readings: int, slots: int) -> np.ndarray:
    """Log probabilities (readings, slots, CHORDS)."""
    raw = np.random.default_rng(seed).normal(size=(readings, slots, CHORDS))
    return np.asarray(raw - np.log(np.exp(raw).sum(-1, keepdims=True)), np.float32)


def test_a_style_with_one_reading_is_also_read_a_fifth_higher_and_lower() -> None:
    assert [one.tonic for one in readings_of(10, HARMONY_STYLES["pop"], said=False)] == [10, 5, 3]
    assert {one.heard for one in readings_of(0, HARMONY_STYLES["jazz"], said=False)} == {"jazz"}


def test_where_the_player_has_set_the_key_there_is_no_other() -> None:
    assert readings_of(4, HARMONY_STYLES["pop"], said=True) == (Reading(4, None),)


def test_rock_is_read_as_rock_in_one_key_and_as_any_style_in_three() -> None:
    found = readings_of(7, HARMONY_STYLES["rock"], said=False)
    assert found == (Reading(7, "rock"), Reading(7, None), Reading(2, None), Reading(0, None))
    assert readings_of(7, HARMONY_STYLES["rock"], said=True) == found[:2]


@pytest.mark.parametrize("style", ["folk", "", "something new"])
def test_an_unknown_style_is_read_as_pop(style: str) -> None:
    assert style_of(style) == HARMONY_STYLES["pop"]


def test_the_harmony_of_a_hymn_may_change_on_every_beat() -> None:
    assert of_song("hymn").staying == (0.0, 0.0, 0.0)
    assert of_song("jazz").staying[0] == 0.0
    assert 0 < of_song("jazz").staying[1] < of_song("jazz").staying[2]


def test_sureness_is_the_best_chords_rating() -> None:
    logs = ratings(1, 3, 5)
    assert (sureness(logs) == logs.max(-1)).all()


def test_a_single_reading_is_taken_as_it_is() -> None:
    logs = ratings(2, 1, 4)
    assert (weighed((Reading(3, None),), logs, sureness(logs)) == logs[0]).all()


@given(st.integers(0, 500), st.integers(1, 40))
def test_equally_sure_readings_of_one_tonic_count_alike(seed: int, slots: int) -> None:
    logs = ratings(seed, 2, slots)
    found = weighed((Reading(0, "rock"), Reading(0, None)), logs, np.zeros((2, slots), np.float32))
    assert np.allclose(found, logs.mean(0), atol=1e-5)


@given(st.integers(0, 500))
def test_ratings_stay_between_those_of_the_readings(seed: int) -> None:
    logs = ratings(seed, 2, 8)
    found = weighed((Reading(5, "rock"), Reading(5, None)), logs, sureness(logs))
    assert (found <= logs.max(0) + 1e-4).all()
    assert (found >= logs.min(0) - 1e-4).all()


def test_the_surer_reading_counts_for_more_the_longer_it_was_so() -> None:
    logs = ratings(3, 2, 1)
    readings = (Reading(0, "rock"), Reading(0, None))
    shares = []
    for slots in (1, 8, 200):
        sure = np.repeat(np.array([[-0.5], [-1.5]], np.float32), slots, 1)
        found = weighed(readings, logs, sure)
        shares.append(float(((found - logs[1]) / (logs[0] - logs[1])).mean()))
    assert 0.5 < shares[0] < shares[1] < shares[2] <= 1.0


def test_chords_above_another_tonic_are_turned_to_the_first_ones() -> None:
    logs = np.full((3, 1, CHORDS), -20.0, np.float32)
    logs[0, 0, G] = 0.0  # the fifth above the first tonic
    logs[1, 0, C] = 0.0  # the tonic of the reading a fifth higher: the same chord
    logs[2, 0, 3 * 2] = 0.0  # the second above the reading a fourth higher: again the same
    readings = tuple(Reading(shift, None) for shift in SHIFTS)
    found = weighed(readings, logs, np.zeros((3, 1), np.float32))
    assert found[0].argmax() == G
    assert found[0, G] == pytest.approx(0.0, abs=1e-5)
