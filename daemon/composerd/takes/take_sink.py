"""Records player and band while they play; the conductor never waits for the disk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue

from composerd.engine.messages import Played
from composerd.files.free_space import no_room
from composerd.music import midi
from composerd.music.genre import Genre
from composerd.music.midi import Midi
from composerd.takes.ring import Ring
from composerd.takes.settings import TakeSettings
from composerd.takes.take_recorder import TakeRecorder
from composerd.threads import spawn

QUEUE_LIMIT = 20_000
"""most messages in the queue; while the disk hangs for longer, further ones are not recorded"""
ROOM = 1 << 20
"""bytes, more than two minutes take while they are written, as a journal and as a MIDI file"""
TICK_SECONDS = 1.0
"""interval of the writer's checks when nothing is played [s]"""


class _End:
    """Queued when the performance ends."""


class _Keep:
    """Queued to save the last two minutes as a take."""


class _Close:
    """Queued when the program ends."""


class TakeSink:
    """An engine Sink; `play` puts into a queue (some microseconds), a separate thread writes to disk.

    A take begins with the first note and ends with `end`, with `pause_s` of silence, with a new sync start, or with
    `close`. If the disk fails, the take ends and the next one tries again; one warning is logged, the next only after
    a take has been written in between.
    """

    def __init__(self, settings: TakeSettings, folder: Path, clock: Callable[[], datetime] = datetime.now) -> None:
        """`folder` is created with the first take."""
        self._folder = folder
        self._queue: SimpleQueue[Played | Genre | _End | _Keep | _Close] = SimpleQueue()
        self._genre: Genre | None = None
        """the current genre with the chosen instruments"""
        self._recorder, self._ring = TakeRecorder(settings, folder, clock), Ring()
        self.dropped = 0
        """messages lost because the disk could not keep up"""
        self._over = False
        self._thread = spawn("take", self._work)

    @property
    def problem(self) -> str:
        """Why nothing is being recorded; empty if recording works."""
        return self._recorder.problem

    @property
    def finished(self) -> tuple[Path, ...]:
        """The takes of this session written so far, in order; all of them after `close`."""
        return tuple(self._recorder.finished)

    def unwritable(self) -> str:
        """The reason why the last two minutes cannot be written as a take, or an empty text; writes nothing."""
        return no_room(self._folder, ROOM, "take")

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
        """End the take, which becomes a MIDI file. Does not wait for the disk."""
        self._queue.put(_End())

    def keep(self) -> None:
        """Write the last two minutes as a separate take. Does not wait for the disk."""
        self._queue.put(_Keep())

    def close(self) -> None:
        """End the take and wait until it is written."""
        self._queue.put(_Close())
        self._thread.join()

    def _work(self) -> None:
        while not self._over:
            try:
                item = self._queue.get(timeout=TICK_SECONDS if self._recorder.counts else None)
            except Empty:
                self._recorder.rest(TICK_SECONDS)
                continue
            match item:
                case Played(part=int(part), message=Midi(kind=midi.PROGRAM, data1=program)) if self._genre is not None:
                    self._change_genre(self._genre.with_program(part, program))
                case Played():
                    self._ring.note(item)
                    self._recorder.note(item)
                case Genre():
                    self._change_genre(item)
                case _Keep():
                    self._recorder.keep(self._ring.records())
                case _End():
                    self._recorder.end()
                case _Close():
                    self._over = True
                    self._recorder.end()

    def _change_genre(self, genre: Genre) -> None:
        self._genre = genre
        self._ring.change_genre(genre)
        self._recorder.change_genre(genre)
