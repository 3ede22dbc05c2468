"""Finds SoundFonts in the usual folders and chooses one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from composerd.errors import DeviceError, Reason, unreadable

_SYSTEM_FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/usr/local/share/sounds/sf2",
    "/opt/homebrew/share/soundfonts",
    "/opt/homebrew/share/sounds/sf2",
    "/opt/homebrew/opt/fluid-synth/share/fluid-synth/sf2",
    "/usr/local/opt/fluid-synth/share/fluid-synth/sf2",
)
_SUFFIXES = (".sf2", ".sf3")
_GENERAL_MIDI = ("default-gm", "default", "fluidr3", "generaluser", "musescore_general", "timgm6mb")
"""beginnings of the names of complete General MIDI banks, best first; any other file comes after them"""
_NOT_GENERAL_MIDI = ("vintagedreams", "fluidr3_gs", "opl-3")
INSTALL = (
    "apt install timgm6mb-soundfont (6 MB) or fluid-soundfont-gm (140 MB); "
    "elsewhere put any General MIDI .sf2 or .sf3 file into {folder}"
)


def user_folder() -> Path:
    """The folder of the user's SoundFonts, which are preferred to the system's; a relative XDG_DATA_HOME is ignored."""
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    data = given if given.is_absolute() else Path.home() / ".local" / "share"
    return data / "composerd" / "soundfonts"


def _folders() -> Iterator[Path]:
    yield user_folder()
    yield user_folder().parents[1] / "soundfonts"
    yield from (Path(folder) for folder in _SYSTEM_FOLDERS)


def _rank(path: Path) -> int:
    name = path.stem.lower()
    if name.startswith(_NOT_GENERAL_MIDI):
        return len(_GENERAL_MIDI) + 1
    return next((i for i, known in enumerate(_GENERAL_MIDI) if name.startswith(known)), len(_GENERAL_MIDI))


def _in_folder(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file()]
    except OSError:
        return []
    return sorted(found, key=lambda path: (_rank(path), path.name))


def _files(folders: Iterable[Path]) -> list[Path]:
    """All SoundFonts in `folders`, including links, in order of preference."""
    own = user_folder()
    found = [path for folder in folders for path in _in_folder(folder)]
    return sorted(found, key=lambda path: (path.parent != own, _rank(path)))


def list_soundfonts(folders: Iterable[Path] | None = None) -> tuple[Path, ...]:
    """All SoundFonts of the usual folders, in order of preference; links to one file count once."""
    first_names: dict[Path, Path] = {}
    for path in _files(folders or _folders()):
        first_names.setdefault(path.resolve(), path)
    return tuple(first_names.values())


def find_soundfont(given: str = "") -> Path:
    """The SoundFont `given` (a path, or a name in one of the usual folders), or the preferred one if empty.

    Raises DeviceError naming what to install.
    """
    if not given:
        if found := list_soundfonts():
            return found[0]
        raise DeviceError(f"no SoundFont found; {INSTALL.format(folder=user_folder())}", about="audio")
    path = Path(given).expanduser()
    named = [font for font in _files(_folders()) if given in (font.name, font.stem)]
    for candidate in (path, *named):
        if candidate.is_file():
            return _checked(candidate)
    known = ", ".join(font.name for font in list_soundfonts()) or "none"
    raise DeviceError(f"{given!r} is no file; found on this machine: {known}", about="audio.soundfont")


def _checked(path: Path) -> Path:
    """`path`, after checking that it begins as a SoundFont (RIFF, form type sfbk; SoundFont 2.04, section 10)."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise DeviceError(f"{path}: {error.strerror}", unreadable(error), about="audio.soundfont") from error
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise DeviceError(
            f"{path} is no SoundFont (expected RIFF ... sfbk, found {head!r})", Reason.UNUSABLE, about="audio.soundfont"
        )
    return path
