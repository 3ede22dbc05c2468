"""Turns a stream of played messages into takes: when one begins and ends, and what a refusing disk costs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

from composerd.engine.messages import Played
from composerd.errors import ComposerdError
from composerd.music.genre import Genre
from composerd.takes.folder import STAMP, SUFFIX, prune
from composerd.takes.journal import GenreFrom, JournalWriter, Record
from composerd.takes.recovery import WriteSong, finish
from composerd.takes.settings import TakeSettings

log = logging.getLogger(__name__)

SYNC_SECONDS = 2.0
"""at most so much is lost when the machine loses power; when only the process dies, nothing is"""
NEW_START_BEATS = 2.0
"""a beat count that falls back by more than this is a new performance"""


class Scribe:
    """Used from one thread. Nothing it does raises for a disk's sake."""

    def __init__(self, settings: TakeSettings, folder: Path, write: WriteSong, clock: Callable[[], datetime]) -> None:
        self._settings, self._folder, self._write, self._clock = settings, folder, write, clock
        self._genre: Genre | None = None
        self._journal: JournalWriter | None = None
        self._at = self._synced = 0.0
        self._beat = 0.0
        self._silence = 0.0
        self._gave_up = False
        """the disk refused: nothing is recorded until the next performance"""
        self._warned = False

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
        """Nothing was played for `seconds` more."""
        with self._guarded():
            if self._journal is not None:
                self._sync(self._journal)
        self._silence += seconds
        if self._silence >= self._settings.pause_s:
            self.end()

    def end(self) -> None:
        """The performance is over: its journal becomes a MIDI file, and old takes make room."""
        journal, self._journal = self._journal, None
        self._beat, self._gave_up = 0.0, False
        if journal is None:
            return
        with self._guarded():
            journal.close()
            finish(journal.path, self._write)
            prune(self._folder, self._settings.limit_mb)

    def keep(self, records: Iterable[Record]) -> None:
        """A take of its own made of `records`, beside the one that is being written."""
        with self._guarded():
            self._folder.mkdir(parents=True, exist_ok=True)
            started = self._clock()
            journal = JournalWriter(self._unused(started), started)
            try:
                journal.write(records)
            finally:
                journal.close()
            if (path := finish(journal.path, self._write)) is not None:
                log.info("kept: %s", path)
            prune(self._folder, self._settings.limit_mb)

    def _begin(self) -> JournalWriter:
        self._folder.mkdir(parents=True, exist_ok=True)
        started, self._synced = self._clock(), self._at
        journal = JournalWriter(self._unused(started), started)
        if self._genre is not None:
            journal.write([GenreFrom(self._at, self._genre)])
        return journal

    def _unused(self, started: datetime) -> Path:
        """Two takes may begin within a second."""
        there = [path.name for path in self._folder.iterdir()]
        stamp = started.strftime(STAMP)
        names = (stamp if number == 1 else f"{stamp}.{number}" for number in count(1))
        name = next(n for n in names if not any(other.startswith((f"{n}_", f"{n}{SUFFIX}")) for other in there))
        return self._folder / f"{name}{SUFFIX}"

    def _sync(self, journal: JournalWriter) -> None:
        self._synced = self._at
        journal.sync()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """A disk that refuses costs the take, never the music; what is on disk of it is found at the next start."""
        try:
            yield
        except (OSError, ComposerdError, ValueError) as error:
            self._gave_up = True
            journal, self._journal = self._journal, None
            if journal is not None:
                journal.close()
            if not self._warned:
                self._warned = True
                log.warning("recording stopped, the music goes on: %s", self._why(error))

    def _why(self, error: Exception) -> str:
        if isinstance(error, OSError):
            return f"{error.filename or self._folder}: {error.strerror or error}"
        return str(error)
