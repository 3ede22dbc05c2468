"""Generators by genre; a model that fails is replaced by `plain` and reported once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

from composerd.engine.messages import Composed, Request
from composerd.engine.ports import Generator
from composerd.errors import ModelError
from composerd.generators.fills import filled
from composerd.generators.returns import returned
from composerd.music.genre import Genre

Maker = Callable[[Genre], Generator]
Stamp = Callable[[Genre], object]
KEPT = 2
"""number of genres kept open, some 20 MB each: the current one, and the next or the one before"""


@dataclass(slots=True, eq=False)
class _OpenGenre:
    genre: Genre
    stamp: object
    generator: Generator


class Bank:
    """A `Generator` that passes each request to its genre's. Genres are opened in one thread and used in another."""

    def __init__(self, model: Maker, plain: Maker, stamp: Stamp = lambda _: None) -> None:
        """`model` opens a genre's own generator and may raise ModelError; `plain` always works.

        `stamp` says which state of its model file a genre has: an open one is read again where page or stamp differ.
        """
        self._model, self._plain, self._stamp = model, plain, stamp
        self._lock = Lock()
        self._in_use: dict[str, _OpenGenre] = {}
        """name of genre -> its generator, the most recently used last"""

    def open(self, genre: Genre) -> None:
        """Open `genre`. Raises ModelError if its model cannot be used."""
        stamp, known = self._stamp(genre), self._in_use.get(genre.name)
        if known is not None and stamp is not None and (known.genre, known.stamp) == (genre, stamp):
            return
        self._make_room(genre.name)
        self._keep(_OpenGenre(genre, stamp, self._model(genre)))

    def open_or_plain(self, genre: Genre) -> str:
        """Open `genre`, with `plain` if its model cannot be used; the reason, empty if it can."""
        try:
            self.open(genre)
        except ModelError as error:
            self._keep(_OpenGenre(genre, None, self._plain(genre)))
            return str(error)
        return ""

    def compose(self, request: Request) -> Composed:
        genre = request.genre
        generator = self._asked(genre.name)
        if generator is None:
            self.open_or_plain(genre)
            generator = self._in_use[genre.name].generator
        try:
            return filled(returned(generator.compose(request), request), request)
        except Exception as error:  # whatever a model does, the music goes on
            plain = self._plain(genre)
            self._keep(_OpenGenre(genre, None, plain))
            return replace(plain.compose(request), problem=f"{genre.name}: {type(error).__name__}: {error}")

    def _asked(self, name: str) -> Generator | None:
        """The generator of the genre called `name`, now the most recently used."""
        with self._lock:
            known = self._in_use.pop(name, None)
            if known is None:
                return None
            self._in_use[name] = known
            return known.generator

    def _make_room(self, name: str) -> None:
        """Evict the least recently used genres, before the model of `name` is read."""
        with self._lock:
            others = [one for one in self._in_use if one != name]
            for one in others[: max(0, len(others) - KEPT + 1)]:
                del self._in_use[one]

    def _keep(self, opened: _OpenGenre) -> None:
        name = opened.genre.name
        self._make_room(name)
        with self._lock:
            self._in_use[name] = opened
