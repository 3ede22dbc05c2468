"""Reads genre pages: YAML in the user's, the system's and the shipped folder, as `music.genre.Genre` values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from composerd.config import paths
from composerd.config.convert import fill
from composerd.config.yaml_source import SourcedValue, read_page
from composerd.errors import ConfigError, Line, Place, instead
from composerd.music.genre import Genre, GenreProblem
from composerd.music.metre import Metre, parse_metre

RANGE = "range"
"""a part's `range: [lowest, highest]` on the page is its `low` and `high`"""


def genre_pages(environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Name -> page of every genre there is, in order of names; the user's page wins over a packaged one."""
    found: dict[str, Path] = {}
    for folder in paths.genre_folders(environ):
        for page in folder.glob("*.yaml"):
            found.setdefault(page.stem, page)
    return dict(sorted(found.items()))


def load_genre(name: str, environ: Mapping[str, str] = os.environ, where: Place | None = None) -> Genre:
    """Load the genre called `name`, which was chosen at `where`. Raises ConfigError."""
    pages = genre_pages(environ)
    if name not in pages:
        raise ConfigError(place=where, field="genre", found=repr(name), hint=instead(name, pages))
    return read_genre(pages[name])


def read_genre(page: Path) -> Genre:
    """The genre on `page`; its name is the file's. Raises ConfigError with file, line and field."""
    given = read_page(page)
    given.setdefault("name", SourcedValue(page.stem, Line(str(page))))
    given["parts"] = _with_ranges(given.get("parts", SourcedValue(None, Line(str(page)))))
    genre = fill(Genre, given, Line(str(page)), readers={Metre: parse_metre})
    if genre.name != page.stem:
        wanted = f"the file's name, {page.stem!r}"
        raise ConfigError(place=given["name"].where, field="name", found=repr(genre.name), expected=wanted)
    for problem in genre.problems():
        raise ConfigError(str(problem), place=_where(problem, given, page))
    return genre


def _with_ranges(parts: SourcedValue) -> SourcedValue:
    if not isinstance(parts.value, tuple):
        raise ConfigError(place=parts.where, field="parts", found=str(parts), expected="a list of parts")
    return SourcedValue(tuple(_with_range(part) for part in parts.value), parts.where)


def _with_range(part: SourcedValue) -> SourcedValue:
    if not isinstance(part.value, dict) or RANGE not in part.value:
        return part
    given = part.value[RANGE]
    if not isinstance(given.value, tuple) or len(given.value) != 2:
        raise ConfigError(place=given.where, field=RANGE, found=str(given), expected="[lowest pitch, highest pitch]")
    rest = {name: one for name, one in part.value.items() if name != RANGE}
    return SourcedValue({**rest, "low": given.value[0], "high": given.value[1]}, part.where)


def _where(problem: GenreProblem, given: Mapping[str, SourcedValue], page: Path) -> Place:
    """The place on the page of the field that `problem` is about."""
    parts = given["parts"].value
    for part in parts if isinstance(parts, tuple) and problem.part else ():
        fields = part.value if isinstance(part.value, dict) else {}
        if (name := fields.get("name")) and name.value == problem.part:
            return fields.get(problem.field, part).where
    return given[problem.field].where if not problem.part and problem.field in given else Line(str(page))
