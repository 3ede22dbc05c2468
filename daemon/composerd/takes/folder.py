"""Lists the takes of a folder in order of recording, names new ones and prunes old ones. Light to import.

A take's name begins with a number, one more than the highest before it: a machine whose clock is wrong, or jumps, still
has its takes in order. Takes without a number are of earlier versions and come first.
"""

from __future__ import annotations

import contextlib
import fcntl
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SUFFIX = ".journal"
"""ending of the journal of a take that is being written, or was when its process ended"""
STAMP = "%Y-%m-%d_%H-%M-%S"
_NAME = re.compile(r"(?:(\d{4,})_)?(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)(?:\.(\d+))?_(.+)\.mid")
_NUMBER = re.compile(r"(\d{4,})_")


@dataclass(frozen=True, slots=True)
class Take:
    """A finished take."""

    path: Path
    number: int
    """in order of recording, from 1; 0 for a take of an earlier version"""
    started: datetime
    """time by the machine's clock, which may have been wrong"""
    genre: str
    size: int
    """bytes"""


def list_takes(folder: Path) -> tuple[Take, ...]:
    """Finished takes in order of recording; files with other names and links that lead nowhere are ignored."""
    found: list[tuple[int, datetime, int, Take]] = []
    for path in folder.glob("*.mid"):
        name = _NAME.fullmatch(path.name)
        started = _date(name[2]) if name else None
        if name and started:
            number = int(name[1] or 0)
            with contextlib.suppress(FileNotFoundError):  # a dangling link, or deleted since it was listed
                take = Take(path, number, started, name[4], path.stat().st_size)
                found.append((number, started, int(name[3] or 1), take))
    return tuple(take for *_, take in sorted(found, key=lambda one: one[:3]))


def _date(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, STAMP)
    except ValueError:
        return None


def new_name(folder: Path, started: datetime, endings: tuple[str, ...] = (".mid", SUFFIX)) -> str:
    """A name, without genre and ending, that sorts after every file with one of `endings` in `folder`."""
    numbers = (_NUMBER.match(path.name) for path in folder.iterdir() if path.name.endswith(endings))
    return f"{max((int(number[1]) for number in numbers if number), default=0) + 1:04d}_{started.strftime(STAMP)}"


def is_being_written(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def unfinished(folder: Path) -> tuple[Path, ...]:
    """Journals that a crash or a power cut left unfinished; `recover` turns them into takes."""
    return tuple(journal for journal in sorted(folder.glob(f"*{SUFFIX}")) if _is_left(journal))


def _is_left(journal: Path) -> bool:
    try:
        return not is_being_written(journal)
    except OSError:  # it became a take meanwhile, or another user's
        return False


def prune(folder: Path, limit_mb: float, kept: Collection[str] = ()) -> tuple[Path, ...]:
    """Delete the oldest takes until all fit `limit_mb` megabytes; returns the deleted ones.

    The newest take and those whose names are in `kept` are never deleted.
    """
    takes = list_takes(folder)
    surplus = sum(take.size for take in takes) - limit_mb * 1e6
    deleted = []
    for oldest in takes[:-1]:
        if surplus > 0 and oldest.path.name not in kept:
            oldest.path.unlink(missing_ok=True)
            surplus -= oldest.size
            deleted.append(oldest.path)
    return tuple(deleted)
