"""Standard MIDI files put together byte by byte, whole or broken on purpose."""

from __future__ import annotations

import struct
from collections.abc import Iterable

END = b"\0\xff\x2f\0"
C_MAJOR = (60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 60, 64, 67, 64)
"""a tune of one bar of quarters per chord"""


def header(kind: int = 1, tracks: int = 1, division: int = 480) -> bytes:
    return b"MThd" + struct.pack(">IHHH", 6, kind, tracks, division)


def chunk(events: bytes, name: bytes = b"MTrk", length: int | None = None) -> bytes:
    return name + struct.pack(">I", len(events) if length is None else length) + events


def number(value: int) -> bytes:
    """A variable-length quantity."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))


def meta(kind: int, data: bytes = b"", delta: int = 0) -> bytes:
    return number(delta) + b"\xff" + bytes([kind]) + number(len(data)) + data


def notes(
    pitches: Iterable[int], channel: int = 1, ticks: int = 480, every: int | None = None, velocity: int = 90
) -> bytes:
    """One note after the other; `every` is from onset to onset."""
    gap = (every or ticks) - ticks
    return b"".join(
        number(gap if index else 0)
        + bytes([0x90 | channel - 1, pitch, velocity])
        + number(ticks)
        + bytes([0x80 | channel - 1, pitch, 0])
        for index, pitch in enumerate(pitches)
    )


def tune(before: bytes = b"", name: bytes = b"Lead", after: bytes = b"") -> bytes:
    """The events of a track: 64 notes over 16 bars."""
    return meta(3, name) + before + notes(C_MAJOR * 4) + after + END


def song(*tracks: bytes, kind: int = 1, division: int = 480) -> bytes:
    return header(kind, len(tracks), division) + b"".join(chunk(track) for track in tracks)


def rmid(data: bytes) -> bytes:
    body = b"RMID" + b"data" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mpe_tune() -> bytes:
    """The tune by a controller that gives each note a channel of its own and bends it: MPE 1.1."""
    configuration = bytes.fromhex("00 B0 65 00  00 B0 64 06  00 B0 06 0F")
    events = b"".join(
        b"\0" + bytes([0xE0 | channel, 0, 64]) + notes([pitch], channel + 1) + b"\0" + bytes([0xE0 | channel, 40, 70])
        for channel, pitch in ((1 + index % 8, pitch) for index, pitch in enumerate(C_MAJOR * 4))
    )
    return meta(3, b"Seaboard") + configuration + events + END


def band() -> tuple[bytes, ...]:
    """Four parts without a melody's name: the tune is the trumpet's, the violins hold high notes above it."""

    def part(name: bytes, channel: int, program: int, events: bytes) -> bytes:
        return meta(3, name) + bytes([0, 0xC0 | channel - 1, program]) + events + END

    eighths = [pitch + 5 for pitch in (60, 64, 67, 64, 65, 69, 72, 69)] * 16
    return (
        part(b"Bass", 3, 33, notes([36, 36, 36, 36, 41, 41, 41, 41] * 8)),
        part(b"Piano", 2, 0, notes([60, 64, 67, 65, 69, 72] * 8, every=640)),
        part(b"Trumpet", 4, 56, notes(eighths, ticks=220, every=240)),
        part(b"Violins", 5, 48, notes([88, 84, 86, 91] * 4, ticks=1900, every=1920)),
    )
