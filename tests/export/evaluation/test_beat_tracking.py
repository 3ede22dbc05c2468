"""Clips for the measurement of tempo following."""

from __future__ import annotations

import numpy as np

from composerd_export.data.corpus import Corpus, Piece
from composerd_export.evaluation.beat_tracking import BARS, clips


def piece(every: int, first: int = 0, bars: int = BARS) -> Piece:
    rows = [(tick, 6, 60, 80, 0) for tick in range(first, 96 * bars, every)]
    grid = [(96 * bar, 4, 4, 96) for bar in range(bars)]
    return Piece(np.array(rows, np.int32), np.array(grid, np.int32), {"id": f"every {every}"})


def test_a_clip_is_the_onsets_in_beats_from_one_on_a_beat_on() -> None:
    (found,) = clips(Corpus(("melody",), (piece(12, first=12),)), ("melody",), 3)
    assert found[0] == 1.0
    assert np.diff(found).tolist() == [0.5] * (len(found) - 1)


def test_sparse_and_short_pieces_have_none() -> None:
    corpus = Corpus(("melody",), (piece(96), piece(12, bars=BARS - 1)))
    assert list(clips(corpus, ("melody",), 3)) == []


def test_there_are_as_many_as_asked_for_at_most() -> None:
    corpus = Corpus(("melody", "keys"), tuple(piece(12) for _ in range(5)))
    assert len(list(clips(corpus, ("melody", "keys"), 2))) == 2
