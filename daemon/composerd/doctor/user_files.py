"""Checks the user's settings and genre files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote

from composerd.config import paths
from composerd.doctor.finding import Finding, Level, Patient
from composerd.errors import ConfigError, Line, Variable
from composerd.library.genre_files import genre_pages, read_genre
from composerd.library.model_files import find_model


def readable(pages: Sequence[Path]) -> Finding:
    """Report the settings files `pages` that were read, the defaults first."""
    return Finding("settings", Level.OK, ", ".join(map(str, pages[1:])) or "the defaults")


def unreadable(error: ConfigError) -> Finding:
    """Report settings that cannot be read; other checks use the defaults."""
    match error.place:
        case Line(file):
            fix = f"${{EDITOR:-nano}} {quote(file)}"
        case Variable(name):
            fix = f"unset {name}"
        case _:
            fix = "correct it"
    return Finding("settings", Level.PROBLEM, str(error), fix)


def genres(patient: Patient) -> Iterator[Finding]:
    """Check every genre page and its model."""
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
