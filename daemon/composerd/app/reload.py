"""SIGHUP: settings and genre pages are read again while the music plays; what cannot be read leaves all as it is.

Where the terminal that it was started in is gone, the signal means the end, as it always has.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread

from composerd.config import Config, Settings, known, shown
from composerd.devices.notify import Supervisor
from composerd.engine.messages import ChooseGenre, Message, Mode, SetEngine, SetMode, SetTempo
from composerd.errors import ConfigError
from composerd.genre_pages import load_genre
from composerd.log import LOGGER

log = logging.getLogger(__name__)

AT_ONCE = ("band.", "engine.", "log.level")
"""settings that a reload carries out; others wait for the next start, and that is said"""
AT_START = ("engine.guard", "engine.precision", "engine.sync", "engine.threads")
"""of those, the ones that models and ports are opened with"""


class Reloader:
    """A thread that reads, compares and tells the engine what has changed."""

    def __init__(
        self,
        load: Callable[[], Config],
        settings: Settings,
        put: Callable[[Message], None],
        genre: Callable[[], str],
        supervisor: Supervisor,
    ) -> None:
        """`genre` is the name of the one that plays, which may not be the one in the settings."""
        self._load, self._settings, self._put, self._genre, self._supervisor = load, settings, put, genre, supervisor
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._thread = Thread(target=self._run, name="reload", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Never waits; fit for a signal handler."""
        self._asked.put(True)

    def close(self) -> None:
        self._asked.put(False)
        self._thread.join(timeout=1.0)

    def reload(self) -> None:
        """Read once more, and carry out the difference."""
        try:
            new = self._load().settings
            genre = new.band.genre if new.band.genre != self._settings.band.genre else self._genre()
            load_genre(genre, where="band.genre")
        except ConfigError as error:
            log.error("settings not taken, the old ones stay: %s", error)
            return
        self._put(ChooseGenre(genre))  # its page is read again, whether or not it is another genre
        for message in changes(self._settings, new):
            self._put(message)
        logging.getLogger(LOGGER).setLevel(new.log.level.upper())
        later = at_the_next_start(changed(self._settings, new))
        log.info("settings and genre pages read again%s", f"; at the next start: {', '.join(later)}" if later else "")
        self._settings = new

    def _run(self) -> None:
        while self._asked.get():
            self._supervisor.reloading()
            try:
                self.reload()
            except Exception:  # the music goes on without it
                log.exception("settings not taken, the old ones stay")
            self._supervisor.ready()


def changed(old: Settings, new: Settings) -> list[str]:
    """The `section.key` names whose values differ."""
    before, after = shown(old, known()), shown(new, known())
    return [name for name in known() if before[name] != after[name]]


def at_the_next_start(names: Iterable[str]) -> list[str]:
    """Those of the settings called `names` that a reload does not carry out."""
    return [name for name in names if name in AT_START or not name.startswith(AT_ONCE)]


def changes(old: Settings, new: Settings) -> list[Message]:
    """What the engine is told of new settings, the genre apart."""
    messages: list[Message] = []
    if new.engine != old.engine:
        messages.append(SetEngine(new.engine))
    if new.band.mode != old.band.mode:
        messages.append(SetMode(Mode(new.band.mode)))
    if new.band.bpm is not None and new.band.bpm != old.band.bpm:
        messages.append(SetTempo(new.band.bpm))
    return messages


@contextmanager
def on_hangup(
    reload: Callable[[], None], finish: Callable[[], None], streams: Sequence[int] = (0, 1, 2)
) -> Iterator[None]:
    """Within, SIGHUP calls `reload`, or `finish` where our terminal hung up; use from the main thread.

    The terminal is what `streams` led to when we began: a window that was closed leaves file handles that lead nowhere.
    """
    terminals = [stream for stream in streams if os.isatty(stream)]

    def heard(_number: int, _frame: object) -> None:
        hung_up = bool(terminals) and not any(map(os.isatty, terminals))
        (finish if hung_up else reload)()

    before = signal.signal(signal.SIGHUP, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
