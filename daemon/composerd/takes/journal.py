"""Writes a performance to disk while it is played: an append-only text file.

The first line is a JSON object: `composerd_take` (version of this format, 1) and `started` (local time, ISO 8601).
Every other line is one record, its fields separated by spaces, its first field saying which:

    G <second> <JSON>    the genre from here on: name, bpm, metre, player_program, parts (name, role, channel, program)
    M <second> <part> <kind> <channel> <data1> <data2> <beat>    a message that was played

Seconds are of one monotonic clock; `part` indexes the genre's parts, - is the player; `kind` is the MIDI status byte's
high nibble, decimal; `beat` counts quarter notes since bar 1, - where no clock ran. A record counts once its line feed
is there: what a crash cut off at the end is dropped, and so is any line that cannot be read.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from composerd.engine.messages import Played
from composerd.music.genre import Genre, Part
from composerd.music.metre import Metre
from composerd.music.midi import Midi

VERSION = 1


@dataclass(frozen=True, slots=True)
class GenreFrom:
    """The genre in force from `second` on."""

    second: float
    genre: Genre


Record = GenreFrom | Played


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal that was read."""

    started: datetime
    records: tuple[Record, ...]

    @property
    def played(self) -> tuple[Played, ...]:
        return tuple(record for record in self.records if isinstance(record, Played))


class JournalWriter:
    """An open journal. It is locked while its process lives, so that no other process treats it as unfinished.

    Every method raises OSError if the disk fails.
    """

    def __init__(self, path: Path, started: datetime) -> None:
        """Create the file and lock it before it gets its name; otherwise it would be treated as unfinished."""
        self.path = path
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        self._file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        header = {"composerd_take": VERSION, "started": started.isoformat(timespec="seconds")}
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._append(json.dumps(header) + "\n")
            draft.rename(path)
        except OSError:
            self.close()
            draft.unlink()
            raise

    def write(self, records: Iterable[Record]) -> None:
        """Append records. They survive the end of this process, and after `sync` a power cut."""
        self._append("".join(_line(record) for record in records))

    def sync(self) -> None:
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)

    def _append(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self._file, data) :]


def read_journal(path: Path) -> Journal:
    """Read a journal, finished or not. Raises ValueError if it is none, OSError if it cannot be read."""
    lines = path.read_bytes().split(b"\n")[:-1]
    try:
        header = json.loads(lines[0])
        if header["composerd_take"] != VERSION:
            raise ValueError
        started = datetime.fromisoformat(header["started"])
    except (IndexError, KeyError, TypeError, ValueError):
        raise ValueError(f"{path}: no journal of a take of version {VERSION}") from None
    return Journal(started, tuple(record for line in lines[1:] if (record := _record(line)) is not None))


def _line(record: Record) -> str:
    if isinstance(record, GenreFrom):
        return f"G {record.second:.6f} {json.dumps(_page(record.genre))}\n"
    m = record.message
    part = "-" if record.part is None else record.part
    beat = "-" if record.beat is None else f"{record.beat:.5f}"
    return f"M {record.at:.6f} {part} {m.kind} {m.channel} {m.data1} {m.data2} {beat}\n"


def _page(genre: Genre) -> dict[str, object]:
    parts = [[part.name, part.role, part.channel, part.program] for part in genre.parts]
    metre = [genre.metre.numerator, genre.metre.denominator]
    return {
        "name": genre.name, "bpm": genre.bpm, "metre": metre, "player_program": genre.player_program, "parts": parts
    }  # fmt: skip


def _record(line: bytes) -> Record | None:
    try:
        what, second, rest = line.decode().split(" ", 2)
        return _READERS[what](float(second), rest)
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _genre_from(second: float, text: str) -> GenreFrom:
    page = json.loads(text)
    parts = tuple(Part(name, role, channel, program) for name, role, channel, program in page["parts"])
    metre = Metre(*page["metre"])
    genre = Genre(
        page["name"], page["name"], "", float(page["bpm"]), parts, metre, player_program=page["player_program"]
    )
    return GenreFrom(second, genre)


def _message(second: float, text: str) -> Played:
    part, kind, channel, data1, data2, beat = text.split(" ")
    message = Midi(int(kind), int(channel), int(data1), int(data2))
    if message.kind not in range(0x80, 0xF0, 0x10) or not 1 <= message.channel <= 16:
        raise ValueError(text)
    if not (0 <= message.data1 < 128 and 0 <= message.data2 < 128):
        raise ValueError(text)
    return Played(second, None if part == "-" else int(part), message, None if beat == "-" else float(beat))


_READERS: dict[str, Callable[[float, str], Record]] = {"G": _genre_from, "M": _message}
