from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.errors import ConfigError
from composerd.music.roll import HELD, ONSET, REST, SILENT
from composerd_export.data.corpus import (
    LENGTH,
    START,
    Corpus,
    Piece,
    cells_of,
    melody_of,
    read_corpus,
    write_corpus,
)
from composerd_export.data.repair import ended, rebarred


def piece(*notes: tuple[int, int, int, int, int], bars: int = 2, name: str = "one") -> Piece:
    grid = [(96 * bar, 4, 4, 96) for bar in range(bars)]
    return Piece(np.array(notes, np.int32).reshape(-1, 5), np.array(grid, np.int32), {"id": name})


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    one = piece((0, 24, 60, 80, 0), (0, 48, 40, 70, 1), (24, 24, 62, 80, 0))
    two = piece((96, 12, 64, 90, 1), name="two")
    write_corpus(tmp_path / "c.npz", Corpus(("melody", "bass"), (one, two)))
    again = read_corpus(tmp_path / "c.npz")
    assert again.tracks == ("melody", "bass")
    assert [p.meta for p in again] == [{"id": "one"}, {"id": "two"}]
    assert again.pieces[0].notes.tolist() == [[0, 24, 60, 80, 0], [0, 48, 40, 70, 1], [24, 24, 62, 80, 0]]
    assert again.pieces[1].notes.tolist() == two.notes.tolist()
    assert again.pieces[1].bars.tolist() == two.bars.tolist()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(*(st.integers(0, high) for high in (4000, 900, 127, 127, 3))).map(lambda n: (n[0], n[1] + 1, *n[2:])),
        max_size=40,
    )
)
def test_any_notes_survive_the_format(tmp_path_factory: pytest.TempPathFactory, notes: list[tuple[int, ...]]) -> None:
    path = tmp_path_factory.mktemp("corpus") / "c.npz"
    rows = np.array(notes, np.int32).reshape(-1, 5)
    write_corpus(path, Corpus(("a", "b", "c", "d"), (Piece(rows, piece().bars),)))
    assert sorted(read_corpus(path).pieces[0].notes.tolist()) == sorted(rows.tolist())


def test_a_corpus_without_pieces_survives_too(tmp_path: Path) -> None:
    write_corpus(tmp_path / "c.npz", Corpus(("melody",), ()))
    assert len(read_corpus(tmp_path / "c.npz")) == 0


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.npz").write_bytes(content)
    with pytest.raises(ConfigError, match=r"c\.npz: not a corpus"):
        read_corpus(tmp_path / "c.npz")


def test_a_missing_file_and_a_foreign_archive_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", pictures=np.zeros(3))
    with pytest.raises(ConfigError, match=r"other\.npz: not a corpus"):
        read_corpus(tmp_path / "other.npz")
    with pytest.raises(ConfigError, match="no such"):
        read_corpus(tmp_path / "none.npz")


def test_a_rest_longer_than_the_format_holds_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="65534"):
        write_corpus(tmp_path / "c.npz", Corpus(("melody",), (piece((70000, 24, 60, 80, 0)),)))
    assert list(tmp_path.glob("*.npz")) == []


