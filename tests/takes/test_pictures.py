"""The picture of a take: its notes in seconds, and a small one of evenly selected notes."""

from __future__ import annotations

from pathlib import Path

from composerd.files.midi_file import write_tracks
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import Axis, FileTrack, MetreChange, TempoChange
from composerd.takes.pictures import SMALL, picture


def written(path: Path, count: int, bpm: float = 120.0) -> Path:
    """`count` quarter notes on one track, in 3/4."""
    axis = Axis(480, (TempoChange(0, round(60e6 / bpm)),), (MetreChange(0, Metre(3, 4)),))
    events = []
    for i in range(count):
        events += [(480 * i, note_on(1, 60 + i % 12, 80)), (480 * i + 240, note_off(1, 60 + i % 12))]
    write_tracks(path, axis, [FileTrack("melody", tuple(events))])
    return path


def test_notes_are_in_seconds_with_their_track(tmp_path: Path) -> None:
    found = picture(written(tmp_path / "a.mid", 3, bpm=60.0))
    assert found is not None
    assert [(note.second, note.seconds, note.pitch) for note in found.notes] == [
        (0.0, 0.5, 60), (1.0, 0.5, 61), (2.0, 0.5, 62),
    ]  # fmt: skip
    assert (found.bpm, found.metre, found.seconds) == (60.0, "3/4", 2.5)
    assert found.tracks[found.notes[0].track] == "melody"


def test_bar_lines_go_up_to_the_last_notes_end(tmp_path: Path) -> None:
    found = picture(written(tmp_path / "a.mid", 7))
    assert found is not None
    assert [round(second, 2) for second in found.bars][:3] == [0.0, 1.5, 3.0]
    assert found.bars[-1] <= found.seconds


def test_a_small_picture_is_evenly_thinned(tmp_path: Path) -> None:
    found = picture(written(tmp_path / "a.mid", 3 * SMALL))
    assert found is not None
    assert len(found.small) == SMALL
    assert found.small[:2] == (found.notes[0], found.notes[3])


def test_a_short_take_is_drawn_whole(tmp_path: Path) -> None:
    found = picture(written(tmp_path / "a.mid", 5))
    assert found is not None
    assert found.small == found.notes


def test_what_cannot_be_read_has_no_picture(tmp_path: Path) -> None:
    (tmp_path / "b.mid").write_bytes(b"no music")
    assert picture(tmp_path / "b.mid") is None
    assert picture(tmp_path / "c.mid") is None
