"""The shipped genres with their own generators, each opened once for all tests of a process."""

from __future__ import annotations

from functools import cache

from composerd.app.generator_bank import bank
from composerd.engine.settings import EngineSettings
from composerd.generators.bank import Bank
from composerd.library.genre_files import genre_pages, load_genre
from composerd.music.genre import Genre

GENRES = list(genre_pages({"HOME": "/nowhere"}))


@cache
def shipped(name: str) -> Genre:
    return load_genre(name, {"HOME": "/nowhere"})


@cache
def band_of(name: str) -> Bank:
    """The generator of a shipped genre: an answer depends on nothing but its request, so that tests may share it."""
    generators = bank(EngineSettings())
    generators.open(shipped(name))
    return generators
