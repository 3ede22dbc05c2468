"""Rhythms in any metre, and the tables they come from."""

from __future__ import annotations

from collections import Counter

import pytest

from composerd.music.arranging.drum_tables import DRUMS, FILL_KEYS, FILLS, STROKES
from composerd.music.arranging.pattern_tables import STYLES, table_of
from composerd.music.arranging.patterns import draw, fitted, half_time, pick
from composerd.music.genre import ROLES
from composerd.music.metre import Metre

METRES = [
    Metre(4, 4),
    Metre(3, 4),
    Metre(2, 4),
    Metre(5, 4),
    Metre(7, 8),
    Metre(6, 8),
    Metre(9, 8),
    Metre(12, 8),
    Metre(1, 16),
]


@pytest.mark.parametrize("metre", METRES, ids=str)
@pytest.mark.parametrize("pattern", ["x---x---x---x---", "x.x.x.x.x.x.x.x.", "x-------x-------", "xxxxxxxxxxxxxxxx"])
def test_a_rhythm_fills_a_bar_of_any_metre_and_begins_with_it(metre: Metre, pattern: str) -> None:
    bar = fitted(pattern, metre)
    assert len(bar) == metre.bar_steps
    assert bar[0] == "x"


def test_a_rhythm_of_the_bars_own_length_is_left_alone() -> None:
    assert fitted("x-....x.x-..5.a.", Metre(4, 4)) == "x-....x.x-..5.a."
    assert fitted("x---o---o---", Metre(3, 4)) == "x---o---o---"


def test_in_compound_metres_beats_are_dotted_and_flowing_eighths_stay_even() -> None:
    assert fitted("x---x---x---x---", Metre(6, 8)) == "x-----x-----"
    assert fitted("x.x.x.x.x.x.x.x.", Metre(6, 8)) == "x.x.x.x.x.x."


def test_half_time_spreads_a_bar_over_two() -> None:
    bar = "x-x.x---x-x-x-a-"
    assert half_time(bar, second=False) + half_time(bar, second=True) == "x---x-..x-------x---x---x---a---"


def test_draws_depend_on_nothing_but_seed_and_keys_and_are_spread_evenly() -> None:
    assert draw(1, 2, 3) == draw(1, 2, 3)
    assert len({draw(1, 2, 3), draw(2, 2, 3), draw(1, 3, 2), draw(1, 2)}) == 4
    chosen = Counter(pick("abcd", 7, number) for number in range(4000))
    assert set(chosen) == set("abcd")
    assert min(chosen.values()) > 850


@pytest.mark.parametrize("style", STYLES)
def test_the_rhythms_of_a_style_are_bars_that_begin_something(style: str) -> None:
    for row in STYLES[style].values():
        for length, patterns in ((16, (*row.a, *row.b, *row.slow)), (12, row.three)):
            assert patterns or row.slow == patterns
            for pattern in patterns:
                assert len(pattern) == length
                assert set(pattern) <= set(".-xXotbwnma123458")
        assert 0 <= row.keep <= 1
        assert 0 < row.present <= 1


@pytest.mark.parametrize("style", DRUMS)
def test_grooves_are_bars_of_known_strokes(style: str) -> None:
    table = DRUMS[style]
    for length, grooves in ((16, (*table.a, *table.b)), (12, table.three)):
        for groove in grooves:
            assert all(len(line) == length and set(line) <= {".", *STROKES} for _, line in groove.lines)
            assert all(35 <= key <= 81 for key, _ in groove.lines)


def test_fills_are_as_long_as_they_say() -> None:
    for length, fills in FILLS.items():
        assert all(len(fill) == length and set(fill) <= {".", *FILL_KEYS} for fill in fills)


def test_every_role_of_every_style_finds_a_row() -> None:
    for style in (*STYLES, "unheard of"):
        for role in ROLES:
            assert table_of(style, "somebody", role).a
