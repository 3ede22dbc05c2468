"""Lists all settings with their origin and help, and changes those that the page may change."""

from __future__ import annotations

import re
from typing import Any

from composerd.config import paths
from composerd.config.layers import choices_of, known, load, shown
from composerd.config.yaml_source import SourcedValue
from composerd.errors import ConfigError, Program
from composerd.library.genre_files import genre_pages
from composerd.library.start import check
from composerd.studio.studio_paths import StudioPaths

SAFE = (
    *("band.genre", "band.mode", "band.bpm", "engine.pause_bars", "engine.final_chord", "engine.count_in_bars"),
    *(
        "engine.metronome",
        "engine.follow",
        "engine.follow_range",
        "engine.swing",
        "engine.dynamics",
        "engine.phrase_bars",
    ),
    *("engine.phrase_repeat", "engine.left_hand", "engine.split_pitch", "engine.melody"),
    *("audio.volume", "audio.player_volume", "audio.click_volume", "audio.reverb", "takes.record", "takes.pause_s"),
)
"""settings that a page may change: none that names a file, a device or a group"""
_HELP = re.compile(r"^  (\w+):[^#]*#\s*(.*)$")
_SECTION = re.compile(r"^(\w+):")
EMPTY = {"null": "", "''": ""}
"""text that the page shows for a setting without a value"""


def settings(place: StudioPaths) -> list[dict[str, Any]]:
    """Every setting with value, origin and help, in the order of the settings page."""
    config = load(page=place.config)
    texts, told = shown(config.settings, known()), helps()
    rows = []
    for name, text in texts.items():
        origin = config.origin(name)
        rows.append(
            {
                "name": name,
                "value": EMPTY.get(text, text),
                "origin": "default" if origin is None else str(origin),
                "help": told.get(name, ""),
                "choices": _choices(name),
                "safe": name in SAFE,
            }
        )
    return rows


def _choices(name: str) -> list[str]:
    return list(genre_pages()) if name == "band.genre" else choices_of(name)


def helps() -> dict[str, str]:
    """Name of a setting -> its help, which is the comment in default.yaml with `null` replaced by `empty`."""
    section, found = "", {}
    for line in paths.default_page().read_text(encoding="utf-8").splitlines():
        if heading := _SECTION.match(line):
            section = heading[1]
        elif row := _HELP.match(line):
            found[f"{section}.{row[1]}"] = row[2].replace("null:", "empty:")
    return found


def change(place: StudioPaths, name: str, value: str) -> dict[str, Any]:
    """Write one setting into the user's settings file; composerd applies it when it reads its settings again.

    Raises ConfigError, with the file as it was, if composerd would not start with it.
    """
    from composerd.doctor.advice import Advice
    from composerd.doctor.prescription import write

    if name not in SAFE:
        raise ConfigError(f"{name}: not to be changed from a page; edit {place.settings_page}")
    given = SourcedValue(value.strip() or None, Program("studio"))
    try:
        config = load({name: given}, place.config)
        check(config)
    except ConfigError as error:
        raise ConfigError(error.problem, place=None if error.place == given.where else error.place) from None
    value = shown(config.settings, [name])[name]
    write(place.settings_page, [Advice(name, value, "studio")])
    stronger = load(page=place.config)
    wins = shown(stronger.settings, [name])[name] != value
    return {"page": str(place.settings_page), "stronger": str(stronger.place(name)) if wins else ""}
