"""Manages takes: gives one a title, protects it from pruning, moves it to the bin and restores it.

Titles and protected names are stored in `shelf.json` beside the takes; deleted takes stay in `bin` for BIN_DAYS days.
A take is always looked up by name among the existing ones, so that no name from outside becomes a path.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from composerd.errors import ComposerdError, ConfigError
from composerd.files.atomic import write_text
from composerd.takes.folder import Take, list_takes

SHELF = "shelf.json"
BIN = "bin"
BIN_DAYS = 7.0
LONGEST_TITLE = 120
"""characters"""


@dataclass(frozen=True, slots=True)
class Label:
    """A take's title, and whether it is protected from pruning."""

    title: str = ""
    kept: bool = False


def labels(folder: Path) -> dict[str, Label]:
    """Name of a take -> its label; empty if the file is damaged."""
    try:
        read = json.loads((folder / SHELF).read_text(encoding="utf-8"))
        return {name: Label(str(one["title"]), bool(one["kept"])) for name, one in read.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def kept_names(folder: Path) -> frozenset[str]:
    """Names of the takes that are protected from pruning."""
    return frozenset(name for name, label in labels(folder).items() if label.kept)


def find(folder: Path, name: str) -> Take:
    """The take called `name`. Raises ConfigError if there is none."""
    for take in list_takes(folder):
        if take.path.name == name:
            return take
    raise ConfigError(field="take", found=repr(name), expected=f"the name of a take in {folder}")


def rename(folder: Path, name: str, title: str) -> None:
    """Set a take's title; an empty one removes it. Raises ConfigError."""
    title = " ".join(title.split())
    if len(title) > LONGEST_TITLE:
        raise ConfigError(field="title", found=f"{len(title)} characters", expected=f"at most {LONGEST_TITLE}")
    _label(folder, find(folder, name).path.name, title=title)


def keep(folder: Path, name: str, on: bool) -> None:
    """Protect a take from pruning, or stop protecting it. Raises ConfigError."""
    _label(folder, find(folder, name).path.name, kept=on)


def throw_away(folder: Path, name: str) -> None:
    """Move a take to the bin, from which `restore` gets it back. Raises ConfigError."""
    take = find(folder, name)
    with _errors(folder):
        thrown = folder / BIN
        thrown.mkdir(exist_ok=True)
        _empty(thrown)
        take.path.replace(thrown / take.path.name)
        os.utime(thrown / take.path.name)


def restore(folder: Path, name: str) -> None:
    """Restore a take from the bin. Raises ConfigError if it is not there, or if another take has its name."""
    with _errors(folder):
        thrown = {path.name: path for path in (folder / BIN).glob("*.mid")}
        if name not in thrown:
            raise ConfigError(field="take", found=repr(name), expected="the name of a deleted take")
        if any(take.path.name == name for take in list_takes(folder)):
            raise ConfigError(field="take", found=repr(name), expected="a name that no other take has by now")
        thrown[name].replace(folder / thrown[name].name)


def _empty(thrown: Path) -> None:
    """Delete takes that have been in the bin for BIN_DAYS days."""
    oldest = time.time() - BIN_DAYS * 24 * 3600
    for path in thrown.glob("*.mid"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _label(folder: Path, name: str, **changes: str | bool) -> None:
    with _errors(folder), _locked(folder):
        found = labels(folder)
        found[name] = replace(found.get(name, Label()), **changes)  # type: ignore[arg-type]  # fields by name
        told = {name: asdict(label) for name, label in sorted(found.items()) if label != Label()}
        write_text(folder / SHELF, json.dumps(told, indent=1, ensure_ascii=False))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock the folder, so that one process writes at a time."""
    with (folder / f".{SHELF}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ComposerdError(f"{error.filename or folder}: {error.strerror or error}") from error
