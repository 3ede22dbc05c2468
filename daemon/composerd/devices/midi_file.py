"""Standard MIDI files (RP-001 v1.0): a melody read out of one, a performance written to one."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import mido

from composerd.devices.melody_track import melody_of
from composerd.errors import ConfigError
from composerd.music.metre import Metre
from composerd.music.midi import Midi, parse
from composerd.music.song import Axis, MetreChange, Song, SongMessage, TempoChange, Track, released

MAX_BYTES = 4_000_000
MAX_TRACK_BYTES = 1_000_000
"""bounds mido's memory: it makes an object of some 500 bytes per event"""
MAX_EVENTS = 300_000
MAX_SECONDS = 4 * 3600.0
MAX_BEATS = 72_000
"""four hours at 300 bpm: an absurd tempo must not make seconds of music last for ever"""

Messages = list[tuple[int, mido.Message | mido.MetaMessage]]
"""absolute tick, message"""


def read_song(path: Path) -> Song:
    """The melody of the MIDI file at `path`. ConfigError, naming file, found and expected, where there is none."""
    try:
        return _song(_bytes_of(path))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as problem:
        raise ConfigError(f"{path}: {problem}") from None


def write_song(path: Path, axis: Axis, tracks: Sequence[Track]) -> None:
    """A type-1 file: tempo and metre of `axis`, then one named track each. There whole or not at all.

    Equal arguments give equal bytes. ConfigError where it cannot be written.
    """
    buffer = BytesIO()
    chunks = [_conductor_track(axis), *(_track(track) for track in tracks)]
    mido.MidiFile(type=1, ticks_per_beat=axis.ticks_per_beat, charset="utf-8", tracks=chunks).save(file=buffer)
    try:
        _replace(path, buffer.getvalue())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from None


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise ValueError("found a folder, expected a MIDI file")
    with path.open("rb") as file:
        start = file.read(14)
        if not start:
            raise ValueError("found an empty file, expected a MIDI file")
        if start[:4] != b"MThd":
            raise ValueError(f"found {start[:4]!r} at its start, expected a MIDI file (b'MThd')")
        data = start + file.read(MAX_BYTES - len(start) + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"found more than {MAX_BYTES:,} bytes, a MIDI file of that size is not read")
    return data


def _song(data: bytes) -> Song:
    ticks_per_beat, first_chunk = _header(data)
    tracks: list[Messages] = []
    for number, chunk in enumerate(_track_chunks(data, first_chunk), start=1):
        tracks.append(_parsed(chunk, number))
        if sum(len(track) for track in tracks) > MAX_EVENTS:
            raise ValueError(f"found more than {MAX_EVENTS:,} events")
    axis = Axis(ticks_per_beat, _tempos(tracks), _metres(tracks))
    name, events = melody_of([(_name(track), _channel_messages(track)) for track in tracks])
    end = events[-1][0]
    if axis.second_at(end) > MAX_SECONDS:
        raise ValueError(
            f"found {axis.second_at(end) / 3600:,.0f} hours of music, at most {MAX_SECONDS / 3600:.0f} are read"
        )
    if end > MAX_BEATS * ticks_per_beat:
        raise ValueError(f"found {end / ticks_per_beat:,.0f} beats of music, at most {MAX_BEATS:,} are read")
    messages = tuple(SongMessage(tick, axis.second_at(tick), message) for tick, message in released(events, end))
    return Song(axis, name, messages, end)


def _header(data: bytes) -> tuple[int, int]:
    """Ticks per quarter note, and where the first chunk after the header starts."""
    if len(data) < 14:
        raise ValueError(f"found a header of {len(data)} bytes, expected 14: the file is truncated")
    length, kind, _, division = struct.unpack(">4xIHHH", data[:14])
    if length < 6:
        raise ValueError(f"found a header length of {length}, expected 6")
    if kind not in (0, 1):
        raise ValueError(f"found a MIDI file of type {kind}, expected type 0 or 1")
    if division & 0x8000:
        raise ValueError("found SMPTE time code, expected a file timed in ticks per quarter note")
    if division == 0:
        raise ValueError("found 0 ticks per quarter note, expected 1 to 32767")
    return division, 8 + length


