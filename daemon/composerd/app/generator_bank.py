"""Opens the generator of each genre."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from composerd.config import paths
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.errors import ModelError, Reason
from composerd.generators.bank import Bank
from composerd.library.model_files import find_model, in_precision
from composerd.music.genre import Genre

PLAIN = "plain"
"""a genre page's `model` for which the rules play instead of a net"""

Finder = Callable[[str], Path | None]


def bank(settings: EngineSettings, find: Finder = find_model) -> Bank:
    """The generators of all genres, each opened on its first use; slow libraries are imported only then."""

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
            expected = f"{genre.model}.onnx in {places}"
            field = f"genre {genre.name}: model"
            raise ModelError(reason=Reason.MISSING, field=field, found="none", expected=expected)
        from composerd.generators.onnx import OnnxGenerator

        return OnnxGenerator(path, genre, guard=settings.guard, threads=settings.threads)

    return Bank(model, plain, stamp)
