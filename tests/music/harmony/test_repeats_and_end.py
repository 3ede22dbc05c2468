"""What the form of a whole tune changes: bars with equal melody are harmonised alike, and the end is at home."""

from __future__ import annotations

import numpy as np
import pytest

from composerd.music.harmony.form import HOME, SHARED, home, with_repeats
from composerd.music.harmony.net import CHORDS
from composerd.music.harmony.readings import Reading
from composerd.music.harmony.tune import Tune, tune_of, view_of
from composerd.music.metre import BarGrid, Metre
from composerd.music.roll import MelodyRoll

C, C_MINOR, A_MINOR = 0, 1, 28
"""chord indices: 3 * root + kind"""


def tune(pitches: list[int], metre: Metre | None = None) -> Tune:
    """Quarter notes, -1 for a rest."""
    pitch = np.repeat(np.array(pitches, np.int16), 4)
    onset = np.zeros(len(pitch), np.bool_)
    onset[::4] = pitch[::4] >= 0
    grid = BarGrid.of(metre or Metre())
    return tune_of(view_of(grid, 0, len(pitch)), MelodyRoll(0, pitch, onset), None, None)


READING = (Reading(0, None),)


def worth(slots: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(1, slots, CHORDS)).astype(np.float32)


def test_equal_bars_are_drawn_towards_their_mean() -> None:
    given = worth(12)
    found = with_repeats(given, READING, tune([60, 64, 67, 64, 62, 65, 69, 65, 60, 64, 67, 64]))
    mean = (given[:, :4] + given[:, 8:]) / 2
    assert np.allclose(found[:, :4], given[:, :4] + SHARED * (mean - given[:, :4]))
    assert np.allclose(found[:, 8:], given[:, 8:] + SHARED * (mean - given[:, 8:]))
    assert (found[:, 4:8] == given[:, 4:8]).all(), "a bar that never comes back stays"


def test_the_reading_as_rock_stays_as_it_is_because_a_line_of_a_blues_returns_over_another_chord() -> None:
    given = np.concatenate([worth(8), worth(8)])
    found = with_repeats(given, (Reading(0, "rock"), Reading(0, None)), tune([60, 63, 65, 67] * 2))
    assert (found[0] == given[0]).all()
    assert not (found[1] == given[1]).all()


def test_bars_of_rests_have_nothing_in_common() -> None:
    given = worth(8)
    assert (with_repeats(given, READING, tune([-1] * 8)) == given).all()


def test_a_bar_that_is_cut_short_is_no_repeat() -> None:
    given = worth(6)
    assert (with_repeats(given, READING, tune([60, 60, 60, 60, 60, 60])) == given).all()


def test_what_was_given_is_left_as_it_is() -> None:
    given = worth(8)
    before = given.copy()
    with_repeats(given, READING, tune([60, 64, 67, 64] * 2))
    assert (given == before).all()


def test_from_the_last_note_on_the_tonic_is_at_home_where_the_note_belongs_to_it() -> None:
    found = home(tune([67, 65, 62, 60]), (Reading(0, None),), 4)
    assert (found[0, :3] == 0).all()
    assert found[0, 3, C] == HOME
    assert found[0, 3, A_MINOR] == HOME, "the relative minor, if that is the key"
    assert found[0, 3].sum() == 2 * HOME


@pytest.mark.parametrize(("last", "chords"), [(64, {C, A_MINOR}), (67, {C}), (69, {A_MINOR}), (62, set()), (65, set())])
def test_a_chord_without_the_last_note_gets_nothing(last: int, chords: set[int]) -> None:
    found = home(tune([60, 62, 64, last]), (Reading(0, None),), 4)
    assert set(np.flatnonzero(found[0, 3]).tolist()) == chords


def test_each_reading_has_its_own_home() -> None:
    found = home(tune([67, 65, 62, 60]), (Reading(0, None), Reading(5, None), Reading(2, None)), 4)
    assert found[0, 3, C] == HOME, "C is the tonic"
    assert found[1, 3, C] == HOME, "C is the fifth of F"
    assert found[2, 3].sum() == 0, "C does not belong to D major, nor to its relative minor"


def test_a_note_that_is_held_to_the_end_is_at_home_all_the_while() -> None:
    pitch = np.full(16, 60, np.int16)
    onset = np.zeros(16, np.bool_)
    onset[0] = True
    held = tune_of(view_of(BarGrid.of(Metre()), 0, 16), MelodyRoll(0, pitch, onset), None, None)
    assert (home(held, (Reading(0, None),), 4)[0, :, C] == HOME).all()


def test_without_a_note_there_is_no_home() -> None:
    assert (home(tune([-1] * 4), (Reading(0, None),), 4) == 0).all()