def test_windows_are_runs_of_bars_of_one_length() -> None:
    lengths = [96, 96, 72, 96, 96, 96, 96]
    starts = np.cumsum([0, *lengths[:-1]])
    bars = np.array([(s, n // 24, 4, n) for s, n in zip(starts, lengths, strict=True)], np.int32)
    song = Piece(np.zeros((0, 5), np.int32), bars)
    assert song.windows(2) == [0, 264, 456]
    assert song.windows(2, every=1) == [0, 264, 360, 456]
    assert song.windows(1, bar_ticks=72) == [192]


def test_a_repeated_note_is_two_onsets_and_a_note_from_before_is_held() -> None:
    notes = np.array([(-12, 24, 60, 80, 0), (24, 24, 62, 80, 0), (48, 24, 62, 80, 0)], np.int32)
    cells = cells_of(notes, 0, 16)
    assert cells[:4, 60].tolist() == [HELD, HELD, SILENT, SILENT]
    assert cells[4:14, 62].tolist() == [ONSET, HELD, HELD, HELD, ONSET, HELD, HELD, HELD, SILENT, SILENT]


def test_notes_fall_on_their_nearest_step_and_the_shortest_has_one() -> None:
    cells = cells_of(np.array([(4, 1, 60, 80, 0), (26, 3, 61, 80, 0)], np.int32), 0, 8)
    assert np.argwhere(cells == ONSET).tolist() == [[1, 60], [4, 61]]
    assert int((cells > 0).sum()) == 2


def test_the_melody_is_the_highest_voice() -> None:
    cells = cells_of(np.array([(0, 48, 60, 80, 0), (12, 12, 67, 80, 0)], np.int32), 0, 10)
    melody = melody_of(cells)
    assert melody.pitch.tolist() == [60, 60, 67, 67, 60, 60, 60, 60, REST, REST]
    assert np.flatnonzero(melody.onset).tolist() == [0, 2, 4]


def test_a_piece_knows_its_work_and_its_tracks() -> None:
    song = piece((0, 24, 60, 80, 0), (0, 24, 40, 80, 1))
    assert song.work == "one"
    assert song.track(1)[:, [START, LENGTH]].tolist() == [[0, 24]]
    assert song.cells((1, 0), 0, 4).shape == (2, 4, 128)


def unended(derived: list[str]) -> Piece:
    strums = [(start, 384, pitch, 80, 1) for start in (0, 24, 48, 96) for pitch in (52, 55, 60)]
    return Piece(np.array(strums, np.int32), piece().bars, {"id": "x", "derived": derived})


def test_generated_strums_without_ends_end_where_the_next_begins(tmp_path: Path) -> None:
    write_corpus(tmp_path / "c.npz", Corpus(("melody", "guitar"), (unended(["guitar"]),)))
    repaired = read_corpus(tmp_path / "c.npz").pieces[0]
    assert sorted({(int(n[START]), int(n[LENGTH])) for n in repaired.notes}) == [(0, 24), (24, 24), (48, 48), (96, 48)]
    assert (read_corpus(tmp_path / "c.npz", as_written=True).pieces[0].notes[:, LENGTH] == 384).all()


def test_what_humans_held_for_four_bars_is_left_alone(tmp_path: Path) -> None:
    write_corpus(tmp_path / "c.npz", Corpus(("melody", "guitar"), (unended(["drums"]), unended([]))))
    assert all((piece.notes[:, LENGTH] == 384).all() for piece in read_corpus(tmp_path / "c.npz"))


def test_picked_notes_ring_until_the_half_bar_is_over() -> None:
    notes = np.array([(start, 384, pitch, 80, 0) for start, pitch in ((0, 52), (12, 55), (24, 52), (60, 57))], np.int32)
    assert ended(notes, piece().bars)[:, LENGTH].tolist() == [24, 36, 24, 36]


def walking(offset: int, derived: list[str]) -> Piece:
    """A bass that takes a new root every four beats, `offset` beats into the bar."""
    notes = [
        (24 * (4 * bar + offset) + 48 * half, 48, 36 + 5 * (bar % 2), 80, 2) for bar in range(40) for half in (0, 1)
    ]
    grid = [(96 * bar, 4, 4, 96) for bar in range(41)]
    return Piece(np.array(notes, np.int32), np.array(grid, np.int32), {"id": "x", "derived": derived})


def test_bar_lines_half_a_bar_beside_the_harmony_are_moved() -> None:
    moved = rebarred(walking(2, ["bass"]), 2)
    assert moved.bars[:3].tolist() == [[0, 2, 4, 48], [48, 4, 4, 96], [144, 4, 4, 96]]
    assert (moved.notes == walking(2, ["bass"]).notes).all()


def test_bar_lines_that_fit_or_that_humans_wrote_stay() -> None:
    for right in (walking(0, ["bass"]), walking(2, [])):
        assert rebarred(right, 2) is right
