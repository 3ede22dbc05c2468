"""Sequences of chords: chosen one by one as in jam, and the best one of all, compared with trying every sequence."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.harmony.net import CHORDS
from composerd.music.harmony.path import FOLLOWS, OFF_BASS, TONES, best, chosen, entries, foretold, with_bass
from composerd.music.harmony.slots import BEAT, HALF, LINE, Slot, slots_between
from composerd.music.metre import BarGrid, Metre

C, C_MINOR, F, G = 0, 1, 15, 21
"""chord indices: 3 * root + kind"""
NO_STAYING = (0.0, 0.0, 0.0)


def slots(count: int) -> tuple[Slot, ...]:
    return slots_between(BarGrid.of(Metre()), 0, 4 * count)


def worth_of(*rows: dict[int, float]) -> np.ndarray:
    """Log probabilities of the named chords; all others are out of the question."""
    found = np.full((len(rows), CHORDS), -50.0, np.float32)
    for row, given_ in zip(found, rows, strict=True):
        for chord, value in given_.items():
            row[chord] = value
    return found


def transitions(seed: int) -> np.ndarray:
    return np.log(np.random.default_rng(seed).uniform(0.01, 1.0, (BEAT + 1, 3, 3, 12)))


def value_of(sequence: tuple[int, ...], worth: np.ndarray, follow: np.ndarray) -> float:
    """The total that `best` has to make as great as it can."""
    total = float(worth[0, sequence[0]])
    for index in range(1, len(sequence)):
        before, now = sequence[index - 1], sequence[index]
        move = follow[slots(len(sequence))[index].level, before % 3, now % 3, (now // 3 - before // 3) % 12]
        total += float(worth[index, now]) + FOLLOWS * float(move)
    return total


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_no_other_sequence_is_worth_more_than_the_best_one(seed: int, count: int) -> None:
    dice, follow = np.random.default_rng(seed), transitions(seed)
    some = (C, C_MINOR, F, G)
    worth = worth_of(*({chord: float(dice.normal()) for chord in some} for _ in range(count)))
    found = best(worth, slots(count), follow)
    tried = max(value_of(sequence, worth, follow) for sequence in product(some, repeat=count))
    assert value_of(tuple(found.tolist()), worth, follow) == pytest.approx(tried, abs=1e-5)


@given(st.integers(0, 10_000))
def test_transitions_are_those_of_the_net_that_asks(seed: int) -> None:
    """Tables of nets that are gone must not be taken for those of a new net at the same place in memory."""
    for one in range(3):
        follow = transitions(seed + one)
        worth = worth_of({C: 0.0, F: -0.01}, {C: 0.0, G: -0.01}, {C: -0.02, F: 0.0})
        found = best(worth, slots(3), follow)
        tried = max(value_of(sequence, worth, follow) for sequence in product((C, F, G), repeat=3))
        assert value_of(tuple(found.tolist()), worth, follow) == pytest.approx(tried, abs=1e-5)
        del follow


def test_a_prediction_begins_with_a_chord_that_follows_the_one_before() -> None:
    follow = np.full((BEAT + 1, 3, 3, 12), -9.0)
    follow[:, 0, 0, 5] = 0.0  # a fourth up, major to major
    worth = worth_of({C: 0.0, F: 0.0})
    assert foretold(worth, slots(1), follow, before=C).tolist() == [F]
    assert foretold(worth, slots(1), follow, before=G).tolist() == [C]


def test_nothing_to_predict_is_an_empty_sequence() -> None:
    assert foretold(np.zeros((0, CHORDS), np.float32), (), transitions(0), before=C).shape == (0,)


def test_without_a_chord_before_a_prediction_is_the_best_sequence() -> None:
    worth, follow = worth_of({C: -1.0, F: 0.0}, {C: 0.0, F: -0.5}), transitions(4)
    assert foretold(worth, slots(2), follow, before=None).tolist() == best(worth, slots(2), follow).tolist()


def test_chosen_one_by_one_each_slot_has_its_own_best_chord() -> None:
    worth = worth_of({C: 0.0, F: -1.0}, {C: -1.0, F: 0.0}, {G: 0.0, F: -0.2})
    assert chosen(worth, slots(3), NO_STAYING).tolist() == [C, F, G]


def test_a_chord_stays_off_the_bar_line_unless_another_is_clearly_better() -> None:
    levels = [slot.level for slot in slots(5)]
    assert levels == [LINE, BEAT, HALF, BEAT, LINE]
    little = worth_of(*[{C: 0.0, F: -9.0}] + [{C: -0.2, F: 0.0}] * 4)
    assert chosen(little, slots(5), (0.0, 0.15, 0.3)).tolist() == [C, C, F, F, F]
    assert chosen(little, slots(5), NO_STAYING).tolist() == [C, F, F, F, F]


def test_equally_good_chords_change_nothing() -> None:
    worth = worth_of({F: 0.0}, {C: 0.0, F: 0.0}, {C: 0.0, F: 0.0})
    assert chosen(worth, slots(3), NO_STAYING).tolist() == [F, F, F]


def test_a_bass_note_costs_the_chords_that_do_not_hold_it() -> None:
    worth = worth_of({C: 0.0, F: 0.0, G: 0.0}, {C: 0.0, F: 0.0, G: 0.0})
    led = with_bass(worth, np.array([9, -1]))
    assert [float(led[0, chord]) for chord in (C, F, G)] == [-OFF_BASS, 0.0, -OFF_BASS]
    assert (led[1] == worth[1]).all(), "without a bass note nothing changes"
    assert (worth[0, [C, G]] == 0.0).all(), "what was given is left as it is"


def test_without_any_bass_the_worth_is_handed_on() -> None:
    worth = worth_of({C: 0.0})
    assert with_bass(worth, np.array([-1])) is worth


@pytest.mark.parametrize(
    ("chord", "tones"), [(C, {0, 4, 7}), (C_MINOR, {0, 3, 7}), (2, {0, 3, 6}), (G, {7, 11, 2}), (35, {11, 2, 5})]
)
def test_an_index_stands_for_a_triad(chord: int, tones: set[int]) -> None:
    assert set(np.flatnonzero(TONES[chord]).tolist()) == tones


def test_an_entry_begins_at_each_change_and_each_bar_line() -> None:
    sequence = np.array([C, C, F, F, F, F, F, G])
    assert entries(sequence, slots(8)) == [(0, 2), (2, 4), (4, 7), (7, 8)]
    assert entries(np.array([C]), slots(1)) == [(0, 1)]
    assert entries(np.zeros(0, np.int64), ()) == []
