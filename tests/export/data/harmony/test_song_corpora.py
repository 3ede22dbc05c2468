"""Songs to train the harmonist on: read from the corpus's flat arrays, and what is no corpus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from composerd.errors import ConfigError
from composerd_export.data.harmony.songs import (
    NO_CHORD,
    QUALITIES,
    TICKS_PER_STEP,
    TuneWithChords,
    chord_of_slots,
    read_file,
    read_songs,
)

BAR = 16 * TICKS_PER_STEP
BEAT = 4 * TICKS_PER_STEP


def corpus(path: Path, *songs: dict[str, Any]) -> Path:
    """Songs as dicts of `bars` (length, beats, unit), `notes` (delta, duration, pitch), `chords` (delta, length, …)."""

    def flat(name: str, column: int) -> np.ndarray:
        return np.array([row[column] for song in songs for row in song[name]], np.int64)

    def pointers(name: str) -> np.ndarray:
        return np.cumsum([0, *(len(song[name]) for song in songs)])

    pieces = [{"id": song["id"], "source": song["source"], "title": song.get("title", "")} for song in songs]
    np.savez(
        path,
        meta=np.frombuffer(json.dumps({"pieces": pieces}).encode(), np.uint8),
        bar_ptr=pointers("bars"), blen=flat("bars", 0), bnum=flat("bars", 1), bden=flat("bars", 2),
        note_ptr=pointers("notes"), don=flat("notes", 0), dur=flat("notes", 1), pitch=flat("notes", 2),
        cseg_ptr=pointers("chords"), cdel=flat("chords", 0), clen=flat("chords", 1), croot=flat("chords", 2),
        cqual=flat("chords", 3), cbass=flat("chords", 4),
    )  # fmt: skip
    return path


def song(**changes: Any) -> dict[str, Any]:
    """Two bars of 4/4: C and F, a note a beat."""
    return {
        "id": "one", "source": "POP909 001", "bars": [(BAR, 4, 4), (BAR, 4, 4)],
        "notes": [(0 if index == 0 else BEAT, BEAT, 60 + index) for index in range(8)],
        "chords": [(0, BAR, 0, 0, 0), (0, BAR, 5, 0, 9)], **changes,
    }  # fmt: skip


def only(path: Path, **changes: Any) -> TuneWithChords:
    (found,) = read_songs(corpus(path / "songs.npz", song(**changes)))
    return found


def test_melody_and_chords_are_on_the_sixteenth_grid(tmp_path: Path) -> None:
    found = only(tmp_path)
    assert found.steps == 32
    assert found.pitch[::4].tolist() == list(range(60, 68))
    assert np.flatnonzero(found.onset).tolist() == list(range(0, 32, 4))
    assert found.chords[[0, 15, 16, 31]].tolist() == [[0, 0, 0]] * 2 + [[5, 0, 9]] * 2
    assert [slot.start for slot in found.slots] == list(range(0, 32, 4))


def test_a_late_tick_counts_for_the_nearest_step(tmp_path: Path) -> None:
    found = only(tmp_path, notes=[(2, BEAT, 60), (BEAT + 2, BEAT, 62)])
    assert np.flatnonzero(found.onset).tolist() == [0, 5]


def test_a_note_beyond_the_bars_is_left_out_and_a_short_one_is_a_step_long(tmp_path: Path) -> None:
    found = only(tmp_path, notes=[(0, 1, 60), (3 * BAR, BEAT, 72)])
    assert np.flatnonzero(found.pitch >= 0).tolist() == [0]


def test_a_gap_between_chords_has_none(tmp_path: Path) -> None:
    found = only(tmp_path, chords=[(0, BEAT, 0, 0, 0), (BEAT, BEAT, 7, 2, 7)])
    assert found.chords[:12, 0].tolist() == [0] * 4 + [NO_CHORD] * 4 + [7] * 4


def test_what_the_corpus_calls_no_chord_is_none(tmp_path: Path) -> None:
    found = only(tmp_path, chords=[(0, BAR, 0, len(QUALITIES), 0), (0, BAR, 5, 0, 5)])
    assert found.chords[:16, 0].tolist() == [NO_CHORD] * 16


@pytest.mark.parametrize(
    ("source", "style"), [("Nottingham db", "folk"), ("Open Hymnal", "hymn"), ("OpenEWLD", "jazz"), ("POP909", "pop")]
)
def test_a_songs_style_is_its_sources(tmp_path: Path, source: str, style: str) -> None:
    assert only(tmp_path, source=source).style == style


def test_songs_whose_bars_are_no_whole_eighths_are_left_out(tmp_path: Path) -> None:
    odd = song(id="odd", bars=[(BAR + 1, 4, 4), (BAR, 4, 4)])
    assert [found.name for found in read_songs(corpus(tmp_path / "songs.npz", odd, song()))] == ["one"]


def test_a_title_is_the_songs_else_its_name(tmp_path: Path) -> None:
    assert (only(tmp_path).title, only(tmp_path, title="Waltz").title) == ("one", "Waltz")


def test_a_slots_chord_fills_more_than_half_of_it(tmp_path: Path) -> None:
    step = TICKS_PER_STEP
    found = chord_of_slots(
        only(tmp_path, chords=[(0, 3 * step, 0, 0, 0), (0, 3 * step, 5, 1, 8), (0, 10 * step, 7, 2, 11)])
    )
    assert found[0].tolist() == [0, 0, 0], "three of four steps"
    assert found[1].tolist() == [NO_CHORD] * 3, "two of four are not enough"
    assert found[2].tolist() == [7, 2, 11]


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_what_is_no_corpus_is_refused_with_the_option_and_the_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "songs.npz"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"--chords: .*songs\.npz: not a corpus of songs"):
        read_file(path)


def test_a_corpus_of_another_kind_a_source_without_a_style_and_no_file_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(ConfigError, match=r"--songs: .*not a corpus"):
        read_file(tmp_path / "other.npz", "--songs")
    with pytest.raises(ConfigError, match="found a song from 'elsewhere', expected one of"):
        read_file(corpus(tmp_path / "songs.npz", song(source="elsewhere")))
    with pytest.raises(ConfigError, match="no such file"):
        read_file(tmp_path / "none.npz")
