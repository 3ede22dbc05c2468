"""Turns a stream of played messages into takes: decides when one begins and ends, and handles disk errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from composerd.engine.messages import Played
from composerd.errors import ComposerdError
from composerd.music.genre import Genre
from composerd.takes.folder import SUFFIX, new_name, prune
from composerd.takes.journal import GenreFrom, JournalWriter, Record
from composerd.takes.recovery import finish
from composerd.takes.settings import TakeSettings
from composerd.takes.take_management import kept_names

log = logging.getLogger(__name__)

SYNC_SECONDS = 2.0
"""interval of flushing to disk [s]: the most that a power cut loses; the end of the process alone loses nothing"""
NEW_START_BEATS = 2.0
"""number of beats by which the beat count must fall back for a new performance"""


class TakeRecorder:
    """Writes takes, on one thread; disk errors are reported and never raised."""

    def __init__(self, settings: TakeSettings, folder: Path, clock: Callable[[], datetime]) -> None:
        self._settings, self._folder, self._clock = settings, folder, clock
        self._genre: Genre | None = None
        self._journal: JournalWriter | None = None
        self._at = self._synced = 0.0
        self._beat = 0.0
        self._silence = 0.0
        self._gave_up = False
        """whether the disk failed, so that nothing is recorded until the next performance"""
        self.problem = ""
        """the disk's error, until something has been written again; empty without one"""
        self._stopped = False
        """whether it was reported that recording stopped, and nothing has been recorded since"""
        self.finished: list[Path] = []
        """the takes of this session, in order"""

    @property
    def counts(self) -> bool:
        """Whether silence has to be counted, because it ends a take or lets another be begun."""
        return self._journal is not None or self._gave_up

    def note(self, played: Played) -> None:
        if played.beat is not None:
            if played.beat < self._beat - NEW_START_BEATS:
                self.end()
            self._beat = played.beat
        self._at, self._silence = played.at, 0.0
        with self._guarded():
            wanted = self._settings.record and not self._gave_up
            if self._journal is None and played.message.starts_note and wanted:
                self._journal = self._begin()
            if self._journal is not None:
                self._journal.write([played])
                if played.at >= self._synced + SYNC_SECONDS:
                    self._sync(self._journal)

    def change_genre(self, genre: Genre) -> None:
        self._genre = genre
        with self._guarded():
            if self._journal is not None:
                self._journal.write([GenreFrom(self._at, genre)])

    def rest(self, seconds: float) -> None:
        """Count `seconds` more of silence."""
        with self._guarded():
            if self._journal is not None:
                self._sync(self._journal)
        self._silence += seconds
        if self._silence >= self._settings.pause_s:
            self.end()

    def end(self) -> None:
        """End the take: turn its journal into a MIDI file and prune old takes."""
        journal, self._journal = self._journal, None
        self._beat, self._gave_up = 0.0, False
        if journal is None:
            return
        with self._guarded():
            journal.close()
            self._finished(finish(journal.path))

    def keep(self, records: Iterable[Record]) -> None:
        """Write `records` as a separate take and log the result; the current take continues."""
        journal: JournalWriter | None = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            journal = self._new_journal()
            try:
                journal.write(records)
            finally:
                journal.close()
            path = finish(journal.path)
            self._finished(path)
        except (OSError, ComposerdError, ValueError) as error:
            if journal is not None:
                journal.path.unlink(missing_ok=True)
            self.problem = self._why(error)
            log.warning("not kept: %s", self.problem)
        else:
            log.info("kept: %s", path or "nothing, no note was played in the last two minutes")

    def _finished(self, path: Path | None) -> None:
        """Note that a take was written, which clears the disk's problem."""
        if path is None:
            return
        self._resume()
        self.problem = ""
        self.finished.append(path)
        gone = prune(self._folder, self._settings.limit_mb, kept_names(self._folder))
        self.finished = [take for take in self.finished if take not in gone]

    def _begin(self) -> JournalWriter:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._synced = self._at
        journal = self._new_journal()
        if self._genre is not None:
            journal.write([GenreFrom(self._at, self._genre)])
        return journal

    def _new_journal(self) -> JournalWriter:
        started = self._clock()
        return JournalWriter(self._folder / f"{new_name(self._folder, started)}{SUFFIX}", started)

    def _sync(self, journal: JournalWriter) -> None:
        self._synced = self._at
        journal.sync()
        self._resume()

    def _resume(self) -> None:
        """Note that something is on the disk again: recording goes on."""
        if self._stopped:
            log.info("recording again: %s", self._folder)
            self.problem, self._stopped = "", False

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Handle disk errors: they end the take, not the music; its journal is recovered at the next start."""
        try:
            yield
        except (OSError, ComposerdError, ValueError) as error:
            self._gave_up = True
            journal, self._journal = self._journal, None
            if journal is not None:
                journal.close()
            self.problem = self._why(error)
            if not self._stopped:
                log.warning("recording stopped, the music goes on: %s", self.problem)
            self._stopped = True

    def _why(self, error: Exception) -> str:
        if isinstance(error, OSError):
            return f"{error.filename or self._folder}: {error.strerror or error}"
        return str(error)
