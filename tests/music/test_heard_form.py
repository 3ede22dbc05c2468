"""Forms of 8, 12, 16 and 32 bars are recognised from repeated melodies, and from chords where the melody is another."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.heard_form import HeardForm
from composerd.music.roll import REST, Steps

BAR = 16
BLUES = [0, 0, 0, 0, 5, 5, 0, 0, 7, 5, 0, 7]


def melody(seed: int) -> Steps:
    """A bar of eighths."""
    dice = np.random.default_rng(seed)
    return np.repeat(60 + np.array([0, 2, 4, 5, 7, 9, 11, 12])[dice.integers(0, 8, 8)], 2).astype(np.int16)


def section(letter: str, bars: int) -> list[Steps]:
    return [melody(1000 * ord(letter) + bar) for bar in range(bars)]


def heard(bars: list[Steps], roots: list[int] | None = None, first: int = 0) -> HeardForm:
    form = HeardForm()
    for index, pitch in enumerate(bars):
        root = roots[index % len(roots)] if roots else index % 5
        form.bar_ended(first + index * BAR, pitch, [(root, False)] * 2, 0)
    return form


@pytest.mark.parametrize("length", [8, 12, 16, 32])
def test_a_chorus_is_recognised_two_bars_after_it_came_back(length: int) -> None:
    bars = section("A", length)
    assert heard(bars).length is None
    form = heard([*bars, *bars[:2]])
    assert (form.length, form.start) == (length, 0)
    assert form.sections((length + 2) * BAR) == (0, length * BAR, 2 * length * BAR)
    place = form.place((length + 2) * BAR)
    assert str(place) == f"chorus, second time, bar 3 of {length}"


def test_aaba_is_three_times_a_and_a_bridge() -> None:
    a, b = section("A", 8), section("B", 8)
    form = heard([*a, *a, *b, *a[:3]])
    assert form.length == 8
    assert str(form.place((8 + 2) * BAR)) == "A, second time, bar 3 of 8"
    assert str(form.place((16 + 2) * BAR)) == "B, first time, bar 3 of 8"
    assert str(form.place((24 + 2) * BAR)) == "A, third time, bar 3 of 8"
    chorus = heard([*a, *a, *b, *a, *a, *a, *b])
    assert chorus.chorus == 32
    assert str(chorus.place(56 * BAR)) == "A, sixth time, bar 1 of 8", "foreseen from the chorus before"


def test_an_introduction_before_the_form_moves_its_lines() -> None:
    a = section("A", 8)
    form = heard([*section("I", 4), *a, *a[:3]])
    assert (form.length, form.start) == (8, 4)
    assert form.place(0) is None


def test_a_first_bar_that_differs_does_not_move_the_line() -> None:
    a = section("A", 8)
    form = heard([*a, melody(99), *a[1:4]], roots=[0, 5, 7, 0, 9, 2, 7, 0])
    assert (form.length, form.start) == (8, 0)


def test_a_blues_is_recognised_from_its_chords_under_a_solo() -> None:
    solo = [melody(index) for index in range(24)]
    form = heard(solo[:20], BLUES)
    assert (form.length, form.start) == (12, 0)
    assert form.sections(20 * BAR) == (0, 12 * BAR, 24 * BAR)


def test_a_vamp_and_silence_are_no_form() -> None:
    solo = [melody(index) for index in range(40)]
    assert heard(solo, [0, 5]).length is None
    assert heard([np.full(BAR, REST, np.int16)] * 40, [0]).length is None


def test_a_tune_that_never_repeats_has_no_form() -> None:
    form = HeardForm()
    for index in range(64):
        form.bar_ended(index * BAR, melody(index), [((index * index) % 11, False)], 0)
    assert form.length is None
    assert form.sections(640) == ()
    assert form.place(640) is None


@given(st.sampled_from([8, 12, 16]), st.integers(0, 60), st.integers(0, 2**31))
def test_lines_of_sections_are_a_section_apart_and_reach_beyond_now(length: int, more: int, seed: int) -> None:
    bars = section(chr(65 + seed % 20), length)
    form = heard([bars[index % length] for index in range(length + 2 + more)], first=32)
    lines = form.sections(32 + (length + 2 + more) * BAR)
    assert {after - before for before, after in pairwise(lines)} <= {length * BAR}
    assert lines[-1] > 32 + (length + 1 + more) * BAR
