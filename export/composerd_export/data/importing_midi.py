"""Standard MIDI files read for a corpus: who plays which notes when, in beats. Nothing a file holds can do harm."""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import numpy.typing as npt

MAX_BYTES = 2_000_000
MAX_TRACK_BYTES = 1_000_000
"""bounds mido's memory: it makes an object of some 500 bytes per event"""
MAX_EVENTS = 200_000
MAX_BEATS = 16_000
"""an hour and a half at 180 bpm"""
DEFAULT_MICROSECONDS = 500_000

ON, OFF, PITCH, VELOCITY = range(4)
"""Columns of a voice's notes: beats (quarter notes, as floats) and MIDI numbers."""
Floats = npt.NDArray[np.float64]


class Rejected(Exception):
    """Why a file does not go into the corpus, in one line."""


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """What one track plays on one channel."""

    name: str
    """the track's"""
    channel: int
    """1 to 16"""
    program: int
    """General MIDI, from 0: the one in force at the first note"""
    notes: Floats
    """(notes, 4): ON, OFF, PITCH, VELOCITY, in order of ON"""


@dataclass(frozen=True, slots=True)
class MidiSong:
    """A file's music: `metres` are (beat, numerator, denominator), from beat 0; `bpm` rules longest, 30 to 300."""

    voices: tuple[Voice, ...]
    metres: tuple[tuple[float, int, int], ...]
    bpm: float
    end: float
    """beat of the last note's end"""


@dataclass(slots=True)
class _Track:
    name: str = ""
    notes: dict[int, list[tuple[int, int, int, int]]] = field(default_factory=dict)
    """channel -> (on, off, pitch, velocity) in file ticks"""
    programs: dict[int, int] = field(default_factory=dict)
    tempos: list[tuple[int, int]] = field(default_factory=list)
    metres: list[tuple[int, int, int]] = field(default_factory=list)


def read_midi(path: Path) -> MidiSong:
    """Raises Rejected for whatever is not a playable piece of music; never anything else."""
    try:
        data = _bytes_of(path)
    except OSError as error:
        raise Rejected(f"cannot be read: {error.strerror or error}") from None
    division, at = _header(data)
    tracks, events = [], 0
    for number, chunk in enumerate(_chunks(data, at), start=1):
        messages = _messages(chunk, number)
        events += len(messages)
        if events > MAX_EVENTS:
            raise Rejected(f"more than {MAX_EVENTS:,} events")
        tracks.append(_track_of(messages))
    return _song(tracks, division)


def _bytes_of(path: Path) -> bytes:
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise Rejected("not an ordinary file")
    if about.st_size > MAX_BYTES:
        raise Rejected(f"{about.st_size:,} bytes, at most {MAX_BYTES:,} are read")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if not data:
        raise Rejected("empty file")
    if data[:4] != b"MThd":
        raise Rejected(f"not a MIDI file: starts with {data[:4]!r}")
    return data[:MAX_BYTES]


def _header(data: bytes) -> tuple[int, int]:
    """Ticks a beat, and where the first chunk after the header begins."""
    if len(data) < 14:
        raise Rejected("truncated header")
    length, kind, _, division = struct.unpack(">4xIHHH", data[:14])
    if kind not in (0, 1):
        raise Rejected(f"MIDI file of type {kind}, only 0 and 1 hold one piece of music")
    if division == 0 or division & 0x8000:
        raise Rejected("timed in SMPTE frames, not in beats" if division else "0 ticks a beat")
    return division, 8 + length


def _chunks(data: bytes, at: int) -> Iterator[bytes]:
    while at + 8 <= len(data):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
        if at + 8 + length > len(data):
            raise Rejected("truncated: a track is longer than the file")
        if kind == b"MTrk":
            if length > MAX_TRACK_BYTES:
                raise Rejected(f"a track of {length:,} bytes, at most {MAX_TRACK_BYTES:,} are read")
            yield data[at + 8 : at + 8 + length]
        at += 8 + length


