"""The generators in use, by genre: a model that fails is replaced by `plain`, said once, and the music goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

from composerd.engine.messages import Composed, Request
from composerd.engine.ports import Generator
from composerd.errors import ModelError
from composerd.generators.filling import filled
from composerd.music.genre import Genre

Maker = Callable[[Genre], Generator]
Stamp = Callable[[Genre], object]
KEPT = 2
"""genres kept open, some 20 MB each: the one that plays and the one that is to play next, or that played before"""


@dataclass(slots=True, eq=False)
class _Open:
    genre: Genre
    stamp: object
    generator: Generator


class Bank:
    """A `Generator` that hands each request to its genre's; genres are opened in one thread, asked in another."""

    def __init__(self, model: Maker, plain: Maker, stamp: Stamp = lambda _: None) -> None:
        """`model` opens a genre's own generator and may raise ModelError; `plain` always works.

        `stamp` says which state of its model file a genre has: an open one is read again where page or stamp differ.
        """
        self._model, self._plain, self._stamp = model, plain, stamp
        self._lock = Lock()
        self._in_use: dict[str, _Open] = {}
        """by name of genre, the one asked last at the end"""

    def open(self, genre: Genre) -> None:
        """Have `genre` ready. Raises ModelError where its model cannot be used."""
        stamp, known = self._stamp(genre), self._in_use.get(genre.name)
        if known is not None and stamp is not None and (known.genre, known.stamp) == (genre, stamp):
            return
        self._make_room(genre.name)
        self._keep(_Open(genre, stamp, self._model(genre)))

    def open_or_plain(self, genre: Genre) -> str:
        """Have `genre` ready, with `plain` where its model cannot be used: the reason, or nothing."""
        try:
            self.open(genre)
        except ModelError as error:
            self._keep(_Open(genre, None, self._plain(genre)))
            return str(error)
        return ""

    def compose(self, request: Request) -> Composed:
        genre = request.genre
        generator = self._asked(genre.name)
        if generator is None:
            self.open_or_plain(genre)
            generator = self._in_use[genre.name].generator
        try:
            return filled(generator.compose(request), request)
        except Exception as error:  # whatever a model does, the music goes on
            plain = self._plain(genre)
            self._keep(_Open(genre, None, plain))
            return replace(plain.compose(request), problem=f"{genre.name}: {type(error).__name__}: {error}")

    def _asked(self, name: str) -> Generator | None:
        """The generator of the genre called `name`, from now on the last to go."""
        with self._lock:
            known = self._in_use.pop(name, None)
            if known is None:
                return None
            self._in_use[name] = known
            return known.generator

    def _make_room(self, name: str) -> None:
        """Before another model is read: those not asked for longest go."""
        with self._lock:
            others = [one for one in self._in_use if one != name]
            for one in others[: max(0, len(others) - KEPT + 1)]:
                del self._in_use[one]

    def _keep(self, opened: _Open) -> None:
        name = opened.genre.name
        self._make_room(name)
        with self._lock:
            self._in_use[name] = opened
