"""Which generator plays which genre."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from composerd import paths
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.errors import ModelError
from composerd.generators.bank import Bank
from composerd.model_files import find_model, in_precision
from composerd.music.genre import Genre

PLAIN = "plain"
"""a genre page's `model` that means the rules"""

Finder = Callable[[str], Path | None]


def bank(settings: EngineSettings, find: Finder = find_model) -> Bank:
    """The generators of all genres, opened when asked for. Libraries that take their time are imported then."""

    def plain(genre: Genre) -> Generator:
        from composerd.generators.plain import PlainGenerator

        return PlainGenerator(genre, guard=settings.guard)

    def file(genre: Genre) -> Path | None:
        found = find(genre.model)
        return found and in_precision(found, settings.precision)

    def stamp(genre: Genre) -> object:
        path = None if genre.model == PLAIN else file(genre)
        return path and (path, path.stat().st_mtime_ns)

    def model(genre: Genre) -> Generator:
        if genre.model == PLAIN:
            return plain(genre)
        path = file(genre)
        if path is None:
            places = " or ".join(map(str, paths.model_folders()))
            raise ModelError(f"{genre.name}: model: expected {genre.model}.onnx in {places}, found none")
        from composerd.generators.onnx import OnnxGenerator

        return OnnxGenerator(path, genre, guard=settings.guard, threads=settings.threads)

    return Bank(model, plain, stamp)