def _messages(chunk: bytes, number: int) -> mido.MidiTrack:
    """mido reads each track as a file of its own, so that no track runs into the next."""
    header = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(chunk))
    try:
        return mido.MidiFile(file=BytesIO(header + chunk), clip=True).tracks[0]
    except Exception as error:  # mido lets through whatever its decoders meet: EOFError, IndexError, struct.error, ...
        raise Rejected(f"track {number} cannot be read: {error or type(error).__name__}") from None


def _track_of(messages: Iterable[mido.Message | mido.MetaMessage]) -> _Track:
    track, tick = _Track(), 0
    sounding: dict[tuple[int, int], tuple[int, int]] = {}
    for message in messages:
        tick += message.time
        if message.type == "track_name" and not track.name:
            track.name = str(message.name).strip()
        elif message.type == "set_tempo":
            track.tempos.append((tick, max(1, int(message.tempo))))
        elif message.type == "time_signature":
            track.metres.append((tick, int(message.numerator), int(message.denominator)))
        elif message.type == "program_change" and message.channel not in track.notes:
            track.programs[message.channel] = message.program
        elif message.type in ("note_on", "note_off"):
            _note(track, sounding, tick, message)
    for (channel, pitch), (on, velocity) in sounding.items():
        track.notes[channel].append((on, tick, pitch, velocity))
    return track


def _note(track: _Track, sounding: dict[tuple[int, int], tuple[int, int]], tick: int, message: mido.Message) -> None:
    """A note struck again while it sounds ends there."""
    key = (message.channel, message.note)
    before = sounding.pop(key, None)
    if before is not None:
        track.notes[message.channel].append((before[0], tick, message.note, before[1]))
    if message.type == "note_on" and message.velocity > 0:
        track.notes.setdefault(message.channel, [])
        sounding[key] = (tick, message.velocity)


def _song(tracks: list[_Track], division: int) -> MidiSong:
    voices = tuple(
        Voice(track.name, channel + 1, track.programs.get(channel, 0), _in_beats(notes, division))
        for track in tracks
        for channel, notes in sorted(track.notes.items())
        if notes
    )
    if not voices:
        raise Rejected("no notes")
    end = max(float(voice.notes[:, OFF].max()) for voice in voices)
    if end > MAX_BEATS:
        raise Rejected(f"{end:,.0f} beats long, at most {MAX_BEATS:,} are read")
    metres = [(tick / division, top, under) for track in tracks for tick, top, under in track.metres]
    tempos = [(tick / division, micros) for track in tracks for tick, micros in track.tempos]
    return MidiSong(voices, _metres(metres), _tempo(tempos, end), end)


def _in_beats(notes: list[tuple[int, int, int, int]], division: int) -> Floats:
    rows = np.array(sorted(notes), np.float64)
    rows[:, [ON, OFF]] /= division
    return rows


def _metres(found: list[tuple[float, int, int]]) -> tuple[tuple[float, int, int], ...]:
    """In order, the last of those at one moment; 4/4 until the first."""
    by_beat = {0.0: (4, 4)} | {beat: (top, under) for beat, top, under in sorted(found, key=lambda metre: metre[0])}
    bad = next(((top, under) for top, under in by_beat.values() if not 1 <= top <= 64 or 96 * top % under), None)
    if bad is not None:
        raise Rejected(f"time signature {bad[0]}/{bad[1]}")
    return tuple((beat, *by_beat[beat]) for beat in sorted(by_beat))


def _tempo(found: list[tuple[float, int]], end: float) -> float:
    """Quarter notes a minute of the tempo that rules most beats."""
    changes = {0.0: DEFAULT_MICROSECONDS} | dict(sorted(found, key=lambda tempo: tempo[0]))
    beats: dict[int, float] = {}
    moments = [*sorted(changes), max(end, max(changes))]
    for beat, until in pairwise(moments):
        beats[changes[beat]] = beats.get(changes[beat], 0.0) + max(0.0, min(until, end) - beat)
    return min(300.0, max(30.0, 60e6 / max(beats, key=beats.__getitem__)))
