"""Keeps the last minutes in memory, so that the player can save them afterwards."""

from __future__ import annotations

from collections import deque

from composerd.engine.messages import Played
from composerd.music.genre import Genre
from composerd.takes.journal import GenreFrom, Record

RING_SECONDS = 120.0
LONGEST = 60_000
"""most messages kept, so that a faulty controller does not fill the memory"""


class Ring:
    """The last RING_SECONDS seconds of player and band."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque()
        self._genre: Genre | None = None
        """the genre before the first record"""
        self._at = 0.0

    def note(self, played: Played) -> None:
        self._at = max(self._at, played.at)
        self._add(played)
        while self._records and _second(self._records[0]) < self._at - RING_SECONDS:
            self._drop()

    def change_genre(self, genre: Genre) -> None:
        self._add(GenreFrom(self._at, genre))

    def records(self) -> list[Record]:
        """The records in order, the genre first."""
        kept = list(self._records)
        first = _second(kept[0]) if kept else self._at
        return [GenreFrom(first, self._genre), *kept] if self._genre is not None else kept

    def _add(self, record: Record) -> None:
        self._records.append(record)
        if len(self._records) > LONGEST:
            self._drop()

    def _drop(self) -> None:
        gone = self._records.popleft()
        if isinstance(gone, GenreFrom):
            self._genre = gone.genre


def _second(record: Record) -> float:
    return record.second if isinstance(record, GenreFrom) else record.at
