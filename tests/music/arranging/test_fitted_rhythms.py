"""Rhythms fitted to other metres, beat by beat, with answers written by hand; fills by length and place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.arranging.drum_tables import FILL_KEYS
from composerd.music.arranging.fills import FROM, TO, fill, fill_length
from composerd.music.arranging.patterns import beat_lengths, fitted, half_time
from composerd.music.metre import BarGrid, Metre
from scenes import BAR, C, plan_of, scene_of

METRES = st.sampled_from([Metre(*pair) for pair in ((2, 4), (3, 4), (5, 4), (6, 8), (7, 8), (9, 8), (12, 8), (3, 8))])
SIGNS = st.text("x.-5o", min_size=16, max_size=16)


@pytest.mark.parametrize(
    ("metre", "beats"),
    [
        ("4/4", [4, 4, 4, 4]),
        ("2/2", [4, 4, 4, 4]),
        ("3/4", [4, 4, 4]),
        ("6/8", [6, 6]),
        ("9/8", [6, 6, 6]),
        ("5/8", [4, 6]),
        ("7/8", [4, 4, 6]),
        ("3/8", [6]),
        ("1/8", [2]),
        ("7/16", [7]),
    ],
)
def test_the_beats_of_a_bar_are_quarters_with_a_longer_last_one_or_dotted_quarters(
    metre: str, beats: list[int]
) -> None:
    numerator, denominator = metre.split("/")
    assert beat_lengths(Metre(int(numerator), int(denominator))) == beats


@pytest.mark.parametrize(
    ("metre", "bar"),
    [
        (Metre(4, 4), "x---5---o---a---"),
        (Metre(3, 4), "x---o---a---"),
        (Metre(2, 4), "x---o---"),
        (Metre(1, 4), "x---"),
        (Metre(5, 4), "x---5---o---5---a---"),
        (Metre(6, 4), "x---5---o---5---o---a---"),
        (Metre(6, 8), "x-----o-----"),
        (Metre(9, 8), "x-----o-----a-----"),
        (Metre(12, 8), "x-----5-----o-----a-----"),
        (Metre(5, 8), "x---o-----"),
        (Metre(7, 8), "x---o---a-----"),
        (Metre(1, 8), "x-"),
    ],
    ids=str,
)
def test_a_bar_of_quarters_keeps_its_first_beat_first_and_its_last_one_last(metre: Metre, bar: str) -> None:
    assert fitted("x---5---o---a---", metre) == bar


@pytest.mark.parametrize(
    ("beat", "dotted"),
    [
        ("x---", "x-----"),
        ("x...", "x....."),
        ("x.x.", "x...x."),  # an eighth comes late, as in a lilt
        ("x-x-", "x---x-"),
        ("x--x", "x----x"),
        ("xx..", "x-x-.."),
        ("..x.", "....x."),
    ],
)
def test_a_quarter_becomes_a_dotted_quarter(beat: str, dotted: str) -> None:
    assert fitted(beat + "...." * 3, Metre(6, 8))[:6] == dotted


@pytest.mark.parametrize(
    ("beat", "longer"), [("x---", "x----"), ("x...", "x...."), ("xxxx", "xxxx-"), ("...x", "...x-")]
)
def test_a_fifth_sixteenth_goes_on_with_the_fourth(beat: str, longer: str) -> None:
    assert fitted(beat * 4, Metre(5, 16)) == longer


def test_a_beat_of_seven_sixteenths_ends_as_its_sixth_does() -> None:
    assert fitted("x--x" * 4, Metre(7, 16)) == "x----x-"
    assert fitted("x.x." * 4, Metre(7, 16)) == "x.x.x.."
    assert fitted("x-x-" * 4, Metre(7, 16)) == "x-x-x--"


def test_a_waltz_rhythm_in_five_repeats_its_middle_beat() -> None:
    assert fitted("x---o---a---", Metre(5, 4)) == "x---o---o---o---a---"


@pytest.mark.parametrize(
    ("pattern", "bar"),
    [
        ("x.x.x.x.x---x---", "x.x.x.x-----"),  # six onsets a bar flow: a further eighth keeps them even
        ("x.x.x.x.x-------", "x...x.x-----"),  # five do not: the eighth comes late
        ("x.x.o.o.x.x.x.x.", "x.x.x.x.x.x."),
    ],
)
def test_a_rhythm_of_six_onsets_flows_through_dotted_beats(pattern: str, bar: str) -> None:
    assert fitted(pattern, Metre(6, 8)) == bar


def test_a_waltz_rhythm_of_two_dotted_beats_is_no_rhythm_of_three_quarters() -> None:
    assert fitted("x---o---o---", Metre(3, 4)) == "x---o---o---"
    assert fitted("x---o---o---", Metre(6, 8)) == "x-----o-----"


@given(SIGNS, METRES)
def test_a_fitted_bar_has_the_bars_length_and_no_sign_that_was_not_there(pattern: str, metre: Metre) -> None:
    bar = fitted(pattern, metre)
    assert len(bar) == metre.bar_steps
    assert set(bar) - {"-", "."} <= set(pattern)


@given(SIGNS, METRES)
def test_a_bar_that_begins_with_an_onset_still_does(pattern: str, metre: Metre) -> None:
    assert fitted("x" + pattern[1:], metre)[0] == "x"


@given(SIGNS)
def test_half_time_keeps_the_order_of_the_signs_and_doubles_their_distance(pattern: str) -> None:
    bars = half_time(pattern, second=False) + half_time(pattern, second=True)
    assert bars[::2] == pattern
    assert all(bars[at + 1] == ("." if pattern[at // 2] == "." else "-") for at in range(0, 32, 2))


@pytest.mark.parametrize(
    ("sections", "lengths"),
    [
        ((), [0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0, 4]),
        ((0, 6), [0, 0, 0, 4, 0, 8, 0, 0, 0, 4, 0, 0]),  # six bars, then groups counted anew
        ((0, 5), [0, 0, 0, 4, 8, 0, 0, 0, 4, 0, 0, 0]),
        ((0, 8), [0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0, 4]),
    ],
)
def test_fills_end_the_groups_and_sections_of_the_song(sections: tuple[int, ...], lengths: list[int]) -> None:
    scene = replace(scene_of(plan_of([C] * 12)), sections=tuple(bar * BAR for bar in sections))
    assert [fill_length(scene, bar * BAR) for bar in range(12)] == lengths


@pytest.mark.parametrize(
    ("metre", "group", "section", "asked", "ending"),
    [
        (Metre(4, 4), 4, 8, 16, 8),
        (Metre(3, 4), 4, 6, 12, 8),
        (Metre(2, 4), 4, 4, 8, 8),
        (Metre(6, 8), 4, 6, 12, 8),
        (Metre(5, 4), 4, 8, 16, 8),
        (Metre(1, 4), 2, 2, 4, 4),
    ],
    ids=str,
)
def test_a_fill_takes_no_more_than_half_of_a_bar_unless_it_was_asked_for(
    metre: Metre, group: int, section: int, asked: int, ending: int
) -> None:
    bar = metre.bar_steps
    scene = scene_of(plan_of([C] * 8, bar), grid=BarGrid.of(metre))
    assert fill_length(scene, 3 * bar) == group
    assert fill_length(scene, 7 * bar) == section
    assert fill_length(replace(scene, fill_until=2 * bar), bar) == asked
    assert fill_length(replace(scene, ending_at=2 * bar), bar) == ending


@given(st.integers(1, 16), st.integers(0, 30), st.integers(0, 40))
def test_a_fill_stays_in_its_steps_and_grows_from_first_to_last(length: int, bar: int, seed: int) -> None:
    end = (bar + 1) * BAR
    strokes = fill(scene_of(plan_of([C] * 4), seed=seed), bar * BAR, length)
    assert all(end - length <= step < end for step, _, _ in strokes)
    assert {key for _, key, _ in strokes} <= set(FILL_KEYS.values())
    factors = [factor for _, _, factor in strokes]
    assert factors == sorted(factors)
    assert all(FROM <= factor <= TO for factor in factors)


def test_equal_seeds_and_places_give_equal_fills() -> None:
    scene = scene_of(plan_of([C] * 4))
    assert fill(scene, 0, 16) == fill(scene, 0, 16)
    fills = {tuple(fill(scene_of(plan_of([C] * 4), seed=seed), 0, 16)) for seed in range(20)}
    assert 1 < len(fills) <= 4, "one of the four of the table"
