"""Whatever can play: the rules, an ONNX file, or the generator that a genre's page names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from composerd.app.bands import PLAIN, Finder, bank
from composerd.engine.messages import Composed, Request
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.errors import ConfigError, ModelError
from composerd.genre_pages import find_model
from composerd.music.genre import Genre


@dataclass(frozen=True, slots=True)
class Strict:
    """A generator whose failure is an error: nothing plays in its place."""

    generator: Generator

    def compose(self, request: Request) -> Composed:
        answer = self.generator.compose(request)
        if answer.problem:
            raise ModelError(answer.problem)
        return answer


def named_generator(name: str, genre: Genre, guarded: bool) -> Generator:
    """`plain`, an .onnx file, or a genre's name: the generator of `genre`'s page.

    Raises ConfigError where there is no such thing, ModelError where it cannot play `genre`.
    """
    model, find = _model(name, genre)
    generators = bank(replace(EngineSettings(), guard=guarded), find)
    generators.open(replace(genre, model=model))
    return Strict(generators)


def _model(name: str, genre: Genre) -> tuple[str, Finder]:
    path = Path(name)
    if name == PLAIN:
        return PLAIN, find_model
    if path.suffix == ".onnx":
        if not path.is_file():
            raise ConfigError(f"{name}: no such file")
        return path.stem, lambda _: path
    if name == genre.name:
        return genre.model, find_model
    raise ConfigError(f"MODEL: found {name!r}, expected plain, {genre.name} or an .onnx file")
