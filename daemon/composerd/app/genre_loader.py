"""Changes the genre while playing: reads page and model in a thread, and sends them to the conductor when both are
read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from composerd.devices.system.memory import give_back
from composerd.engine.commands.genre import ChooseGenre, StepGenre
from composerd.engine.messages import GenreLoaded, Message
from composerd.errors import ComposerdError
from composerd.generators.bank import Bank
from composerd.library.genre_files import genre_pages, load_genre
from composerd.threads import spawn

log = logging.getLogger(__name__)


class GenreChanger:
    """Thread that opens genres. If a page cannot be read, the current genre stays; if a model cannot, `plain` plays."""

    def __init__(self, bank: Bank, put: Callable[[Message], None], name: str) -> None:
        """`name`: the genre that plays now."""
        self._bank, self._put, self._name = bank, put, name
        self._wanted: SimpleQueue[ChooseGenre | StepGenre | Message | None] = SimpleQueue()
        self._thread = spawn("genres", self._run)

    def ask(self, message: ChooseGenre | StepGenre) -> None:
        """Request a change of genre. Does not block."""
        self._wanted.put(message)

    def then(self, message: Message) -> None:
        """Send a message after the genres requested before are loaded. Does not block."""
        self._wanted.put(message)

    def close(self) -> None:
        self._wanted.put(None)
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while (asked := self._asked()) is not None:
            genres = [one for one in asked if isinstance(one, ChooseGenre | StepGenre)]
            try:
                if genres:
                    self._change(self._meant(genres))
            except ComposerdError as error:
                log.warning("%s", error)
            for message in asked:
                if not isinstance(message, ChooseGenre | StepGenre):
                    self._put(message)

    def _asked(self) -> list[ChooseGenre | StepGenre | Message] | None:
        """Wait for requests and return all of them, at least one; None at the end."""
        asked = [self._wanted.get()]
        with suppress(Empty):
            while True:
                asked.append(self._wanted.get_nowait())
        messages = [message for message in asked if message is not None]
        return messages if len(messages) == len(asked) else None

    def _meant(self, asked: list[ChooseGenre | StepGenre]) -> str:
        """Name of the genre to open: the one that the requests `asked` end at."""
        name, names = self._name, list(genre_pages())
        for message in asked:
            if isinstance(message, ChooseGenre):
                name = message.name
            else:
                here = names.index(name) if name in names else 0
                name = names[(here + message.by) % len(names)]
        return name

    def _change(self, name: str) -> None:
        genre = load_genre(name)
        notice = self._bank.open_or_plain(genre)
        if notice:
            log.warning("%s plays by the rules of `plain`: %s", name, notice)
        self._name = name
        self._put(GenreLoaded(genre, notice))
        give_back()
