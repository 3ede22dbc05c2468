"""Statistics and piano rolls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from composerd.music.roll import HELD, ONSET, MelodyRoll
from composerd_export.data.corpus import Corpus, Piece
from composerd_export.data.show import draw_pieces, draw_rolls, drum_lanes, statistics


def corpus() -> Corpus:
    rows = [(24 * beat, 24, pitch, 80, track) for beat in range(16) for track, pitch in ((0, 72), (1, 42), (2, 36))]
    bars = [(96 * bar, 4, 4, 96) for bar in range(4)]
    piece = Piece(np.array(sorted(rows), np.int32), np.array(bars, np.int32), {"id": "one", "bpm": 90.0})
    return Corpus(("melody", "drums", "bass", "keys"), (piece,))


def test_statistics_count_pieces_bars_and_notes_of_each_track() -> None:
    lines = statistics(corpus()).splitlines()
    assert lines[0] == "pieces 1, works 1, bars 4"
    assert lines[1] == "bars by beats: 4: 4"
    assert lines[2].endswith("90/90/90")
    bass = next(line for line in lines if line.startswith("bass")).split()
    assert bass[:4] == ["bass", "1", "4.0", "36-36"]
    assert next(line for line in lines if line.startswith("keys")).split() == ["keys", "0"]


def test_each_drum_has_a_lane_of_its_own_the_kick_lowest() -> None:
    cells = np.zeros((1, 4, 128), np.uint8)
    for step, key in ((0, 36), (1, 42), (2, 38), (2, 35), (3, 60)):
        cells[0, step, key] = ONSET
    cells[0, 3, 49] = HELD
    assert drum_lanes(cells) == {"other drums": [3], "closed hat": [1], "snare": [2], "kick": [0, 2]}


def test_rolls_are_drawn_with_drums_and_without(tmp_path: Path) -> None:
    melody = MelodyRoll(0, np.full(16, 60, np.int16), np.arange(16) == 0)
    cells = np.zeros((2, 16, 128), np.uint8)
    cells[1, 0, 48] = ONSET
    draw_rolls(tmp_path / "silent.png", melody, [("a", cells)], ["drums", "bass"], [0])
    cells[0, 4, 36] = ONSET
    draw_rolls(tmp_path / "drums.png", melody, [("a", cells), ("b", cells)], ["drums", "bass"], [0])
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in ("silent.png", "drums.png"))
    assert [path.name for path in draw_pieces(corpus(), tmp_path / "pieces", 3, 2)] == ["0000.png"]
