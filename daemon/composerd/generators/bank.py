"""The generators in use, by genre: a model that fails is replaced by `plain`, said once, and the music goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from composerd.engine.messages import Composed, Request
from composerd.engine.ports import Generator
from composerd.errors import ModelError
from composerd.generators.filling import filled
from composerd.music.genre import Genre

Maker = Callable[[Genre], Generator]


class Bank:
    """A `Generator` that hands each request to the generator of its genre."""

    def __init__(self, model: Maker, plain: Maker) -> None:
        """`model` opens a genre's own generator and may raise ModelError; `plain` always works."""
        self._model, self._plain = model, plain
        self._in_use: dict[str, Generator] = {}
        self._rules: dict[str, Generator] = {}
        """`plain` for what is left to rules, whoever plays the rest"""

    def open(self, genre: Genre) -> None:
        """Have `genre` ready. Raises ModelError where its model cannot be used."""
        self._in_use[genre.name] = self._model(genre)
        self._rules.pop(genre.name, None)

    def open_or_plain(self, genre: Genre) -> str:
        """Have `genre` ready, with `plain` where its model cannot be used: the reason, or nothing."""
        try:
            self.open(genre)
        except ModelError as error:
            self._in_use[genre.name] = self._plain(genre)
            return str(error)
        return ""

    def compose(self, request: Request) -> Composed:
        genre = request.genre
        if genre.name not in self._in_use:
            self.open_or_plain(genre)
        try:
            answer = self._in_use[genre.name].compose(request)
            wanted = request.directions.fill_until is not None
            return filled(answer, request, self._rules_for(genre)) if wanted else answer
        except Exception as error:  # whatever a model does, the music goes on
            self._in_use[genre.name] = self._plain(genre)
            answer = self._in_use[genre.name].compose(request)
            return replace(answer, problem=f"{genre.name}: {type(error).__name__}: {error}")

    def _rules_for(self, genre: Genre) -> Generator:
        if genre.name not in self._rules:
            self._rules[genre.name] = self._plain(genre)
        return self._rules[genre.name]
