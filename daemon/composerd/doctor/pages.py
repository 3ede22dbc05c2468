"""Whether what the user wrote can be read: settings and genre pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote

from composerd import paths
from composerd.doctor.finding import Finding, Level, Patient
from composerd.errors import ConfigError
from composerd.genre_pages import genre_pages, read_genre
from composerd.model_files import find_model


def readable(pages: Sequence[Path]) -> Finding:
    """`pages` were read, the defaults first."""
    return Finding("settings", Level.OK, ", ".join(map(str, pages[1:])) or "the defaults")


def unreadable(error: ConfigError) -> Finding:
    """Settings that cannot be taken; the rest is looked at as if there were none."""
    says = str(error)
    page, variable = re.match(r"(/.+?):(\d+:)? ", says), re.search(r"COMPOSERD_\w+", says)
    fix = f"${{EDITOR:-nano}} {quote(page[1])}" if page else f"unset {variable[0]}" if variable else "correct it"
    return Finding("settings", Level.PROBLEM, says, fix)


def genres(patient: Patient) -> Iterator[Finding]:
    """Every page, and whether its model is there."""
    good = []
    for name, page in genre_pages(patient.environ).items():
        try:
            genre = read_genre(page)
        except ConfigError as error:
            yield Finding(f"genre {name}", Level.PROBLEM, str(error), f"${{EDITOR:-nano}} {quote(str(page))}")
            continue
        good.append(name)
        if genre.model != "plain" and find_model(genre.model, patient.environ) is None:
            says = f"{genre.model}.onnx is not there: composerd does not start with this genre"
            yield Finding(f"genre {name}", Level.WARNING, says, _without_model(genre.model, page, patient))
    if patient.settings.band.genre not in good:
        says = f"band.genre is {patient.settings.band.genre!r}, and there are {', '.join(good) or 'none'}"
        yield Finding("genres", Level.PROBLEM, says, "`composerd config` shows where it is set: set it to one of them")
    else:
        yield Finding("genres", Level.OK, ", ".join(good))


def _without_model(model: str, page: Path, patient: Patient) -> str:
    if page.is_relative_to(paths.PACKAGE):
        return "install composerd again"
    return f"put {model}.onnx into {paths.model_folders(patient.environ)[0]}, or {rules(page, patient)}"


def rules(page: Path, patient: Patient) -> str:
    """The command that lets a genre be played by rules, without a net."""
    mine = paths.genre_folders(patient.environ)[0]
    change = "'s/^model:.*/model: plain/'"
    if page.is_relative_to(paths.PACKAGE):
        folder = quote(str(mine))
        return f"mkdir -p {folder} && sed {change} {quote(str(page))} > {folder}/{quote(page.name)}"
    return f"sed -i {change} {quote(str(page))}"
