"""The shipped genres with their own generators, each opened once for all tests of a process; or played by rules."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

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


def play_by_rules(data: Path, but: str = "") -> None:
    """Write a user's pages by which all genres `but` one are played by rules: no net has to be timed."""
    folder = data / "composerd" / "genres"
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in genre_pages({"HOME": "/nowhere"}).items():
        if name != but:
            (folder / page.name).write_text(re.sub(r"(?m)^model:.*$", "model: plain", page.read_text("utf-8")), "utf-8")
