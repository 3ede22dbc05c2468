"""The grids on which tempo following places the player's keys."""

from __future__ import annotations

import pytest

from composerd.engine.tempo.follow import grids_of, straight, triplets
from composerd.music.genre import Feel


def test_a_straight_genre_may_be_played_straight_or_in_triplets() -> None:
    assert grids_of(Feel()) == (straight, triplets)


def test_a_swung_genre_may_be_played_swung_or_straight() -> None:
    swung, other = grids_of(Feel(swing=1.0))
    assert other is straight
    assert [swung(step) for step in (0, 4, 8)] == [0.0, 1.0, 2.0]
    assert swung(2) == pytest.approx(2 / 3)


def test_steps_of_a_triplet_are_thirds_of_the_beat() -> None:
    assert [triplets(step) for step in (0, 1, 2, 4)] == pytest.approx([0.0, 1 / 3, 2 / 3, 1.0])
    assert 2 / 3 < triplets(3) < 1.0
