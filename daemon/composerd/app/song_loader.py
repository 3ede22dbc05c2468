"""Reads charts and the songbook in a thread while playing, and sends them to the conductor."""

from __future__ import annotations

import logging
from collections.abc import Callable
from queue import Empty, SimpleQueue

from composerd.app.repertoire import Repertoire, RepertoireRequest
from composerd.engine.commands.genre import ChooseGenre
from composerd.engine.commands.song import ChooseSong
from composerd.engine.messages import KeepLoop, LoopsKept, Message, SongbookLoaded, SongLoaded
from composerd.errors import ComposerdError
from composerd.library.songs import keep_loop, load_song, loop_of, loop_slots, read_book, song_state
from composerd.music.charts.chart import Chart
from composerd.music.songbook import NO_SONGS
from composerd.threads import spawn

log = logging.getLogger(__name__)

SongRequest = ChooseSong | KeepLoop | RepertoireRequest
CHECK_SECONDS = 10.0
"""seconds between two checks of the folder of songs"""
NONE = "none"
"""the name that means no song"""


class SongLoader:
    """Thread that reads charts; if one cannot be read, the current song stays.

    While learned songs are to be recognised, it checks regularly whether the user's songs have changed.
    """

    def __init__(
        self,
        put: Callable[[Message], None],
        change_genre: Callable[[ChooseGenre], None],
        then: Callable[[Message], None] | None = None,
    ) -> None:
        """`change_genre` requests the genre that a song names; `then` sends a message after the genre is loaded."""
        self._put, self._change_genre = put, change_genre
        self._repertoire = Repertoire(put, change_genre, self._change, then or put)
        self._wanted: SimpleQueue[SongRequest | bool | None] = SimpleQueue()
        self._recognises = False
        self._book: object = None
        """state of the songs' folder when the songbook was read"""
        self._thread = spawn("songs", self._run)
        self._put(LoopsKept(loop_slots()))

    def ask(self, command: SongRequest) -> None:
        """Request a song. Does not block."""
        self._wanted.put(command)

    def recognise_learned(self, learned: bool) -> None:
        """Switch the recognition of learned songs. Does not block."""
        self._wanted.put(learned)

    def close(self) -> None:
        self._wanted.put(None)
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while True:
            try:
                command = self._wanted.get(timeout=CHECK_SECONDS if self._recognises else None)
            except Empty:
                command = self._recognises
            if command is None:
                return
            try:
                if isinstance(command, bool):
                    self._update_songbook(command)
                elif isinstance(command, KeepLoop):
                    keep_loop(command.slot, command.chart)
                elif isinstance(command, ChooseSong):
                    self._change(command.name)
                else:
                    self._repertoire.carry_out(command)
            except ComposerdError as error:
                log.warning("%s", error)
                self._put(LoopsKept(loop_slots()))

    def _update_songbook(self, learned: bool) -> None:
        """Read the songbook if the folder has changed."""
        self._recognises = learned
        state = song_state() if learned else None
        if state != self._book:
            self._book = state
            self._put(SongbookLoaded(read_book() if learned else NO_SONGS))

    def _change(self, name: str) -> None:
        chart: Chart | None = None
        if name != NONE:
            chart = load_song(name)
            if chart.genre:
                self._change_genre(ChooseGenre(chart.genre))
        self._put(SongLoaded(chart, name="" if chart is None else name, loop=loop_of(name)))