def _track_chunks(data: bytes, at: int) -> Iterator[bytes]:
    """The contents of the track chunks; chunks of other kinds are skipped, as the standard asks."""
    while at < len(data):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
        there = len(data) - at - 8
        if there < length:
            raise ValueError(f"found {max(0, there)} bytes in chunk {kind!r}, expected {length}: the file is truncated")
        if kind == b"MTrk":
            if length > MAX_TRACK_BYTES:
                raise ValueError(f"found a track of {length:,} bytes, at most {MAX_TRACK_BYTES:,} are read")
            yield data[at + 8 : at + 8 + length]
        at += 8 + length


def _parsed(chunk: bytes, number: int) -> Messages:
    """mido reads each track as a file of its own, so no track can run into the next."""
    header = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(chunk))
    try:
        track = mido.MidiFile(file=BytesIO(header + chunk), clip=True).tracks[0]
    except EOFError:
        raise ValueError(f"track {number} ends in the middle of an event: the file is truncated") from None
    except Exception as problem:  # mido lets whatever its decoders meet fall through: IndexError, struct.error, ...
        raise ValueError(f"track {number} cannot be read: {problem or type(problem).__name__}") from None
    tick, messages = 0, []
    for message in track:
        tick += message.time
        messages.append((tick, message))
    return messages


def _name(track: Messages) -> str:
    return next((str(message.name).strip() for _, message in track if message.type == "track_name"), "")


def _channel_messages(track: Messages) -> list[tuple[int, Midi]]:
    parsed = ((tick, parse(message.bytes())) for tick, message in track if not message.is_meta)
    return [(tick, message) for tick, message in parsed if message is not None]


def _tempos(tracks: Sequence[Messages]) -> tuple[TempoChange, ...]:
    """The last one wins where two fall on a tick."""
    found = {tick: int(message.tempo) for tick, message in _of_type(tracks, "set_tempo")}
    if 0 in found.values():
        raise ValueError("found a tempo of 0 microseconds per beat, expected at least 1")
    return tuple(TempoChange(tick, found[tick]) for tick in sorted(found))


def _metres(tracks: Sequence[Messages]) -> tuple[MetreChange, ...]:
    found = {tick: Metre(m.numerator, m.denominator) for tick, m in _of_type(tracks, "time_signature")}
    return tuple(MetreChange(tick, found[tick]) for tick in sorted(found))


def _of_type(tracks: Sequence[Messages], kind: str) -> Iterator[tuple[int, mido.MetaMessage]]:
    return ((tick, message) for track in tracks for tick, message in track if message.type == kind)


def _conductor_track(axis: Axis) -> mido.MidiTrack:
    events: Messages = [
        (c.tick, mido.MetaMessage("time_signature", numerator=c.metre.numerator, denominator=c.metre.denominator))
        for c in axis.metres
    ]
    events += [(change.tick, mido.MetaMessage("set_tempo", tempo=change.microseconds)) for change in axis.tempos]
    return _deltas(sorted(events, key=lambda event: event[0]))


def _track(track: Track) -> mido.MidiTrack:
    events: Messages = [(0, mido.MetaMessage("track_name", name=track.name))]
    events += [(tick, mido.Message.from_bytes(message.to_bytes())) for tick, message in track.events]
    return _deltas(events)


def _deltas(events: Messages) -> mido.MidiTrack:
    track, before = mido.MidiTrack(), 0
    for tick, message in events:
        message.time, before = max(0, tick - before), max(tick, before)
        track.append(message)
    return track


def _replace(path: Path, data: bytes) -> None:
    """Write beside and rename, so that nobody ever sees half a file; a device such as /dev/null is written to."""
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
