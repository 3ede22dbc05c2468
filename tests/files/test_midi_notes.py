"""Notes of MIDI files in seconds: whatever the file leaves out or holds twice."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import smf
from composerd.errors import ConfigError
from composerd.files.midi_notes import MAX_SECONDS, MOST_BARS, messages_of, read_notes, read_tracks

DAY = 100_000 * 480
"""ticks"""


def on(pitch: int, delta: int = 0, velocity: int = 80, channel: int = 1) -> bytes:
    return smf.number(delta) + bytes([0x90 | channel - 1, pitch, velocity])


def off(pitch: int, delta: int = 0, channel: int = 1) -> bytes:
    return smf.number(delta) + bytes([0x80 | channel - 1, pitch, 0])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.mid"


def notes(file: Path, *tracks: bytes) -> list[tuple[int, int, int, int]]:
    """(tick, ticks, pitch, track) of each note."""
    file.write_bytes(smf.song(*(track + smf.END for track in tracks)))
    return [(note.tick, note.ticks, note.pitch, note.track) for note in read_notes(file).notes]


def test_seconds_follow_the_files_changes_of_tempo(file: Path) -> None:
    slow = smf.meta(0x51, (1_000_000).to_bytes(3, "big"), 480)
    file.write_bytes(smf.song(slow + smf.END, on(60) + off(60, 480) + on(62) + off(62, 480) + smf.END))
    found = read_notes(file)
    assert [(note.second, note.seconds) for note in found.notes] == [(0.0, 0.5), (0.5, 1.0)]
    assert (found.bpm, found.metre) == (60.0, "4/4")


def test_a_file_that_says_nothing_of_time_is_120_beats_a_minute_in_four(file: Path) -> None:
    file.write_bytes(smf.song(on(60) + off(60, 4 * 480) + smf.END))
    found = read_notes(file)
    assert (found.bpm, found.metre, found.bars) == (120.0, "4/4", (0.0, 2.0))


def test_bar_lines_follow_the_metre(file: Path) -> None:
    signs = smf.meta(0x58, b"\3\2\x18\x08") + smf.meta(0x58, b"\6\3\x18\x08", 6 * 480)
    file.write_bytes(smf.song(signs + smf.END, on(60) + off(60, 9 * 480) + smf.END))
    assert read_notes(file).bars == (0.0, 1.5, 3.0, 4.5)


def test_a_note_struck_again_ends_there_and_an_unfinished_one_with_its_track(file: Path) -> None:
    assert notes(file, on(60) + on(60, 240) + off(60, 240) + on(64) + on(65, 480) + off(65, 480)) == [
        (0, 240, 60, 0), (240, 240, 60, 0), (480, 960, 64, 0), (960, 480, 65, 0),
    ]  # fmt: skip


def test_equal_pitches_of_two_channels_are_two_notes(file: Path) -> None:
    assert notes(file, on(60) + on(60, 0, channel=2) + off(60, 480) + off(60, 480, channel=2)) == [
        (0, 480, 60, 0), (0, 960, 60, 0),
    ]  # fmt: skip


def test_an_end_without_a_beginning_is_nothing(file: Path) -> None:
    assert notes(file, off(60) + on(62) + off(62, 480) + off(62, 480)) == [(0, 480, 62, 0)]


def test_tracks_without_notes_are_left_out_and_nameless_ones_numbered(file: Path) -> None:
    named = smf.meta(3, "Flöte".encode())
    file.write_bytes(
        smf.song(
            smf.meta(3, b"Title") + smf.END, on(60) + off(60, 480) + smf.END, named + on(62) + off(62, 9) + smf.END
        )
    )
    found = read_notes(file)
    assert found.tracks == ("track 1", "Flöte")
    assert sorted((note.track, note.pitch) for note in found.notes) == [(0, 60), (1, 62)]


def test_what_lies_hours_away_is_left_out(file: Path) -> None:
    assert notes(file, on(60) + off(60, 480) + on(62, DAY) + off(62, 480)) == [(0, 480, 60, 0)]
    file.write_bytes(smf.song(on(60) + off(60, DAY) + smf.END))
    found = read_notes(file)
    assert found.notes[0].seconds > MAX_SECONDS
    assert len(found.bars) == MOST_BARS


def test_a_file_without_notes_has_one_bar_line(file: Path) -> None:
    file.write_bytes(smf.song(smf.END))
    found = read_notes(file)
    assert (found.notes, found.tracks, found.bars) == ((), (), (0.0,))


def test_what_cannot_be_read_is_one_line_with_the_files_name(tmp_path: Path) -> None:
    (tmp_path / "x.mid").write_bytes(b"no music")
    for path in (tmp_path / "x.mid", tmp_path / "none.mid", tmp_path):
        with pytest.raises(ConfigError) as told:
            read_tracks(path)
        assert str(told.value).startswith(f"{path}: ")
        assert "\n" not in str(told.value)


def test_messages_of_all_tracks_come_in_order_those_of_one_moment_as_the_tracks_stand(file: Path) -> None:
    file.write_bytes(smf.song(on(60) + off(60, 480) + smf.END, on(62) + off(62, 240) + smf.END))
    _, tracks = read_tracks(file)
    assert [(tick, message.data1) for tick, message in messages_of(tracks)] == [(0, 60), (0, 62), (240, 62), (480, 60)]


EVENTS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 600), st.sampled_from((60, 62, 64)), st.sampled_from((1, 2))), max_size=30
)


@given(EVENTS)
def test_every_strike_is_one_note_within_the_file_and_no_pitch_sounds_twice_at_once(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[bool, int, int, int]]
) -> None:
    file = tmp_path_factory.mktemp("notes") / "x.mid"
    track = b"".join(
        on(pitch, delta, channel=channel) if starts else off(pitch, delta, channel)
        for starts, delta, pitch, channel in events
    )
    file.write_bytes(smf.song(track + smf.END))
    found = read_notes(file).notes
    assert len(found) == sum(starts for starts, *_ in events)
    end = sum(delta for _, delta, _, _ in events)
    assert all(0 <= note.tick <= note.tick + note.ticks <= end for note in found)
    for channel in (0, 1):
        for pitch in (60, 62, 64):
            line = [note for note in found if (note.channel, note.pitch) == (channel, pitch)]
            assert all(a.tick + a.ticks <= b.tick for a, b in pairwise(line))
