"""A listener that writes down what player and band play, as it happens, without anybody waiting for a disk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from composerd.engine.messages import Played
from composerd.music.genre import Genre
from composerd.takes.recovery import WriteSong
from composerd.takes.ring import Ring
from composerd.takes.scribe import Scribe
from composerd.takes.settings import TakeSettings

QUEUE_LIMIT = 20_000
"""messages; a disk that hangs for longer than these last loses what follows, the music goes on"""
TICK_SECONDS = 1.0
"""how often the writer looks up when nothing is played"""


class _End:
    """The performance is over."""


class _Keep:
    """The last two minutes are worth a take of their own."""


class _Close:
    """The program is."""


class TakeSink:
    """An engine Sink. `play` puts into a queue (some microseconds), a thread of its own writes.

    A take begins with the first note and ends with `end`, with `pause_s` of silence, with a new sync start, or with
    `close`. Where the disk refuses, the take ends there, one warning is logged in the life of the sink, and the next
    take tries again.
    """

    def __init__(
        self, settings: TakeSettings, folder: Path, write: WriteSong, clock: Callable[[], datetime] = datetime.now
    ) -> None:
        """`folder` is made when the first take needs it; `write` is devices.midi_file.write_song."""
        self._queue: SimpleQueue[Played | Genre | _End | _Keep | _Close] = SimpleQueue()
        self._scribe, self._ring = Scribe(settings, folder, write, clock), Ring()
        self._thread = Thread(target=self._work, name="take", daemon=True)
        self._thread.start()
        self.dropped = 0
        """messages lost because the disk could not keep up"""

    def play(self, played: Played) -> None:
        if played.is_click:
            return
        if self._queue.qsize() < QUEUE_LIMIT:
            self._queue.put(played)
        else:
            self.dropped += 1

    def set_genre(self, genre: Genre) -> None:
        self._queue.put(genre)

    def end(self) -> None:
        """The performance is over: its take becomes a MIDI file. Does not wait for it."""
        self._queue.put(_End())

    def keep(self) -> None:
        """Write the last two minutes as a take, whatever else is recorded. Does not wait for it."""
        self._queue.put(_Keep())

    def close(self) -> None:
        """End the take and wait until it is on disk."""
        self._queue.put(_Close())
        self._thread.join()

    def _work(self) -> None:
        while True:
            try:
                item = self._queue.get(timeout=TICK_SECONDS)
            except Empty:
                self._scribe.rest(TICK_SECONDS)
                continue
            match item:
                case Played():
                    self._ring.note(item)
                    self._scribe.note(item)
                case Genre():
                    self._ring.change_genre(item)
                    self._scribe.change_genre(item)
                case _Keep():
                    self._scribe.keep(self._ring.records())
                case _End():
                    self._scribe.end()
                case _Close():
                    self._scribe.end()
                    return
