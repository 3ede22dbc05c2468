"""A tune that comes back is recognised whatever its rhythm and ornaments, and another tune is not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.recall import AHEAD_BARS, extended, recall
from composerd.music.roll import REST, MelodyRoll

BAR = 16


def roll(pitches: list[int], first: int = 0) -> MelodyRoll:
    """A note on every eighth."""
    pitch = np.repeat(np.array(pitches, np.int16), 2)
    return MelodyRoll(first, pitch, np.arange(len(pitch)) % 2 == 0)


def tune(seed: int, bars: int, low: int = 60) -> list[int]:
    """A melody of chance in C major, eighths."""
    scale = [0, 2, 4, 5, 7, 9, 11, 12]
    dice = np.random.default_rng(seed)
    return [low + scale[index] for index in dice.integers(0, 8, 8 * bars)]


def test_a_section_that_returns_is_recognised_and_its_continuation_foreseen() -> None:
    a, b = tune(1, 8), tune(2, 8)
    heard = roll(a + b + a[:32])
    found = recall(heard, BAR)
    assert found is not None
    assert (found.distance, found.bars, found.certainty) == (16 * BAR, 4, 1.0)
    ahead = found.ahead(heard, BAR)
    assert ahead.first == heard.end
    assert len(ahead.pitch) == AHEAD_BARS * BAR
    assert np.array_equal(ahead.pitch, roll(a[32:64]).pitch)
    assert np.array_equal(extended(heard, ahead).window(heard.end, ahead.end).pitch, ahead.pitch)


def test_the_most_recent_of_equal_places_is_taken() -> None:
    a = tune(1, 4)
    found = recall(roll(a * 3), BAR)
    assert found is not None
    assert found.distance == 4 * BAR


def test_what_is_foreseen_ends_where_the_present_begins() -> None:
    a = tune(1, 2)
    heard = roll(a + a[:8])
    found = recall(heard, BAR)
    assert found is not None
    assert len(found.ahead(heard, BAR).pitch) == min(AHEAD_BARS * BAR, found.distance)


def test_the_note_just_struck_must_be_equal() -> None:
    a = tune(1, 8)
    assert recall(roll([*a, *a[:31], a[31] + 1]), BAR) is None


def test_a_rest_or_a_repeated_note_says_nothing() -> None:
    assert recall(MelodyRoll(0, np.full(10 * BAR, REST, np.int16), np.zeros(10 * BAR, np.bool_)), BAR) is None
    assert recall(roll([60] * 80), BAR) is None


@given(st.integers(0, 1000), st.integers(-11, 11))
def test_recognition_is_the_same_in_every_key(seed: int, semitones: int) -> None:
    line = [*tune(seed, 4), *tune(seed + 1, 4), *tune(seed, 4)]
    assert recall(roll(line), BAR) == recall(roll([pitch + semitones for pitch in line]), BAR)


@given(st.integers(0, 1000))
def test_two_ornaments_and_a_late_note_in_four_bars_do_not_matter(seed: int) -> None:
    a = tune(seed, 4)
    heard = roll([*a, *tune(seed + 1, 4), *a])
    pitch = heard.pitch.copy()
    pitch[8 * BAR + 3] += 2
    pitch[9 * BAR + 7] += 1
    pitch[10 * BAR : 10 * BAR + 1] = pitch[10 * BAR - 1]
    found = recall(MelodyRoll(0, pitch, heard.onset), BAR)
    assert found is not None
    assert found.distance == 8 * BAR


@given(st.integers(0, 1000))
def test_another_tune_in_the_same_key_is_not_taken_for_it(seed: int) -> None:
    assert recall(roll([*tune(seed, 16), *tune(seed + 5000, 4)]), BAR) is None
