"""Reads Standard MIDI files (RP-001 v1.0) tolerantly: invalid data is skipped and reported, not refused.

Every file that FluidSynth's player plays is read; a file that becomes invalid is read up to that point. RIFF
containers (RMID, RP-029) are unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from composerd.files.midi_events import MAX_EVENTS, TrackEvents, read_track
from composerd.files.midi_text import decoded
from composerd.music.midi import Midi
from composerd.music.midi_tracks import MetreChange, TempoChange

ENDINGS = (".mid", ".midi", ".kar", ".smf", ".rmi")
"""endings of the names of MIDI files, in lower case"""
MAX_BYTES = 16_000_000
COARSEST = 96
"""least resolution [ticks a beat]; coarser files are converted to a multiple, so that added tracks are fine enough"""
_FINE = 480
_HEADER = 14
_LONGEST_JUNK = 4096
"""number of foreign bytes allowed before the header, such as MacBinary's"""


@dataclass(frozen=True, slots=True)
class MidiTrack:
    """A track; `events` are (tick, channel message), in order."""

    name: str
    events: tuple[tuple[int, Midi], ...]
    notes: tuple[tuple[int, int, bytes], ...] = ()
    """further events: tick, kind (one of midi_events.NOTES), data"""
    last: int = 0
    """tick of its last event of any kind"""


@dataclass(frozen=True, slots=True)
class MidiFile:
    """A MIDI file's content; tempos and metres are those of all tracks, in order of ticks."""

    kind: int
    """0: one track holds all parts; else a track is a part"""
    ticks_per_beat: int
    """at least COARSEST"""
    tempos: tuple[TempoChange, ...]
    metres: tuple[MetreChange, ...]
    tracks: tuple[MidiTrack, ...]
    ignored: tuple[str, ...]
    """notes about skipped data, one line for each kind"""


def read_midi(path: Path) -> MidiFile:
    """Read the file at `path`. Raises OSError, and ValueError (found, expected) if it is no MIDI file."""
    if path.is_dir():
        raise ValueError("found a folder, expected a MIDI file")
    with path.open("rb") as file:
        start = file.read(_LONGEST_JUNK)
        if not start:
            raise ValueError("found an empty file, expected a MIDI file")
        _check_start(start)
        return parse_midi(start + file.read(MAX_BYTES + 1 - len(start)))


