"""People with people: the same melody in two songs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composerd_export.evaluation.known import known_tunes
from composerd_export.evaluation.people import agreements


def test_a_song_in_two_keys_agrees_with_itself_and_half_with_one_whose_chords_differ_half_the_time() -> None:
    one = known_tunes()[1]
    chords = np.where(one.chords >= 0, (one.chords + np.array((3, 0, 3))) % (12, 99, 12), -1)
    pitch = np.where(one.pitch >= 0, one.pitch + 3, -1).astype(np.int16)
    higher = replace(one, name="higher", pitch=pitch, chords=chords)
    (same,) = agreements([one, higher])
    assert (same.style, same.share) == (one.style, 1.0)
    assert same.pairs > 3
    chords = higher.chords.copy()
    chords[np.arange(len(chords)) % 16 >= 8, 0] += 1
    (half,) = agreements([one, replace(higher, chords=chords % (12, 99, 12))])
    assert half.share == pytest.approx(0.5)


def test_songs_without_a_bar_in_common_give_nothing() -> None:
    assert agreements(known_tunes()) == []
