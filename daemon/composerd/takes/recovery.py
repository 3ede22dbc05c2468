"""Journals made whole: a performance that is over, or that a crash ended, becomes a MIDI file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from composerd.errors import ComposerdError
from composerd.music.song import Axis, Track
from composerd.takes.folder import SUFFIX, is_being_written
from composerd.takes.journal import read_journal
from composerd.takes.score import score

log = logging.getLogger(__name__)

WriteSong = Callable[[Path, Axis, Sequence[Track]], None]
"""devices.midi_file.write_song"""


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
