"""How the grid is bent."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from composerd.music.feel import place, swung
from composerd.music.genre import Feel, Part
from composerd.music.metre import BarGrid, Metre
from composerd.music.notes import PartNote

BASS, DRUMS = Part("bass", "bass", 2), Part("drums", "drums", 10)
GRID = BarGrid()


def test_straight_feel_leaves_the_grid_alone() -> None:
    assert place(PartNote(6, 0, 40, 90, 2), BASS, Feel(), GRID, 120.0, 0) == (1.5, 2.0, 90)


def test_full_swing_puts_the_off_beat_eighth_on_the_triplet_and_bends_ends_along() -> None:
    on, off, _ = place(PartNote(2, 0, 40, 90, 2), BASS, Feel(swing=1.0), GRID, 120.0, 0)
    assert on == pytest.approx(2 / 3)
    assert off == pytest.approx(1.0)
    _, off, _ = place(PartNote(0, 0, 40, 90, 2), BASS, Feel(swing=1.0), GRID, 120.0, 0)
    assert off == pytest.approx(2 / 3)


@pytest.mark.parametrize("swing", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("unit", [1, 2])
def test_swing_keeps_order_and_beats(swing: float, unit: int) -> None:
    beats = [swung(step, Feel(swing=swing, swing_steps=unit)) for step in range(33)]
    assert all(one < other for one, other in pairwise(beats))
    assert beats[::4] == pytest.approx(list(range(9)))


def test_bars_of_odd_length_swing_alike() -> None:
    seven, feel = BarGrid.of(Metre(7, 8)), Feel(swing=1.0)
    within = [
        [place(PartNote(line + step, 0, 40, 90, 1), BASS, feel, seven, 120.0, 0)[0] - line / 4 for step in range(14)]
        for line in (0, 14)
    ]
    assert within[0] == pytest.approx(within[1])


def test_pushing_is_in_milliseconds_of_the_tempo() -> None:
    on, _, _ = place(PartNote(4, 0, 40, 90, 2), BASS, Feel(push_ms={"bass": 10.0}), GRID, 120.0, 0)
    assert on == pytest.approx(1.0 + 0.02)


def test_a_parts_own_timing_follows_the_place_in_the_bar_on_top_of_its_push() -> None:
    feel = Feel(push_ms={"drums": 2.0}, timing_ms={"drums": (0.0, 8.0, -2.0, 5.0)})
    for step, ms in ((0, 2.0), (1, 10.0), (6, 0.0), (19, 7.0)):
        on, off, _ = place(PartNote(step, 1, 38, 90, 1), DRUMS, feel, GRID, 120.0, 0)
        assert on - step / 4 == pytest.approx(ms / 500)
        assert off - on == pytest.approx(0.25)
    assert place(PartNote(1, 0, 40, 90, 1), BASS, feel, GRID, 120.0, 0)[0] == 0.25


def test_accents_follow_the_place_in_the_bar_and_velocities_stay_in_range() -> None:
    feel = Feel(accents=(1.5, 1.0, 0.01, 1.0))
    velocities = [place(PartNote(step, 0, 40, 100, 1), BASS, feel, GRID, 120.0, 0)[2] for step in (0, 1, 2, 16)]
    assert velocities == [127, 100, 1, 127]


def test_single_drums_have_accents_of_their_own() -> None:
    feel = Feel(accents=(1.0, 0.9), drum_accents={38: (0.5, 1.0, 0.5, 1.0)})
    drums = [
        place(PartNote(step, 0, key, 100, 1), DRUMS, feel, GRID, 120.0, 0)[2] for key in (36, 38) for step in (0, 1)
    ]
    assert drums == [100, 90, 50, 100]


def test_notes_that_begin_together_lean_together() -> None:
    feel = Feel(lean={BASS.name: 10.0})
    chords = [
        {place(PartNote(step, 0, pitch, 80, 1), BASS, feel, GRID, 120.0, 3)[2] for pitch in (40, 44, 47)}
        for step in range(300)
    ]
    assert all(len(chord) == 1 for chord in chords)
    velocities = np.array([chord.pop() for chord in chords])
    assert velocities.std() == pytest.approx(10.0, rel=0.15)
    assert abs(velocities.mean() - 80) < 2


def test_humanising_is_seeded_and_leaves_drums_on_the_grid() -> None:
    feel = Feel(humanise_ms=8.0, humanise_velocity=6.0)
    notes = [PartNote(step, 0, 40, 90, 2) for step in range(400)]
    first = [place(note, BASS, feel, GRID, 120.0, 1) for note in notes]
    assert first == [place(note, BASS, feel, GRID, 120.0, 1) for note in notes]
    assert first != [place(note, BASS, feel, GRID, 120.0, 2) for note in notes]
    late = np.array([on - note.step / 4 for note, (on, _, _) in zip(notes, first, strict=True)])
    assert abs(late.mean()) < 0.004
    assert late.std() == pytest.approx(0.016, rel=0.15)
    assert place(replace(notes[6], part=1), DRUMS, feel, GRID, 120.0, 1)[0] == 1.5
