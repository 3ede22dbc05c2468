"""Reads and writes the user's songs: one chart a text file, in a folder of their own."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from composerd.config import paths
from composerd.errors import ConfigError, Line, Option, Place, instead
from composerd.files.atomic import write_bytes
from composerd.files.charts.formats import parse_charts, read_charts, write_charts
from composerd.library.removed import REMOVED, set_aside
from composerd.music.charts.chart import Chart, with_text
from composerd.music.songbook import Songbook

log = logging.getLogger(__name__)

SUFFIX = ".chart"
_LONGEST = 60


def song_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the user's songs."""
    return paths.data_folder(environ) / "songs"


def song_names(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Names of the songs in the folder, in order."""
    folder = song_folder(environ)
    return sorted(path.stem for path in folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def load_song(name: str, where: Place | None = None, environ: Mapping[str, str] = os.environ) -> Chart:
    """The song called `name`, or whose title it is, or the first chart in the file `name`. Raises ConfigError."""
    names = song_names(environ)
    if name in names:
        return _kept(name, environ)
    if re.match(r"irealb(ook)?://", name):
        return parse_charts(name.encode(), "link", "link" if where is None else str(where))[0]
    path = Path(os.path.expanduser(name))  # Path.expanduser raises for a user that is not there
    if os.path.isfile(path):  # Path.is_file raises for a name that is too long
        return titled(read_charts(path)[0], path)
    if (called := _called(name, names)) is not None:
        return _kept(called, environ)
    raise ConfigError(place=where, field="song or file", found=repr(name[:80]), hint=instead(name, names))


def _called(name: str, names: Sequence[str]) -> str | None:
    """The one of `names` that is `name`, or that a song with the title `name` has; None for none, and for a path."""
    if name in names:
        return name
    stem = _stem(name)
    is_title = any(letter.isalnum() for letter in name) and not name.startswith((".", "/", "~"))
    return stem if is_title and stem in names else None


def _kept(name: str, environ: Mapping[str, str]) -> Chart:
    path = song_folder(environ) / f"{name}{SUFFIX}"
    return titled(read_charts(path)[0], path)


def loop_of(name: str) -> str:
    """The slot of the chord loop that is stored as the song called `name`; empty for an ordinary song."""
    found = re.fullmatch(r"loop-([1-8])", name)
    return found[1] if found else ""


def loop_slots(environ: Mapping[str, str] = os.environ) -> frozenset[str]:
    """The slots that hold a chord loop."""
    return frozenset(slot for name in song_names(environ) if (slot := loop_of(name)))


def keep_loop(slot: str, chart: Chart | None, environ: Mapping[str, str] = os.environ) -> None:
    """Store `chart` as the chord loop of `slot`, replacing the old one; None: remove it. Raises ConfigError."""
    name = f"loop-{slot}"
    if chart is None:
        if name in song_names(environ):
            remove_song(name, environ)
        return
    _write(song_folder(environ) / f"{name}{SUFFIX}", chart)


def song_state(environ: Mapping[str, str] = os.environ) -> tuple[tuple[str, int], ...]:
    """A value that changes when a song is added, changed or removed: names and times of the files."""
    folder, found = song_folder(environ), []
    for name in song_names(environ):
        with suppress(OSError):
            found.append((name, (folder / f"{name}{SUFFIX}").stat().st_mtime_ns))
    return tuple(found)


def read_book(environ: Mapping[str, str] = os.environ) -> Songbook:
    """The songs in the folder that have a melody; one that cannot be read is left out, and named in the log."""

    def charts() -> Iterator[Chart]:
        for name in song_names(environ):
            try:
                yield _kept(name, environ)
            except ConfigError as error:
                log.warning("%s; the song is not recognised", error)

    return Songbook(charts())


def titled(chart: Chart, path: Path) -> Chart:
    """The chart; one without a title has its file's name."""
    return chart if chart.title else with_text(chart, "title", path.stem)


def add_song(chart: Chart, name: str = "", environ: Mapping[str, str] = os.environ) -> Path:
    """Save the chart under `name`, else under its title; never over another song. Raises ConfigError."""
    folder = song_folder(environ)
    stem = _stem(name or chart.title or "song")
    taken = song_names(environ)
    if name and stem in taken:
        raise ConfigError(place=Option("--name"), found=repr(stem), expected="a name that no other song has")
    if name and loop_of(stem):
        raise ConfigError(place=Option("--name"), found=repr(stem), expected="a name that no chord loop has")
    number = 1
    free = stem
    while free in taken or loop_of(free):
        number += 1
        free = f"{stem}-{number}"
    path = folder / f"{free}{SUFFIX}"
    _write(path, chart)
    return path


def remove_song(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Remove the song of this name or title: its file is renamed so that it is no longer read, and kept.

    Raises ConfigError."""
    names = song_names(environ)
    if (called := _called(name, names)) is None:
        raise ConfigError(field="song", found=repr(name), hint=instead(name, names))
    path = song_folder(environ) / f"{called}{SUFFIX}"
    try:
        return set_aside(path)
    except OSError as error:
        raise ConfigError(f"cannot be removed: {error.strerror or error}", place=Line(str(path))) from None


def restore_song(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Restore a removed song. Raises ConfigError if another has its name by now."""
    folder = song_folder(environ)
    removed = {path.stem: path for path in folder.glob(f"*{REMOVED}")}
    if name not in removed:
        raise ConfigError(field="song", found=repr(name[:80]), expected="the name of a removed song")
    if name in song_names(environ):
        raise ConfigError(field="song", found=repr(name), expected="a name that no other song has by now")
    path = folder / f"{name}{SUFFIX}"
    try:
        removed[name].replace(path)
    except OSError as error:
        raise ConfigError.unwritable(path, error) from None
    return path


def _write(path: Path, chart: Chart) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, write_charts("x.chart", [chart]))
    except OSError as error:
        raise ConfigError.unwritable(path, error) from None


def _stem(name: str) -> str:
    """The file name for a song: letters, digits and dashes."""
    stem = re.sub(r"[^\w]+", "-", name.lower(), flags=re.UNICODE).strip("-_")[:_LONGEST].strip("-_")
    return stem or "song"
