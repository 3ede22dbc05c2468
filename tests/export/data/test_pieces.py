"""Notes as rolls and windows."""

from __future__ import annotations

import numpy as np

from composerd.music.roll import HELD, ONSET, REST
from composerd_export.data.pieces import Piece, cells_of, melody_of


def notes(*rows: tuple[int, int, int]) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    """(start, length, pitch) in ticks."""
    return np.array([(start, length, pitch, 80, 0) for start, length, pitch in rows], np.int32).reshape(-1, 5)


def piece(*lengths: int, **meta: object) -> Piece:
    starts = np.cumsum([0, *lengths])[:-1]
    bars = [(start, 4, 4, length) for start, length in zip(starts.tolist(), lengths, strict=True)]
    return Piece(notes((0, 6, 60)), np.array(bars, np.int32), dict(meta))


def test_notes_lie_on_the_nearest_16th_and_last_a_step_at_least() -> None:
    cells = cells_of(notes((7, 1, 60), (10, 12, 62)), 0, 8)
    assert np.argwhere(cells == ONSET).tolist() == [[1, 60], [2, 62]]
    assert np.argwhere(cells == HELD).tolist() == [[3, 62]]


def test_a_note_from_before_the_window_is_held_into_it() -> None:
    cells = cells_of(notes((0, 24, 60)), 12, 4)
    assert cells[:, 60].tolist() == [HELD, HELD, 0, 0]


def test_the_melody_is_the_highest_note_and_begins_anew_when_uncovered() -> None:
    melody = melody_of(cells_of(notes((0, 24, 60), (6, 6, 72)), 0, 5))
    assert melody.pitch.tolist() == [60, 72, 60, 60, REST]
    assert melody.onset.tolist() == [True, True, True, False, False]


def test_windows_are_runs_of_bars_of_one_length() -> None:
    assert piece(96, 96, 96, 72, 96, 96).windows(2) == [0, 360]
    assert piece(96, 96, 96, 96).windows(2, every=1) == [0, 96, 192]
    assert piece(48, 48).windows(1) == []


def test_a_piece_without_a_work_is_a_work_by_itself() -> None:
    assert piece(96, id="a").work == "a"
    assert piece(96, id="a", work="b").work == "b"
    assert piece(96).name == "unnamed"
