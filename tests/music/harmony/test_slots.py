"""Slots: the beats of every metre, in order and without gaps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.harmony.slots import BEAT, HALF, LINE, slots_between, slots_of_bar, unit_of
from composerd.music.metre import BarGrid, Metre

METRES = [Metre(*pair) for pair in ((4, 4), (3, 4), (2, 4), (5, 4), (6, 8), (9, 8), (12, 8), (7, 8), (5, 8), (2, 2))]


@pytest.mark.parametrize(
    ("metre", "lengths"),
    [
        (Metre(4, 4), [4, 4, 4, 4]), (Metre(3, 4), [4, 4, 4]), (Metre(6, 8), [6, 6]), (Metre(12, 8), [6, 6, 6, 6]),
        (Metre(7, 8), [4, 4, 4, 2]), (Metre(5, 8), [4, 4, 2]), (Metre(2, 2), [4, 4, 4, 4]),
    ],
)  # fmt: skip
def test_a_slot_is_a_beat_and_an_odd_bar_ends_with_what_is_left(metre: Metre, lengths: list[int]) -> None:
    slots = slots_between(BarGrid.of(metre), 0, metre.bar_steps)
    assert [slot.length for slot in slots] == lengths


def test_a_rest_of_one_step_joins_the_slot_before() -> None:
    assert [length for _, length, *_ in slots_of_bar(9, 4)] == [4, 5]
    assert [length for _, length, *_ in slots_of_bar(1, 4)] == [1]


def test_a_slot_knows_bar_line_middle_and_other_beats() -> None:
    levels = {metre: [slot.level for slot in slots_between(BarGrid.of(metre), 0, metre.bar_steps)] for metre in METRES}
    assert levels[Metre(4, 4)] == [LINE, BEAT, HALF, BEAT]
    assert levels[Metre(3, 4)] == [LINE, BEAT, BEAT]
    assert levels[Metre(6, 8)] == [LINE, HALF]


@given(st.sampled_from(METRES), st.integers(0, 200), st.integers(1, 100))
def test_slots_follow_each_other_from_a_bar_line_on(metre: Metre, first: int, length: int) -> None:
    grid = BarGrid.of(metre)
    slots = slots_between(grid, first, first + length)
    assert slots[0].start == grid.bar_line(first)
    assert [slot.end for slot in slots[:-1]] == [slot.start for slot in slots[1:]]
    assert slots[-1].start < first + length
    assert all(slot.count == sum(one.bar == slots[0].bar for one in slots) for slot in slots[:1] if length > 40)


def test_slots_follow_a_change_of_metre() -> None:
    grid = BarGrid.of(Metre(4, 4)).changed(16, Metre(3, 4))
    assert [(slot.start, slot.bar) for slot in slots_between(grid, 0, 40)] == [
        (0, 0), (4, 0), (8, 0), (12, 0), (16, 1), (20, 1), (24, 1), (28, 2), (32, 2), (36, 2)
    ]  # fmt: skip


@pytest.mark.parametrize(("metre", "unit"), [(Metre(4, 4), 4), (Metre(6, 8), 6), (Metre(9, 8), 6)])
def test_compound_metres_count_in_dotted_quarters(metre: Metre, unit: int) -> None:
    assert unit_of(metre) == unit
