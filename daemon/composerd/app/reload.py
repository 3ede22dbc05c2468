"""Reads settings and genre pages again on SIGHUP, while playing; if they cannot be read, everything stays as it is.

If the terminal that it was started in is gone, the signal ends the program, as is usual.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue

from composerd.app.log import LOGGER
from composerd.config.layers import Config, Settings, known, shown
from composerd.devices.system.notify import Supervisor
from composerd.engine.commands.band import SetMode
from composerd.engine.commands.genre import ChooseGenre
from composerd.engine.commands.time import SetTempo
from composerd.engine.messages import Message, SetEngine
from composerd.errors import ConfigError
from composerd.library.genre_files import load_genre
from composerd.threads import spawn

log = logging.getLogger(__name__)

AT_ONCE = ("band.", "engine.", "log.level")
"""settings that a reload applies; others are reported to need a restart"""
AT_START = ("engine.guard", "engine.precision", "engine.sync", "engine.threads")
"""of those, the ones with which models and ports are opened"""


class Reloader:
    """Thread that reads the settings, compares them, and sends the changes to the engine."""

    def __init__(
        self,
        load: Callable[[], Config],
        settings: Settings,
        put: Callable[[Message], None],
        genre: Callable[[], str],
        supervisor: Supervisor,
    ) -> None:
        """`genre`: name of the current genre, which may differ from the settings."""
        self._load, self._settings, self._put, self._genre, self._supervisor = load, settings, put, genre, supervisor
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._thread = spawn("reload", self._run)

    def ask(self) -> None:
        """Request a reload. Does not block; safe in a signal handler."""
        self._asked.put(True)

    def close(self) -> None:
        self._asked.put(False)
        self._thread.join(timeout=1.0)

    def reload(self) -> None:
        """Read the settings again and apply the difference."""
        try:
            loaded = self._load()
            new = loaded.settings
            genre = new.band.genre if new.band.genre != self._settings.band.genre else self._genre()
            load_genre(genre, where=loaded.place("band.genre"))
        except ConfigError as error:
            log.error("settings not applied, the old ones stay: %s", error)
            return
        self._put(ChooseGenre(genre))  # the genre's page is read again even if its name is the same
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
            finally:
                self._supervisor.ready()


def changed(old: Settings, new: Settings) -> list[str]:
    """Names `section.key` of the settings whose values differ."""
    before, after = shown(old, known()), shown(new, known())
    return [name for name in known() if before[name] != after[name]]


def at_the_next_start(names: Iterable[str]) -> list[str]:
    """Those of the settings `names` that need a restart."""
    return [name for name in names if name in AT_START or not name.startswith(AT_ONCE)]


def changes(old: Settings, new: Settings) -> list[Message]:
    """The messages that apply changed settings to the engine, except the genre."""
    messages: list[Message] = []
    if new.engine != old.engine:
        messages.append(SetEngine(new.engine))
    if new.band.mode != old.band.mode:
        messages.append(SetMode(new.band.mode))
    if new.band.bpm is not None and new.band.bpm != old.band.bpm:
        messages.append(SetTempo(new.band.bpm))
    return messages


@contextmanager
def on_hangup(
    reload: Callable[[], None], finish: Callable[[], None], streams: Sequence[int] = (0, 1, 2)
) -> Iterator[None]:
    """Context in which SIGHUP calls `reload`, or `finish` if our terminal hung up. For the main thread.

    The terminal is that of `streams` at the start; after its window is closed, its file handles are invalid.
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
