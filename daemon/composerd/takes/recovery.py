"""Turns journals into MIDI files, when a performance ends or after a crash."""

from __future__ import annotations

import logging
from pathlib import Path

from composerd.errors import ComposerdError
from composerd.takes.facts import facts_of
from composerd.takes.folder import SUFFIX, is_being_written, new_name
from composerd.takes.journal import read_journal
from composerd.takes.score import score

log = logging.getLogger(__name__)


def finish(journal: Path) -> Path | None:
    """Turn a journal into a MIDI file beside it, the newest take, and delete it. None if no note was played.

    Raises ValueError if it is no journal, OSError or ComposerdError if the disk fails; then the journal stays.
    """
    from composerd.files.midi_file import write_tracks  # takes its time to import

    recorded = read_journal(journal)
    played = score(recorded)
    if played is None:
        journal.unlink()
        return None
    path = journal.with_name(f"{new_name(journal.parent, recorded.started, ('.mid',))}_{played.genre}.mid")
    end = max((track.events[-1][0] for track in played.tracks if track.events), default=0)
    write_tracks(path, played.axis, played.tracks, facts_of(played.axis, end).text)
    journal.unlink()
    return path


def recover(folder: Path) -> tuple[Path, ...]:
    """Finish the journals that a crash or a power cut left; returns the new takes. Damaged journals never raise."""
    recovered = []
    for journal in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            path = None if is_being_written(journal) else finish(journal)
        except ValueError:
            _put_aside(journal)
        except (OSError, ComposerdError) as error:
            log.warning("%s: cannot be turned into a MIDI file: %s", journal, error)
        else:
            recovered += [path] if path else []
    return tuple(recovered)


def _put_aside(journal: Path) -> None:
    """Delete an unreadable journal if it is empty, else rename it so that it is not tried again."""
    try:
        if journal.stat().st_size == 0:
            journal.unlink()
        else:
            log.warning("%s: cannot be read, kept as .damaged", journal)
            journal.replace(journal.with_suffix(".damaged"))
    except OSError as error:
        log.warning("%s: %s", journal, error)
