"""Reads the events of one track of a Standard MIDI file, up to its end-of-track event or the first invalid byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from composerd.music.metre import Metre
from composerd.music.midi import Midi, parse

MAX_EVENTS = 500_000
"""most events of a file, of any kind: limits the memory that a hostile file takes"""
META, SYSEX, ESCAPE = 0xFF, 0xF0, 0xF7
TRACK_NAME, END_OF_TRACK, TEMPO, TIME_SIGNATURE = 0x03, 0x2F, 0x51, 0x58
TEXT, LYRIC, MARKER, KEY_SIGNATURE, SPECIFIC = 0x01, 0x05, 0x06, 0x59, 0x7F
NOTES = (TEXT, LYRIC, MARKER, KEY_SIGNATURE, SPECIFIC)
"""kinds of meta events with texts and keys, which are kept undecoded"""
_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}
"""number of data bytes of system messages, which do not belong into a file; those not listed have none"""


@dataclass(slots=True)
class TrackEvents:
    """The events of a track, at ticks from its start."""

    events: list[tuple[int, Midi]] = field(default_factory=list)
    tempos: list[tuple[int, int]] = field(default_factory=list)
    """microseconds a beat"""
    metres: list[tuple[int, Metre]] = field(default_factory=list)
    names: list[bytes] = field(default_factory=list)
    notes: list[tuple[int, int, bytes]] = field(default_factory=list)
    """tick, kind (one of NOTES), data"""
    last: int = 0
    """tick of the last event"""
    ignored: dict[str, None] = field(default_factory=dict)
    """notes about skipped data, each text once"""
    problem: str = ""
    """why reading stopped before the track's end"""
    end: int = 0
    """where reading stopped"""
    is_whole: bool = False
    """whether its end-of-track event was reached"""
    count: int = 0
    """events read, of any kind"""
    status: int = 0
    """the last status byte, 0 without one"""


class _InvalidEvent(Exception):
    """Raised at bytes that are not a valid event."""


@dataclass(slots=True)
class _Cursor:
    data: bytes
    at: int
    limit: int

    def byte(self) -> int:
        if self.at >= self.limit:
            raise EOFError
        self.at += 1
        return self.data[self.at - 1]

    def take(self, length: int) -> bytes:
        if self.at + length > self.limit:
            raise EOFError
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self) -> int:
        """Read a variable-length quantity: at most four bytes, seven bits each."""
        value = 0
        for _ in range(4):
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise _InvalidEvent("a length of more than four bytes")


def read_track(data: bytes, at: int, limit: int, status: int = 0) -> TrackEvents:
    """Read the events in `data` from `at` on, at most up to `limit` and MAX_EVENTS; never raises.

    `status` is the running status left by an earlier track, for data bytes without a status byte.
    """
    cursor, found = _Cursor(data, at, limit), TrackEvents(status=status)
    try:
        _read(cursor, found)
    except EOFError:
        found.problem = "which is cut off"
    except _InvalidEvent as problem:
        found.problem = f"which makes no sense ({problem})"
    found.end = cursor.at
    return found


def _read(cursor: _Cursor, found: TrackEvents) -> None:
    tick = running = 0
    while cursor.at < cursor.limit and found.count <= MAX_EVENTS:
        found.count += 1
        tick += cursor.number()
        found.last = tick
        status = cursor.byte()
        if status < 0x80:
            if not found.status:
                raise _InvalidEvent("data without a message")
            cursor.at -= 1
            status = running or found.status
        found.status = status
        if status == META:
            found.is_whole = _meta(cursor.byte(), cursor.take(cursor.number()), tick, found)
            if found.is_whole:
                return
        elif status in (SYSEX, ESCAPE):
            cursor.take(cursor.number())
        elif status > SYSEX:
            cursor.take(_SYSTEM_BYTES.get(status, 0))
            found.ignored.setdefault("system messages")
        else:
            running = status
            _channel_message(status, cursor, tick, found)


def _channel_message(status: int, cursor: _Cursor, tick: int, found: TrackEvents) -> None:
    """Read a channel message; data bytes out of range are consumed as well, so that the next event is found."""
    data = cursor.take(1 if 0xC0 <= status < 0xE0 else 2)
    message = parse([status, *data])
    if message is None:
        found.ignored.setdefault("messages with values above 127")
    else:
        found.events.append((tick, message))


def _meta(kind: int, data: bytes, tick: int, found: TrackEvents) -> bool:
    """Read a meta event; returns whether it is the end of the track."""
    if kind in NOTES:
        found.notes.append((tick, kind, data))
    if kind in _META:
        problem = _META[kind](data, tick, found)
        if problem:
            found.ignored.setdefault(problem)
    return kind == END_OF_TRACK


def _name(data: bytes, _tick: int, found: TrackEvents) -> str:
    found.names.append(data)
    return ""


def _tempo(data: bytes, tick: int, found: TrackEvents) -> str:
    if len(data) < 3:
        return f"a tempo of {_bytes(data)}"
    value = int.from_bytes(data[:3], "big")
    if not value:
        return "a tempo of 0, the one before goes on"
    found.tempos.append((tick, value))
    return ""


def _time_signature(data: bytes, tick: int, found: TrackEvents) -> str:
    if len(data) < 2:
        return f"a time signature of {_bytes(data)}"
    numerator, denominator = data[0], 2 ** min(data[1], 16)
    try:
        found.metres.append((tick, Metre(numerator, denominator)))
    except ValueError:
        return f"time signature {numerator}/{denominator}, the one before goes on"
    return ""


def _key_signature(data: bytes, _tick: int, _found: TrackEvents) -> str:
    if len(data) < 2:
        return f"a key signature of {_bytes(data)}"
    sharps = data[0] - 256 if data[0] > 127 else data[0]
    if abs(sharps) > 7:
        return f"a key signature of {abs(sharps)} {'sharps' if sharps > 0 else 'flats'}"
    return "" if data[1] < 2 else f"a key signature of mode {data[1]}"


def _bytes(data: bytes) -> str:
    return f"{len(data)} byte{'' if len(data) == 1 else 's'}"


def _of_length(name: str, length: int) -> Callable[[bytes, int, TrackEvents], str]:
    return lambda data, _tick, _found: "" if len(data) >= length else f"{name} of {_bytes(data)}"


_META: dict[int, Callable[[bytes, int, TrackEvents], str]] = {
    TRACK_NAME: _name,
    0x20: _of_length("a channel prefix", 1),
    0x21: _of_length("a port number", 1),
    TEMPO: _tempo,
    0x54: _of_length("an SMPTE offset", 5),
    TIME_SIGNATURE: _time_signature,
    0x59: _key_signature,
}
"""Kind of meta event -> its handler, which returns a note about skipped data, or an empty text. Others are ignored."""
