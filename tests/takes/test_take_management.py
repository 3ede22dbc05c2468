"""Titles, kept takes, and the bin."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from composerd.errors import ConfigError
from composerd.takes.folder import list_takes, prune
from composerd.takes.take_management import (
    BIN,
    SHELF,
    Label,
    find,
    keep,
    kept_names,
    labels,
    rename,
    restore,
    throw_away,
)

FIRST, SECOND = "2026-11-01_10-00-00_pop.mid", "2026-11-02_10-00-00_jazz.mid"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (FIRST, SECOND):
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def test_a_title_and_being_kept_stay_with_a_take(folder: Path) -> None:
    rename(folder, FIRST, "  Morning \n song ")
    keep(folder, FIRST, True)
    assert labels(folder) == {FIRST: Label("Morning song", kept=True)}
    rename(folder, FIRST, "")
    keep(folder, FIRST, False)
    assert labels(folder) == {}


def test_a_kept_take_stays_when_old_ones_make_room(folder: Path) -> None:
    newest = "2026-11-03_10-00-00_jazz.mid"
    (folder / newest).write_bytes(b"newest")
    keep(folder, FIRST, True)
    assert [path.name for path in prune(folder, 0.0, kept_names(folder))] == [SECOND]
    assert [take.path.name for take in list_takes(folder)] == [FIRST, newest]


def test_a_take_that_is_thrown_away_comes_back_as_it_was(folder: Path) -> None:
    rename(folder, FIRST, "Morning")
    throw_away(folder, FIRST)
    assert [take.path.name for take in list_takes(folder)] == [SECOND]
    restore(folder, FIRST)
    assert (folder / FIRST).read_bytes() == FIRST.encode()
    assert labels(folder)[FIRST].title == "Morning"


def test_the_bin_forgets_after_a_week(folder: Path) -> None:
    throw_away(folder, FIRST)
    old = time.time() - 8 * 24 * 3600
    os.utime(folder / BIN / FIRST, (old, old))
    throw_away(folder, SECOND)
    assert [path.name for path in (folder / BIN).iterdir()] == [SECOND]


@pytest.mark.parametrize(
    "name", ["../secret.mid", "/etc/passwd", "", ".", f"x/../{FIRST}", "shelf.json", f"bin/{FIRST}"]
)
def test_no_name_from_outside_becomes_a_path(folder: Path, name: str) -> None:
    (folder.parent / "secret.mid").write_bytes(b"mine")
    for action in (lambda: find(folder, name), lambda: throw_away(folder, name), lambda: restore(folder, name)):
        with pytest.raises(ConfigError):
            action()
    assert (folder.parent / "secret.mid").read_bytes() == b"mine"


def test_a_take_does_not_come_back_over_another(folder: Path) -> None:
    throw_away(folder, FIRST)
    (folder / FIRST).write_bytes(b"another")
    with pytest.raises(ConfigError, match="no other take has"):
        restore(folder, FIRST)
    assert (folder / FIRST).read_bytes() == b"another"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 1}', '{"x": {"title": "a"}}', "null", "\x00"])
def test_a_damaged_shelf_is_an_empty_one(folder: Path, text: str) -> None:
    (folder / SHELF).write_text(text)
    assert labels(folder) == {}
    rename(folder, FIRST, "Morning")
    assert labels(folder)[FIRST].title == "Morning"


def test_a_title_of_any_length_is_not_taken(folder: Path) -> None:
    with pytest.raises(ConfigError, match="at most 120"):
        rename(folder, FIRST, "x" * 121)
