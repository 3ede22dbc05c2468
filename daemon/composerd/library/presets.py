"""Reads and writes the user's presets (YAML pages of commands) and set lists (text files with a name a line)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from composerd.config import paths
from composerd.config.yaml_source import SourcedValue, plain, read_page, read_text
from composerd.engine.command_table import Command, Word
from composerd.engine.commands import TABLE
from composerd.engine.commands.genre import ChooseGenre
from composerd.engine.commands.song import ChooseSong
from composerd.engine.controls.page import Control
from composerd.errors import ConfigError, Line, Unfit, instead
from composerd.files.atomic import write_text
from composerd.library.keyboard_files import check_keyboard
from composerd.library.removed import REMOVED, set_aside

PRESET, SET_LIST = ".yaml", ".txt"
"""endings of the files of a preset and of a set list"""
MOST_ENTRIES = 128
"""most entries of a set list: as many as there are program changes"""
_ENTRIES = f"1 to {MOST_ENTRIES} names of presets or songs"
_COARSEST_NS = 2_000_000_000
"""resolution of file dates on FAT [ns]; a file that is removed later gets a date later by as much"""
NONE = "none"
WORDS = (
    *("genre", "song", "tempo", "metre", "swing", "follow", "metronome", "variation", "creativity", "key"),
    *("transpose_keys", "transpose_band", "left_hand", "mute", "volume", "band_volume", "master_volume", "pan"),
    "instrument",
)
"""commands that a preset may hold"""
RESET = {"song": NONE, "key": NONE, "transpose_keys": "0", "transpose_band": "0", "variation": "A", "swing": None}
"""commands for what a preset does not mention; the mixer is reset as well (Mixer.reset)"""


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset that was read: the commands that it gives, and its controls."""

    name: str
    genre: ChooseGenre | None
    song: ChooseSong
    commands: tuple[Command, ...]
    """all others"""
    controls: tuple[Control, ...]
    """controls that override the keyboard's page"""


def preset_folder(environ: Mapping[str, str] = os.environ) -> Path:
    return paths.data_folder(environ) / "presets"


def set_folder(environ: Mapping[str, str] = os.environ) -> Path:
    return paths.data_folder(environ) / "sets"


def preset_names(environ: Mapping[str, str] = os.environ) -> list[str]:
    return _names(preset_folder(environ), PRESET)


def set_names(environ: Mapping[str, str] = os.environ) -> list[str]:
    return _names(set_folder(environ), SET_LIST)


def load_preset(name: str, environ: Mapping[str, str] = os.environ) -> Preset:
    """The preset called `name`. Raises ConfigError with file, line and field."""
    names = preset_names(environ)
    if name not in names:
        raise ConfigError(field="preset", found=repr(name[:80]), hint=instead(name, names))
    path = preset_folder(environ) / f"{name}{PRESET}"
    given = read_page(path)
    controls: tuple[Control, ...] = ()
    if "controls" in given:
        controls = check_keyboard({"controls": given.pop("controls")}, str(path)).controls
    for word in given:
        if word not in WORDS:
            raise ConfigError(
                place=given[word].where, field="command of a preset", found=word, hint=instead(word, WORDS)
            )
    for word, value in RESET.items():
        given.setdefault(word, SourcedValue(value, Line(str(path))))
    found = [command for word, value in given.items() for command in _commands(TABLE.words[word], value)]
    genre = next((one for one in found if isinstance(one, ChooseGenre)), None)
    song = next(one for one in found if isinstance(one, ChooseSong))
    return Preset(name, genre, song, tuple(c for c in found if not isinstance(c, ChooseGenre | ChooseSong)), controls)


