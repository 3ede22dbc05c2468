"""Whether what the user wrote can be read: genre pages here; settings are read before any check."""

from __future__ import annotations

from collections.abc import Iterator

from composerd.doctor.finding import Finding, Level, Patient
from composerd.errors import ConfigError
from composerd.genre_pages import find_model, genre_pages, read_genre


def genres(patient: Patient) -> Iterator[Finding]:
    """Every page, and whether its model is there."""
    good = []
    for name, page in genre_pages(patient.environ).items():
        try:
            genre = read_genre(page)
        except ConfigError as error:
            yield Finding(f"genre {name}", Level.PROBLEM, str(error), f"edit or remove {page}")
            continue
        good.append(name)
        if genre.model != "plain" and find_model(genre.model, patient.environ) is None:
            says = f"{genre.model}.onnx is not there: `plain` plays instead"
            yield Finding(f"genre {name}", Level.WARNING, says, "install composerd again")
    if patient.settings.band.genre not in good:
        says = f"band.genre is {patient.settings.band.genre!r}, and there are {', '.join(good) or 'none'}"
        yield Finding("genres", Level.PROBLEM, says, "composerd genres")
    else:
        yield Finding("genres", Level.OK, ", ".join(good))
