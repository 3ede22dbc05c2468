"""The folder of takes: what lies in it, and old ones pruned. Light to import: `composerd takes` answers at once."""

from __future__ import annotations

import fcntl
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SUFFIX = ".journal"
"""of a take that is being written, or was when its process died"""
STAMP = "%Y-%m-%d_%H-%M-%S"
_NAME = re.compile(r"(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)(?:\.(\d+))?_(.+)\.mid")


@dataclass(frozen=True, slots=True)
class Take:
    path: Path
    started: datetime
    genre: str
    size: int
    """bytes"""


def list_takes(folder: Path) -> tuple[Take, ...]:
    """Finished takes, oldest first. Files of other names are not ours."""
    found: list[tuple[datetime, int, Take]] = []
    for path in folder.glob("*.mid"):
        name = _NAME.fullmatch(path.name)
        if name:
            started, number = datetime.strptime(name[1], STAMP), int(name[2] or 1)
            found.append((started, number, Take(path, started, name[3], path.stat().st_size)))
    return tuple(take for _, _, take in sorted(found, key=lambda one: one[:2]))


def is_being_written(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def unfinished(folder: Path) -> tuple[Path, ...]:
    """Journals of performances that a crash or a power cut ended; `recover` makes takes of them."""
    return tuple(journal for journal in sorted(folder.glob(f"*{SUFFIX}")) if not is_being_written(journal))


def prune(folder: Path, limit_mb: float) -> tuple[Path, ...]:
    """Delete the oldest takes until all fit `limit_mb` megabytes; the newest always stays. What was deleted."""
    takes = list(list_takes(folder))
    surplus = sum(take.size for take in takes) - limit_mb * 1e6
    deleted = []
    while surplus > 0 and len(takes) > 1:
        oldest = takes.pop(0)
        oldest.path.unlink(missing_ok=True)
        surplus -= oldest.size
        deleted.append(oldest.path)
    return tuple(deleted)
