"""Sends what is played to watchers of the control socket while it is played.

The conductor's thread only appends to a bounded queue, and only while there are watchers; it wakes the socket's thread
when it is about to wait itself and no note is due meanwhile: a thread that is woken between two notes takes the
interpreter's lock, and the second note is late. The socket's thread writes the news to each watcher, one line at a
time, the next only after the line before has been sent: a slow watcher gets fewer and newer lines, and the number of
notes that were dropped.

    < {"v": 1, "now": 1234.5, "genre": {…}, "snapshot": {…}, "outlook": {…}, "notes": [[1234.49, null, 60, 90, 1.0]]}

`now` and the first field of a note (second, part, pitch, velocity, beat) are seconds of the daemon's own clock. A note
of velocity 0 ends. Only what changed since the line before is there; `lost` counts notes that were dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from math import inf
from typing import Any, NamedTuple

import msgspec

from composerd.control.settings import VERSION
from composerd.engine.messages import Played, Snapshot
from composerd.engine.outlook import Outlook
from composerd.music.genre import Genre

MOST_WATCHERS = 4
"""the studio's page process needs one for all its pages"""
QUEUE = 4096
"""notes between the conductor and the socket's thread"""
PENDING = 512
"""notes that wait for a watcher: some ten seconds of a dense band"""
PACE = 0.015
"""seconds between two lines to one watcher"""
QUIET, PATIENCE = 0.006, 0.03
"""seconds before a note in which the socket's thread is not woken, unless news have waited for so many"""


class NoteNews(NamedTuple):
    """A note as watchers get it; see above."""

    at: float
    part: int | None
    """index in the genre; None: the player"""
    pitch: int
    velocity: int
    """0: it ends"""
    beat: float | None


News = Snapshot | Outlook | Genre | NoteNews


class Broadcast:
    """Collects news as a sink and a view of the conductor, which calls `flush` at every turn of its loop."""

    def __init__(self) -> None:
        self.watched = False
        """whether there are watchers: set by the socket's thread, read by the conductor's"""
        self._queue: deque[News] = deque(maxlen=QUEUE)
        self._wake: Callable[[], None] = lambda: None
        self._waiting_since: float | None = None
        self._genre: Genre | None = None
        self._snapshot: Snapshot | None = None
        self._outlook: Outlook | None = None

    # -- the conductor's thread

    def play(self, played: Played) -> None:
        message = played.message
        if self.watched and not played.is_click and (message.starts_note or message.ends_note):
            velocity = message.data2 if message.starts_note else 0
            self._add(NoteNews(played.at, played.part, message.data1, velocity, played.beat))

    def set_genre(self, genre: Genre) -> None:
        self._genre = genre
        if self.watched:
            self._add(genre)

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        if self.watched:
            self._add(snapshot)

    def view(self, make: Callable[[], Outlook]) -> None:
        """Take a new outlook; it is computed only while there are watchers."""
        if self.watched:
            self._outlook = make()
            self._add(self._outlook)
            self._wake_socket()  # the conductor waits next

    def close(self) -> None:
        self.watched = False

    def flush(self, now: float = 0.0, due: float = inf) -> None:
        """Wake the socket's thread if there is news and nothing due soon; `due` is the conductor's deadline."""
        if not self._queue:
            self._waiting_since = None
        elif due - now >= QUIET or (self._waiting_since is not None and now - self._waiting_since >= PATIENCE):
            self._wake_socket()
        elif self._waiting_since is None:
            self._waiting_since = now

    def _wake_socket(self) -> None:
        self._waiting_since = None
        self._wake()

    def _add(self, news: News) -> None:
        self._queue.append(news)

    # -- the socket's thread

    def on_news(self, wake: Callable[[], None]) -> None:
        """Set the function that announces news; it is called from the conductor's thread and must not block."""
        self._wake = wake

    def watch(self, on: bool) -> None:
        """Turn the collecting of news on or off, and discard the last outlook."""
        if on and not self.watched:
            self._outlook = None
        self.watched = on

    def state(self) -> tuple[News, ...]:
        """The current state, which a new watcher gets first."""
        return tuple(news for news in (self._genre, self._snapshot, self._outlook) if news is not None)

    def take(self) -> list[News]:
        """All news since the last call."""
        found: list[News] = []
        while True:
            try:
                found.append(self._queue.popleft())
            except IndexError:
                return found


_encoder = msgspec.json.Encoder()


class Watcher:
    """The news not yet sent to one watcher: the latest state, and the last notes."""

    def __init__(self) -> None:
        self.fresh = asyncio.Event()
        self._notes: deque[NoteNews] = deque(maxlen=PENDING)
        self._latest: dict[str, Any] = {}
        self._lost = 0

    def receive(self, news: News) -> None:
        if isinstance(news, NoteNews):
            self._lost += len(self._notes) == PENDING
            self._notes.append(news)
        else:
            self._latest[type(news).__name__.lower()] = news
        self.fresh.set()

    def line(self, now: float) -> bytes:
        """The unsent news as one line; it counts as sent then."""
        found: dict[str, Any] = {"v": VERSION, "now": now, **self._latest}
        if self._notes:
            found["notes"] = list(self._notes)
        if self._lost:
            found["lost"] = self._lost
        self._latest, self._lost = {}, 0
        self._notes.clear()
        self.fresh.clear()
        return _encoder.encode(found) + b"\n"


class Watchers:
    """All watchers; used on the socket's thread."""

    def __init__(self, broadcast: Broadcast, now: Callable[[], float]) -> None:
        self._broadcast, self._now = broadcast, now
        self._watching: list[Watcher] = []
        self._woken = False

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake `loop` when news arrive, once for all that arrive before it runs."""

        def wake() -> None:
            if not self._woken:
                self._woken = True
                with contextlib.suppress(RuntimeError):  # the socket is closed already
                    loop.call_soon_threadsafe(self._receive)

        self._broadcast.on_news(wake)

    @property
    def full(self) -> bool:
        return len(self._watching) >= MOST_WATCHERS

    async def tell(self, writer: asyncio.StreamWriter, patience: float) -> None:
        """Send the news until the watcher leaves. TimeoutError where one line was not fetched in `patience` seconds."""
        watcher = Watcher()
        self._watching.append(watcher)
        self._broadcast.watch(True)
        for news in self._broadcast.state():
            watcher.receive(news)
        try:
            while True:
                await watcher.fresh.wait()
                writer.write(watcher.line(self._now()))
                if writer.transport.get_write_buffer_size():
                    await asyncio.wait_for(_sent(writer), patience)
                await asyncio.sleep(PACE)
        finally:
            self._watching.remove(watcher)
            self._broadcast.watch(bool(self._watching))

    def _receive(self) -> None:
        self._woken = False
        for news in self._broadcast.take():
            for watcher in self._watching:
                watcher.receive(news)


async def _sent(writer: asyncio.StreamWriter) -> None:
    """Wait until the kernel has taken the line; `drain` alone would let 64 kB pile up."""
    while writer.transport.get_write_buffer_size():
        await asyncio.sleep(PACE)
    await writer.drain()
