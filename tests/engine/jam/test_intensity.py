"""The variation that follows from how loudly and densely the player plays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.jam.intensity import Intensity

ORDINARY, LOUD, SOFT = (80, 6), (115, 8), (60, 4)
"""(velocity, keys in a bar of four beats)"""


def bars(*played: tuple[int, int], beats: float = 4.0) -> list[str]:
    """The variation after each bar."""
    heard, found = Intensity(), []
    for velocity, count in played:
        for _ in range(count):
            heard.add(velocity)
        heard.bar_ended(beats)
        found.append(heard.variation)
    return found


def test_two_loud_and_dense_bars_in_a_row_make_it_fuller_and_one_does_not() -> None:
    assert bars(LOUD, ORDINARY, LOUD, LOUD, LOUD) == ["A", "A", "A", "B", "B"]


def test_it_goes_back_after_two_ordinary_bars() -> None:
    assert bars(LOUD, LOUD, ORDINARY, LOUD, ORDINARY, ORDINARY) == ["A", "B", "B", "B", "B", "A"]


def test_bars_of_rest_change_nothing_and_do_not_break_a_run() -> None:
    assert bars(LOUD, (80, 0), (80, 0), LOUD) == ["A", "A", "A", "B"]
    assert bars(LOUD, LOUD, (80, 0), (80, 0)) == ["A", "B", "B", "B"]


def test_what_lies_between_ordinary_and_full_keeps_what_there_is() -> None:
    between = (95, 6)
    assert bars(*[between] * 4) == ["A"] * 4
    assert bars(LOUD, LOUD, *[between] * 4) == ["A", *"BBBBB"]


def test_many_soft_notes_are_as_full_as_few_loud_ones() -> None:
    assert bars((80, 12), (80, 12)) == ["A", "B"]
    assert bars((127, 6), (127, 6)) == ["A", "B"]
    assert bars((127, 1), (127, 1)) == ["A", "A"], "single accents are not"


def test_density_is_of_the_beats_of_the_bar() -> None:
    assert bars((80, 9), (80, 9), beats=3.0) == ["A", "B"]
    assert bars((80, 9), (80, 9), beats=6.0) == ["A", "A"]


@given(st.integers(20, 400), st.integers(1, 127))
def test_beyond_some_density_more_notes_make_no_difference(count: int, velocity: int) -> None:
    assert bars((velocity, count), (velocity, count)) == bars((velocity, 2 * count), (velocity, 2 * count))


@pytest.mark.parametrize("played", [ORDINARY, SOFT])
def test_ordinary_and_soft_playing_stays_as_it_is(played: tuple[int, int]) -> None:
    assert set(bars(*[played] * 8)) == {"A"}
