"""Genre pages: YAML in the user's, the system's and our own folder, read into `music.genre.Genre` values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from composerd import paths
from composerd.errors import ConfigError
from composerd.fields import fill, instead
from composerd.music.genre import Genre
from composerd.music.metre import Metre, parse_metre
from composerd.pages import Given, read_page

RANGE = "range"
"""a part's `range: [lowest, highest]` on the page is its `low` and `high`"""


def genre_pages(environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Name -> page of every genre there is, in order of names; the user's page wins over a packaged one."""
    found: dict[str, Path] = {}
    for folder in paths.genre_folders(environ):
        for page in folder.glob("*.yaml"):
            found.setdefault(page.stem, page)
    return dict(sorted(found.items()))


def load_genre(name: str, environ: Mapping[str, str] = os.environ, where: str = "--genre") -> Genre:
    """The genre called `name`, which `where` asks for. Raises ConfigError."""
    pages = genre_pages(environ)
    if name not in pages:
        raise ConfigError(f"{where}: found {name!r}, no such genre, {instead(name, pages)}")
    return read_genre(pages[name])


def read_genre(page: Path) -> Genre:
    """The genre on `page`; its name is the file's. Raises ConfigError with file, line and field."""
    given = read_page(page)
    given.setdefault("name", Given(page.stem, str(page)))
    given["parts"] = _with_ranges(given.get("parts", Given(None, str(page))))
    genre = fill(Genre, given, str(page), readers={Metre: parse_metre})
    if genre.name != page.stem:
        raise ConfigError(f"{given['name'].where}: name: found {genre.name!r}, expected the file's name, {page.stem!r}")
    for problem in genre.problems():
        raise ConfigError(f"{_where(problem, given, page)}: {problem}")
    return genre


def _with_ranges(parts: Given) -> Given:
    if not isinstance(parts.value, tuple):
        raise ConfigError(f"{parts.where}: parts: found {parts}, expected a list of parts")
    return Given(tuple(_with_range(part) for part in parts.value), parts.where)


def _with_range(part: Given) -> Given:
    if not isinstance(part.value, dict) or RANGE not in part.value:
        return part
    given = part.value[RANGE]
    if not isinstance(given.value, tuple) or len(given.value) != 2:
        raise ConfigError(f"{given.where}: {RANGE}: found {given}, expected [lowest pitch, highest pitch]")
    rest = {name: one for name, one in part.value.items() if name != RANGE}
    return Given({**rest, "low": given.value[0], "high": given.value[1]}, part.where)


def _where(problem: str, given: Mapping[str, Given], page: Path) -> str:
    """Where on the page the field stands that `problem` names (`parts.NAME.FIELD: …` or `FIELD: …`)."""
    path = problem.partition(":")[0].split(".")
    parts = given["parts"].value
    for part in parts if isinstance(parts, tuple) and len(path) == 3 else ():
        fields = part.value if isinstance(part.value, dict) else {}
        if (name := fields.get("name")) and name.value == path[1]:
            return fields.get(path[2], part).where
    return given[path[0]].where if path[0] in given else str(page)
