"""Melodies read from MIDI files, performances written to them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composerd.errors import ConfigError
from composerd.files.melody_file import read_melody
from composerd.files.midi_file import write_tracks
from composerd.music.genre import Genre, Part
from composerd.music.metre import Metre
from composerd.music.midi import DRUM_CHANNEL, Midi, control, note_off, note_on, program
from composerd.music.midi_tracks import Axis, FileTrack, MelodyTrack, MetreChange, TempoChange, tracks

BASS = Part("bass", "bass", 3, program=33)
DRUMS = Part("drums", "drums", DRUM_CHANNEL)
BAND = Genre("test", "Test", "plain", 120.0, (BASS, DRUMS), player_program=4)
AXIS = Axis(480, (TempoChange(0, 500_000), TempoChange(1920, 250_000)), (MetreChange(0, Metre(3, 4)),))


def header(kind: int = 1, tracks: int = 1, division: int = 480) -> bytes:
    return b"MThd" + struct.pack(">IHHH", 6, kind, tracks, division)


def chunk(events: bytes, name: bytes = b"MTrk") -> bytes:
    return name + struct.pack(">I", len(events)) + events


C_MAJOR = bytes.fromhex("00 90 3C 40  60 3C 00  00 3E 40  60 3E 00  00 FF 2F 00")
"""two notes of 96 ticks in running status, ended by zero-velocity note-ons"""


@pytest.fixture
def song(tmp_path: Path) -> Callable[[bytes], MelodyTrack]:
    def read(data: bytes) -> MelodyTrack:
        path = tmp_path / "in.mid"
        path.write_bytes(data)
        return read_melody(path)

    return read


def pitches(song: MelodyTrack) -> list[int]:
    return [m.message.data1 for m in song.messages if m.message.starts_note]


def test_running_status_and_zero_velocity_note_offs_are_read(song: Callable[[bytes], MelodyTrack]) -> None:
    found = song(header(0) + chunk(C_MAJOR))
    assert [(m.tick, m.message.data1, m.message.starts_note) for m in found.messages] == [
        (0, 60, True), (96, 60, False), (96, 62, True), (192, 62, False),
    ]  # fmt: skip
    assert found.end_tick == 192
    assert found.seconds == pytest.approx(0.2)


def test_sysex_and_unknown_meta_events_and_chunks_are_passed_over(song: Callable[[bytes], MelodyTrack]) -> None:
    odd = bytes.fromhex("00 F0 03 7E 00 F7  00 FF 60 02 01 02  00 FF 01 03 C3 A9 21") + C_MAJOR
    assert pitches(song(header() + chunk(b"\x01\x02", b"XYZ ") + chunk(odd))) == [60, 62]


def test_pedal_bend_and_modulation_of_the_melody_are_kept(song: Callable[[bytes], MelodyTrack]) -> None:
    events = bytes.fromhex("00 B0 40 7F  00 E0 00 50  00 B0 01 10") + C_MAJOR
    kinds = [m.message for m in song(header() + chunk(events)).messages][:3]
    assert kinds == [control(1, 64, 127), Midi(0xE0, 1, 0, 0x50), control(1, 1, 16)]


def test_tempo_and_metre_changes_of_any_track_make_the_axis(song: Callable[[bytes], MelodyTrack]) -> None:
    tempo = bytes.fromhex("00 FF 58 04 03 02 18 08  00 FF 51 03 07 A1 20  60 FF 51 03 03 D0 90  00 FF 2F 00")
    found = song(header(tracks=2, division=96) + chunk(tempo) + chunk(C_MAJOR))
    assert found.axis.tempos == (TempoChange(0, 500_000), TempoChange(96, 250_000))
    assert found.axis.metres == (MetreChange(0, Metre(3, 4)),)
    assert [m.second for m in found.messages] == pytest.approx([0.0, 0.5, 0.5, 0.75])


def test_a_note_that_the_file_never_ends_is_ended(song: Callable[[bytes], MelodyTrack]) -> None:
    found = song(header() + chunk(bytes.fromhex("00 90 3C 40  60 3E 40  60 3E 00  00 FF 2F 00")))
    assert (192, note_off(1, 60)) in [(m.tick, m.message) for m in found.messages]


def named(name: str, notes: list[tuple[int, int]], channel: int = 1) -> FileTrack:
    """Notes (tick, pitch) of 100 ticks each."""
    events = [(tick + late, make(channel, pitch)) for tick, pitch in notes for late, make in ((0, on), (100, note_off))]
    return FileTrack(name, tuple(sorted(events, key=lambda event: event[0])))


def on(channel: int, pitch: int) -> Midi:
    return note_on(channel, pitch, 80)


HIGH_CHORDS = [(tick, pitch) for tick in range(0, 4000, 200) for pitch in (76, 79, 84)]
LOW_TUNE = [(tick, 60 + tick // 200 % 12) for tick in range(0, 4000, 200)]
HIGH_TUNE = [(tick, 72 + tick // 200 % 12) for tick in range(0, 4000, 200)]


@pytest.mark.parametrize(
    ("parts", "chosen"),
    [
        ([named("strings", HIGH_CHORDS), named("Melody (flute)", LOW_TUNE)], "Melody (flute)"),
        ([named("LEAD GTR", HIGH_TUNE), named("Vocals", LOW_TUNE)], "Vocals"),
        ([named("misleading", LOW_TUNE), named("flute", HIGH_TUNE)], "flute"),
        ([named("chords", HIGH_CHORDS), named("tune?", LOW_TUNE)], "tune?"),
        ([named("a", LOW_TUNE), named("b", HIGH_TUNE)], "b"),
        ([named("a", LOW_TUNE), named("glockenspiel", HIGH_TUNE[:1])], "a"),
        ([named("a", LOW_TUNE), named("melody", HIGH_TUNE[:1])], "melody"),
        ([named("melody", HIGH_TUNE, DRUM_CHANNEL), named("bass", LOW_TUNE)], "bass"),
    ],
)
def test_the_melody_is_found_by_name_else_as_the_highest_single_line(
    tmp_path: Path, parts: list[FileTrack], chosen: str
) -> None:
    write_tracks(tmp_path / "x.mid", AXIS, parts)
    assert read_melody(tmp_path / "x.mid").track == chosen


def test_the_channels_of_a_type_0_file_are_parts_of_their_own(song: Callable[[bytes], MelodyTrack]) -> None:
    both = bytes.fromhex("00 91 30 40  00 90 48 40  60 91 30 00  00 90 48 00  00 FF 2F 00")
    assert pitches(song(header(0) + chunk(both))) == [72]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "empty file"),
        (b"RIFF" + bytes(100), "a MIDI file"),
        (header(2) + chunk(b"\0\xff\x2f\0"), "no notes"),
        (header(tracks=0), "no track"),
        (header() + chunk(b"\0\xff\x2f\0"), "no notes"),
        (header() + chunk(C_MAJOR.replace(b"\x90", b"\x99")), "no notes outside the drum channel"),
        (header() + chunk(b"\0\x3c\x40"), "no notes"),
        (header(division=1) + chunk(b"\0\x90\x3c\x40\xff\xff\xff\x7f\x3c\0"), "hours of music"),
        (header(division=1) + chunk(b"\0\xff\x51\x03\0\0\1\0\x90\x3c\x40\x84\xb2\x41\x3c\0"), "72,001 beats"),
    ],
)
def test_a_file_that_is_no_melody_is_refused_in_one_line(
    song: Callable[[bytes], MelodyTrack], data: bytes, text: str
) -> None:
    with pytest.raises(ConfigError, match=text) as refusal:
        song(data)
    assert "in.mid: " in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("start", [b"", b"MThd\0\0\0\6\0\1\0\1\1\xe0"])
def test_a_hundred_megabytes_of_garbage_are_not_read(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "big.mid"
    with path.open("wb") as file:
        file.write(start)
        file.truncate(100_000_000)
    with pytest.raises(ConfigError, match=r"a MIDI file|more than 16,000,000 bytes"):
        read_melody(path)


def test_a_missing_file_a_folder_and_an_unreadable_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.mid: cannot be read: No such file"):
        read_melody(tmp_path / "none.mid")
    with pytest.raises(ConfigError, match="found a folder"):
        read_melody(tmp_path)
    (tmp_path / "loop.mid").symlink_to(tmp_path / "loop.mid")
    with pytest.raises(ConfigError, match=r"loop\.mid: cannot be read"):
        read_melody(tmp_path / "loop.mid")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), framed=st.booleans(), cut=st.integers(0, 300))
def test_any_bytes_are_a_song_or_a_clear_refusal(
    song: Callable[[bytes], MelodyTrack], data: bytes, framed: bool, cut: int
) -> None:
    try:
        found = song((header() + chunk(C_MAJOR[:cut] + data) if framed else data)[: cut + 22])
    except ConfigError:
        return
    assert_every_note_ends(found)


def assert_every_note_ends(found: MelodyTrack) -> None:
    sounding: dict[int, int] = {}
    for message in (m.message for m in found.messages):
        if message.starts_note:
            sounding[message.data1] = sounding.get(message.data1, 0) + 1
        elif message.ends_note:
            sounding[message.data1] = max(0, sounding.get(message.data1, 0) - 1)
    assert not any(sounding.values())


def test_a_performance_is_written_with_a_named_track_per_part(tmp_path: Path) -> None:
    lines = [(0, None, note_on(1, 72, 90)), (0, BASS, note_on(3, 36, 70)), (240, DRUMS, note_on(10, 38, 60))]
    write_tracks(tmp_path / "out.mid", AXIS, tracks(BAND, lines, end=480))
    written = mido.MidiFile(tmp_path / "out.mid")
    assert (written.type, written.ticks_per_beat) == (1, 480)
    assert [track.name for track in written.tracks] == ["", "melody", "bass", "drums"]
    bass = [message.bytes() for message in written.tracks[2] if not message.is_meta]
    assert bass == [[0xC2, 33], [0xB2, 7, 100], [0x92, 36, 70], [0x82, 36, 64]]


def test_what_is_written_is_read_back_on_the_same_axis(tmp_path: Path) -> None:
    write_tracks(tmp_path / "a.mid", AXIS, [named("melody", HIGH_TUNE), named("bass", LOW_TUNE, 3)])
    first = read_melody(tmp_path / "a.mid")
    assert first.axis == AXIS
    assert pitches(first) == [pitch for _, pitch in HIGH_TUNE]
    write_tracks(
        tmp_path / "b.mid", first.axis, [FileTrack("melody", tuple((m.tick, m.message) for m in first.messages))]
    )
    assert read_melody(tmp_path / "b.mid") == first


def test_the_same_performance_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.mid", "b.mid"):
        write_tracks(tmp_path / name, AXIS, [named("melody", HIGH_TUNE)])
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "out.mid").mkdir()
    with pytest.raises(ConfigError, match=r"out\.mid: cannot be written: Is a directory"):
        write_tracks(tmp_path / "out.mid", AXIS, [])
    assert [path.name for path in tmp_path.iterdir()] == ["out.mid"]


def test_a_part_that_changes_its_instrument_says_so_on_the_way() -> None:
    organ = Part("bass", "bass", 3, program=39)
    lines = [(0, BASS, on(3, 40)), (10, BASS, note_off(3, 40)), (20, organ, on(3, 41)), (30, organ, note_off(3, 41))]
    bass = next(track for track in tracks(BAND, lines, end=30) if track.name == "bass")
    assert [event for event in bass.events if event[1].kind == program(3, 0).kind] == [
        (0, program(3, 33)),
        (20, program(3, 39)),
    ]
