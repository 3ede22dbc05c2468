"""The folder of takes: unfinished ones made whole, old ones pruned, all of them listed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from composerd.errors import ComposerdError
from composerd.music.song import Axis, Track
from composerd.takes.journal import SUFFIX, is_being_written, read_journal
from composerd.takes.score import score

log = logging.getLogger(__name__)

WriteSong = Callable[[Path, Axis, Sequence[Track]], None]
"""devices.midi_file.write_song"""
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


def finish(journal: Path, write: WriteSong) -> Path | None:
    """Turn a journal into the MIDI file beside it, and delete it. None where no note was played.

    ValueError where it is no journal, OSError or ComposerdError where the disk refuses: then the journal stays.
    """
    played = score(read_journal(journal))
    if played is None:
        journal.unlink()
        return None
    path = journal.with_name(f"{journal.name.removesuffix(SUFFIX)}_{played.genre}.mid")
    write(path, played.axis, played.tracks)
    journal.unlink()
    return path


def recover(folder: Path, write: WriteSong) -> tuple[Path, ...]:
    """Finish what a crash or a power cut left unfinished; the takes it became. Never raises for a damaged journal."""
    recovered = []
    for journal in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            path = None if is_being_written(journal) else finish(journal, write)
        except ValueError:
            _put_aside(journal)
        except (OSError, ComposerdError) as error:
            log.warning("%s: cannot be made a MIDI file: %s", journal, error)
        else:
            recovered += [path] if path else []
    return tuple(recovered)


def _put_aside(journal: Path) -> None:
    """An unreadable journal is deleted when empty, else kept under a name that is not tried again."""
    try:
        if journal.stat().st_size == 0:
            journal.unlink()
        else:
            log.warning("%s: cannot be read, kept as .damaged", journal)
            journal.replace(journal.with_suffix(".damaged"))
    except OSError as error:
        log.warning("%s: %s", journal, error)
