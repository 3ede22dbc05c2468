"""Receives uploaded files in pieces: held in memory up to a limit, identified by a number, never by a name."""

from __future__ import annotations

import binascii
import itertools
from pathlib import Path

from composerd.errors import ConfigError

MOST_BYTES = 2_000_000
"""largest file [bytes]; a MIDI file of 100,000 notes has one million"""
UPLOADED = ".upload.mid"
"""ending of a stored file"""
MOST_STORED = 12
MOST_AT_ONCE = 4
"""most uploads in progress; of more, the oldest is dropped"""


class Uploads:
    """Uploads in progress."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._coming: dict[int, bytearray] = {}

    def begin(self) -> int:
        number = next(self._numbers)
        self._coming[number] = bytearray()
        while len(self._coming) > MOST_AT_ONCE:
            del self._coming[next(iter(self._coming))]
        return number

    def add(self, number: int, data: str) -> None:
        """Append a piece in base64. Raises ConfigError if it is invalid, or if the file becomes too large."""
        if number not in self._coming:
            raise ConfigError("upload: not started, or no longer stored: choose the file again")
        try:
            piece = binascii.a2b_base64(data, strict_mode=True)
        except (ValueError, binascii.Error):
            raise ConfigError("upload: found a piece that is no base64") from None
        if len(self._coming[number]) + len(piece) > MOST_BYTES:
            del self._coming[number]
            raise ConfigError(f"upload: found more than {MOST_BYTES:,} bytes, which is the most")
        self._coming[number] += piece

    def take(self, number: int) -> bytes:
        """Return the whole file and remove it."""
        if number not in self._coming:
            raise ConfigError("upload: not started, or no longer stored: choose the file again")
        return bytes(self._coming.pop(number))


def stored(data: bytes, folder: Path) -> Path:
    """Store the bytes as a file with a generated name; of more than MOST_STORED files the oldest is deleted."""
    import hashlib

    path = folder / f"{hashlib.sha256(data).hexdigest()[:24]}{UPLOADED}"
    path.write_bytes(data)
    files = sorted(folder.glob(f"*{UPLOADED}"), key=written_at)
    for old in files[:-MOST_STORED]:
        old.unlink(missing_ok=True)
    return path


def written_at(path: Path) -> int:
    """When a file was written last, in ns; 0 for one that another thread has deleted meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def uploaded(folder: Path, key: str) -> Path:
    """The stored file with this generated name. Raises ConfigError if it is not there."""
    for path in folder.glob(f"*{UPLOADED}"):
        if path.name == f"{key}{UPLOADED}":
            return path
    raise ConfigError("this file is no longer stored: upload it again")
