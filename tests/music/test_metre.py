"""Time signatures and the grid of bars: every step lies in exactly one bar, whatever metres follow each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.metre import BarGrid, Metre, parse_metre

METRES = [Metre(*one) for one in ((4, 4), (3, 4), (2, 4), (6, 8), (5, 4), (7, 8), (12, 8), (1, 16), (9, 8))]
changes = st.lists(st.tuples(st.integers(0, 60), st.sampled_from(METRES)), max_size=6)


def grid_of(given: list[tuple[int, Metre]], first: Metre = METRES[0]) -> BarGrid:
    """Changes of metre, each so many steps after the one before."""
    grid, step = BarGrid.of(first), 0
    for further, metre in given:
        step += further
        grid = grid.changed(step, metre)
    return grid


@pytest.mark.parametrize(
    ("text", "bar", "pulse"),
    [("4/4", 16, 4), ("3/4", 12, 4), ("6/8", 12, 6), ("3/8", 6, 2), ("12/8", 24, 6), ("2/2", 16, 8), ("7/8", 14, 2),
     ("4/32", 2, 1), ("1/1", 16, 16)],
)  # fmt: skip
def test_a_metre_has_the_steps_of_its_bar_and_of_its_pulse(text: str, bar: int, pulse: int) -> None:
    metre = parse_metre(text)
    assert (str(metre), metre.bar_steps, metre.pulse_steps) == (text, bar, pulse)


@pytest.mark.parametrize("text", ["", "4", "4/", "/4", "0/4", "65/4", "4/3", "4/64", "3/32", "x/4", "4/4/4", "-3/4"])
def test_what_is_no_metre_of_whole_16ths_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time signature such as 4/4"):
        parse_metre(text)


@given(changes, st.integers(0, 400))
def test_every_step_lies_in_its_bar(given: list[tuple[int, Metre]], step: int) -> None:
    grid = grid_of(given)
    place, line, following = grid.place(step), grid.bar_line(step), grid.next_bar_line(step)
    assert line <= step < following
    assert place.step == step - line
    assert following - line == place.bar_steps == place.metre.bar_steps
    assert grid.place(line).step == 0


@given(changes)
def test_bars_are_counted_without_a_gap(given: list[tuple[int, Metre]]) -> None:
    grid, step = grid_of(given), 0
    for bar in range(30):
        assert grid.place(step).bar == bar
        step = grid.next_bar_line(step)


@given(changes, st.integers(0, 200), st.sampled_from(METRES))
def test_a_change_holds_from_the_next_bar_line_on_and_touches_nothing_before(
    given: list[tuple[int, Metre]], step: int, metre: Metre
) -> None:
    grid = grid_of(given)
    changed = grid.changed(step, metre)
    line = step if grid.place(step).step == 0 else grid.next_bar_line(step)
    assert all(changed.place(one) == grid.place(one) for one in range(line))
    assert changed.place(line).metre == metre
    assert changed.place(line).step == 0
    assert changed.place(line + 500).metre == metre, "later changes are dropped"


@given(changes, st.integers(0, 30))
def test_a_grid_that_starts_later_has_the_same_bars_from_there_on(given: list[tuple[int, Metre]], bars: int) -> None:
    grid, line = grid_of(given), 0
    for _ in range(bars):
        line = grid.next_bar_line(line)
    later = grid.starting(line)
    for step in range(0, 200, 3):
        here, there = later.place(step), grid.place(line + step)
        assert (here.step, here.metre) == (there.step, there.metre)
        assert here.bar == there.bar - bars


def test_a_change_on_step_0_replaces_the_first_metre() -> None:
    assert BarGrid().changed(0, Metre(3, 4)) == BarGrid.of(Metre(3, 4))


def test_steps_before_bar_one_count_as_bars_of_the_first_metre() -> None:
    grid = BarGrid.of(Metre(3, 4))
    assert (grid.place(-1).bar, grid.place(-1).step) == (-1, 11)
    assert grid.bar_line(-1) == -12
    assert grid.next_bar_line(-13) == -12
