"""Sections and notes of a chart, read off a played melody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composerd.music.charts.chart import ChartNote, bar_of
from composerd.music.charts.of_melody import ALIKE, GROUP_BARS, notes_of, sections_of
from composerd.music.metre import Metre
from composerd.music.roll import REST, MelodyRoll

BAR = 16


def a_tune(*groups: int, bars: int = GROUP_BARS) -> MelodyRoll:
    """Groups of `bars` bars, each of quarters around its own pitch."""
    quarters = [pitch + place % 5 for pitch in groups for place in range(4 * bars)]
    pitch = np.repeat(np.array(quarters, np.int16), 4)
    return MelodyRoll(0, pitch, np.arange(len(pitch)) % 4 == 0)


def named(tune: MelodyRoll, bars: int) -> list[tuple[str, int]]:
    return [(one.name, len(one.bars)) for one in sections_of([bar_of([None] * 4, Metre())] * bars, tune, BAR)]


def test_groups_with_equal_melodies_have_equal_letters() -> None:
    assert named(a_tune(60, 60, 72, 60), 32) == [("A", 8), ("A", 8), ("B", 8), ("A", 8)]


def test_bars_left_at_the_end_are_a_section_of_their_own() -> None:
    assert named(a_tune(60, 60).window(0, 12 * BAR), 12) == [("A", 8), ("B", 4)]


@pytest.mark.parametrize(("other", "letters"), [(0.2, "AA"), (0.4, "AB")])
def test_a_group_may_differ_a_little(other: float, letters: str) -> None:
    assert 1 - 0.4 < ALIKE < 1 - 0.2
    tune = a_tune(60, 60)
    pitch = tune.pitch.copy()
    half = GROUP_BARS * BAR
    pitch[half : half + round(other * half)] += 1
    assert "".join(name for name, _ in named(replace(tune, pitch=pitch), 16)) == letters


def test_groups_without_a_melody_are_not_the_same_section() -> None:
    silent = MelodyRoll(0, np.full(16 * BAR, REST, np.int16), np.zeros(16 * BAR, np.bool_))
    assert named(silent, 16) == [("A", 8), ("B", 8)]


def test_no_section_has_a_letter_beyond_z() -> None:
    many = a_tune(*range(20, 80, 2))
    assert [name for name, _ in named(many, 30 * GROUP_BARS)][-5:] == ["Z"] * 5


def test_notes_last_until_they_are_struck_anew_or_end() -> None:
    pitch = np.array([60, 60, 60, 60, REST, 62, 62, 64], np.int16)
    onset = np.array([1, 0, 1, 0, 0, 1, 0, 0], np.bool_)
    assert notes_of(MelodyRoll(0, pitch, onset)) == (
        ChartNote(0, 2, 60), ChartNote(2, 2, 60), ChartNote(5, 2, 62), ChartNote(7, 1, 64),
    )  # fmt: skip
