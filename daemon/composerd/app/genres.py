"""Changes of genre while playing: page and model are read beside the music, and the conductor is told when both are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from composerd.app.memory import give_back
from composerd.engine.messages import ChooseGenre, GenreLoaded, StepGenre
from composerd.errors import ComposerdError
from composerd.generators.bank import Bank
from composerd.genre_pages import genre_pages, load_genre

log = logging.getLogger(__name__)


class GenreChanger:
    """A thread that opens genres. One that cannot be read leaves the one that plays; a model that cannot, `plain`."""

    def __init__(self, bank: Bank, put: Callable[[GenreLoaded], None], name: str) -> None:
        """`name`: the genre that plays now."""
        self._bank, self._put, self._name = bank, put, name
        self._wanted: SimpleQueue[ChooseGenre | StepGenre | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="genres", daemon=True)
        self._thread.start()

    def ask(self, message: ChooseGenre | StepGenre) -> None:
        """Never waits."""
        self._wanted.put(message)

    def close(self) -> None:
        self._wanted.put(None)
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while (asked := self._asked()) is not None:
            try:
                self._change(self._meant(asked))
            except ComposerdError as error:
                log.warning("%s", error)

    def _asked(self) -> list[ChooseGenre | StepGenre] | None:
        """All that waits to be done, at least one; None at the end."""
        asked = [self._wanted.get()]
        with suppress(Empty):
            while True:
                asked.append(self._wanted.get_nowait())
        messages = [message for message in asked if message is not None]
        return messages if len(messages) == len(asked) else None

    def _meant(self, asked: list[ChooseGenre | StepGenre]) -> str:
        """Where a flood of requests ends: only that genre is opened."""
        name, names = self._name, list(genre_pages())
        for message in asked:
            if isinstance(message, ChooseGenre):
                name = message.name
            else:
                here = names.index(name) if name in names else 0
                name = names[(here + message.by) % len(names)]
        return name

    def _change(self, name: str) -> None:
        genre = load_genre(name, where="genre")
        notice = self._bank.open_or_plain(genre)
        if notice:
            log.warning("%s plays by the rules of `plain`: %s", name, notice)
        self._name = name
        self._put(GenreLoaded(genre, notice))
        give_back()