def parse_midi(data: bytes) -> MidiFile:
    """Read a MIDI file's bytes, as `read_midi` does."""
    _check_start(data)
    if len(data) > MAX_BYTES and not data.startswith(b"RIFF"):
        raise ValueError(f"found more than {MAX_BYTES:,} bytes, a MIDI file of that size is not read")
    ignored = Ignored()
    data = _unpacked(data, ignored)
    if len(data) < _HEADER:
        raise ValueError(f"found a header of {len(data)} bytes, expected {_HEADER}: the file is cut off")
    kind, division = int.from_bytes(data[8:10], "big"), int.from_bytes(data[12:14], "big")
    if division & 0x8000:
        raise ValueError("found SMPTE time code, expected a file timed in ticks a beat")
    if division == 0:
        raise ValueError("found 0 ticks a beat, expected 1 to 32767")
    if kind > 1:
        ignored.add(f"its type, {kind}: its sequences are read as tracks")
    tracks = _tracks(data, ignored)
    if not tracks:
        raise ValueError("found a header and no track")
    factor = 1 if division >= COARSEST else -(-_FINE // division)
    return _file(kind, division * factor, factor, tracks, ignored)


@dataclass(slots=True)
class Ignored:
    """Collects notes about skipped data, each text once."""

    texts: dict[str, None] = field(default_factory=dict)

    def add(self, text: str) -> None:
        self.texts.setdefault(text)

    def lines(self, most: int = 4) -> tuple[str, ...]:
        every = tuple(self.texts)
        return every if len(every) <= most else (*every[:most], f"and {len(every) - most} more")


def _check_start(data: bytes) -> None:
    if data[:4] == b"RIFF" and data[8:12] != b"RMID":
        raise ValueError(f"found a RIFF file of kind {_letters(data[8:12])}, expected 'RMID' (a MIDI file)")
    if data[:4] not in (b"MThd", b"RIFF") and b"MThd" not in data[:_LONGEST_JUNK]:
        raise ValueError(f"found {_letters(data[:4])} at its start, expected 'MThd' (a MIDI file)")


def _letters(data: bytes) -> str:
    return repr(data.decode("latin-1")) if data else "nothing"


def _unpacked(data: bytes, ignored: Ignored) -> bytes:
    """The MIDI file inside `data`: from a RIFF container, or after foreign bytes."""
    if data[:4] == b"RIFF":
        at = data.find(b"MThd")
        if at < 0:
            raise ValueError(f"found a RIFF container without a MIDI file in its first {len(data):,} bytes")
        size = int.from_bytes(data[at - 4 : at], "little")
        return data[at:][:MAX_BYTES] if at + size > len(data) or size < _HEADER else data[at : at + size]
    at = data.find(b"MThd")
    if at:
        ignored.add(f"{at:,} bytes before the file's header")
    return data[at:]


def _tracks(data: bytes, ignored: Ignored) -> list[TrackEvents]:
    tracks: list[TrackEvents] = []
    events, at = 0, _next_chunk(data, 8 + int.from_bytes(data[4:8], "big"), _HEADER, ignored)
    while at is not None:
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        body, stated = at + 8, at + 8 + length
        if data[at : at + 4] == b"MTrk":
            limit = stated if _is_boundary(data, stated) else len(data)
            found = read_track(data, body, limit, tracks[-1].status if tracks else 0)
            if not found.is_whole and stated > len(data):
                found.problem = found.problem or "which is cut off"
            tracks.append(found)
            _tell(found, len(tracks), ignored)
            events += found.count
            if events > MAX_EVENTS:
                raise ValueError(f"found more than {MAX_EVENTS:,} events, a MIDI file of that size is not read")
            at = _next_chunk(data, stated, found.end, ignored)
        else:
            at = _next_chunk(data, stated, body, ignored)
    return tracks


def _tell(found: TrackEvents, number: int, ignored: Ignored) -> None:
    for text in found.ignored:
        ignored.add(text)
    if found.problem:
        ignored.add(f"the rest of track {number}, {found.problem}")


def _is_boundary(data: bytes, at: int) -> bool:
    """Whether a chunk ends at `at`: the file ends there, or another chunk begins."""
    return at == len(data) or _is_chunk(data, at)


def _is_chunk(data: bytes, at: int) -> bool:
    if data[at : at + 4] == b"MTrk" and at + 8 <= len(data):
        return True
    name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
    return at + 8 + length <= len(data) and len(name) == 4 and all(0x20 <= letter < 0x7F for letter in name)


def _next_chunk(data: bytes, stated: int, read: int, ignored: Ignored) -> int | None:
    """The start of the next chunk: by the last one's stated length, else by the end of its events, else by search."""
    if stated == len(data):
        return None
    if _is_chunk(data, stated):
        return stated
    if stated != read:
        ignored.add("wrong lengths of chunks")
    if _is_chunk(data, read):
        return read
    at = data.find(b"MTrk", read, -4)
    rest = (len(data) if at < 0 else at) - read
    if rest > 0:
        ignored.add(f"{rest:,} byte{'' if rest == 1 else 's'} after a track")
    return None if at < 0 else at


def _file(kind: int, ticks_per_beat: int, factor: int, tracks: list[TrackEvents], ignored: Ignored) -> MidiFile:
    tempos = {tick: value for track in tracks for tick, value in track.tempos}
    metres = {tick: value for track in tracks for tick, value in track.metres}
    return MidiFile(
        kind,
        ticks_per_beat,
        tuple(TempoChange(factor * tick, tempos[tick]) for tick in sorted(tempos)),
        tuple(MetreChange(factor * tick, metres[tick]) for tick in sorted(metres)),
        tuple(_track(track, factor) for track in tracks),
        ignored.lines(),
    )


def _track(track: TrackEvents, factor: int) -> MidiTrack:
    names: Iterator[str] = (decoded(data).strip("\0 \t\r\n") for data in track.names)
    events = track.events if factor == 1 else [(factor * tick, message) for tick, message in track.events]
    notes = tuple((factor * tick, kind, data) for tick, kind, data in track.notes)
    return MidiTrack(next((name for name in names if name), ""), tuple(events), notes, factor * track.last)