def save_preset(name: str, values: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Path:
    """Save `values` (word -> value, or part -> value) as a preset; the controls of an existing one are kept.

    Raises ConfigError.
    """
    path = preset_folder(environ) / f"{check_name(name)}{PRESET}"
    page = dict(values)
    kept = read_page(path) if path.exists() else {}
    if "controls" in kept:
        page["controls"] = plain(kept["controls"])
    _write(path, yaml.safe_dump(page, sort_keys=False, allow_unicode=True))
    return path


def load_set(name: str, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The entries of a set list: names of presets or songs. Raises ConfigError."""
    names = set_names(environ)
    if name not in names:
        raise ConfigError(field="set list", found=repr(name[:80]), hint=instead(name, names))
    path = set_folder(environ) / f"{name}{SET_LIST}"
    lines = (re.sub(r"(?:^|\s)#.*", "", line).strip() for line in read_text(path).splitlines())
    entries = tuple(line for line in lines if line)
    if not 1 <= len(entries) <= MOST_ENTRIES:
        raise ConfigError(place=Line(str(path)), found=f"{len(entries)} entries", expected=f"{_ENTRIES}, one a line")
    return entries


def save_set(name: str, entries: tuple[str, ...], environ: Mapping[str, str] = os.environ) -> Path:
    """Write a set list. Raises ConfigError."""
    if not 1 <= len(entries) <= MOST_ENTRIES:
        raise ConfigError(field="set list", found=f"{len(entries)} entries", expected=_ENTRIES)
    path = set_folder(environ) / f"{check_name(name)}{SET_LIST}"
    _write(path, "".join(f"{entry}\n" for entry in entries))
    return path


def remove(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Remove a set list, else a preset: its file is renamed so that it is no longer read."""
    folders = {name: set_folder(environ) / f"{name}{SET_LIST}" for name in set_names(environ)}
    known = {name: preset_folder(environ) / f"{name}{PRESET}" for name in preset_names(environ)} | folders
    if name not in known:
        raise ConfigError(field="set list or preset", found=repr(name[:80]), hint=instead(name, known))
    path = known[name]
    later = [file.stat().st_mtime_ns + _COARSEST_NS for file, _ in _removed(name, environ)]
    stamp = max([path.stat().st_mtime_ns, *later])
    try:
        removed = set_aside(path)
    except OSError as error:
        raise ConfigError.unwritable(path, error) from None
    os.utime(removed, ns=(stamp, stamp))
    return removed


def restore(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Restore the set list or preset of this name that `remove` removed last. Raises ConfigError."""
    removed = _removed(name, environ)
    if not removed:
        raise ConfigError(field="set list or preset", found=repr(name[:80]), expected="the name of a removed one")
    file, suffix = max(removed, key=lambda one: one[0].stat().st_mtime_ns)
    path = file.with_suffix(suffix)
    if path.exists():
        raise ConfigError(field="name", found=repr(name), expected="one that is free by now")
    _move(file, path)
    return path


def _removed(name: str, environ: Mapping[str, str]) -> list[tuple[Path, str]]:
    """Removed files of this name, a set list and a preset at most, each with its former ending."""
    places = ((set_folder(environ), SET_LIST), (preset_folder(environ), PRESET))
    return [(path, suffix) for folder, suffix in places for path in folder.glob(f"*{REMOVED}") if path.stem == name]


def _move(path: Path, to: Path) -> None:
    try:
        path.replace(to)
    except OSError as error:
        raise ConfigError.unwritable(path, error) from None


def _commands(word: Word, given: SourcedValue) -> Iterator[Command]:
    """The commands of a line of a preset: one, or one for each part. Raises ConfigError."""
    if isinstance(given.value, dict):
        for part, value in given.value.items():
            yield _command(word, value, part)
    else:
        yield _command(word, given, "")


def _command(word: Word, given: SourcedValue, part: str) -> Command:
    try:
        if isinstance(given.value, dict | tuple) or bool(part) != (word.part is not None):
            wanted = "a group of parts and their values" if word.part is not None else "one value"
            raise Unfit(word.name, str(given), wanted)
        values: dict[str, object] = {"part": part} if part else {}
        if given.value is not None and word.main is not None:
            values[word.main.name] = word.main.parse(given.value)
        return word.make(values)
    except Unfit as error:
        raise ConfigError.of(error, given.where) from None


def _names(folder: Path, suffix: str) -> list[str]:
    return sorted(path.stem for path in folder.glob(f"*{suffix}")) if folder.is_dir() else []


def check_name(name: str) -> str:
    """Check the `name` of a new preset or set list. Raises ConfigError if no file can have it."""
    if not re.fullmatch(r"[\w][\w .'&+-]{0,59}", name) or name != name.strip():
        wanted = "1 to 60 letters, digits, spaces and - _ . ' & +"
        raise ConfigError(field="name", found=repr(name[:80]), expected=wanted)
    return name


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    except OSError as error:
        raise ConfigError.unwritable(path, error) from None
