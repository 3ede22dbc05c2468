"""Lists, writes, removes and restores set lists and presets for the page."""

from __future__ import annotations

from typing import Any

from composerd.errors import ConfigError, instead
from composerd.library import presets
from composerd.library.songs import song_names


def listed() -> dict[str, Any]:
    """Set lists with their entries, presets, and the names that an entry may have."""
    return {
        "sets": [_set(name) for name in presets.set_names()],
        "presets": presets.preset_names(),
        "entries": _known(),
    }


def _set(name: str) -> dict[str, Any]:
    try:
        return {"name": name, "entries": list(presets.load_set(name))}
    except ConfigError as error:
        return {"name": name, "entries": [], "problem": " ".join(str(error).split())}


def _known() -> list[str]:
    return list(dict.fromkeys([*presets.preset_names(), *song_names()]))


def save(name: str, entries: tuple[str, ...], before: str = "") -> None:
    """Write the set list `name`, which was called `before` until now if it is an old one.

    Raises ConfigError for a name that cannot be or that another set list has, or an entry that is not there.
    """
    presets.check_name(name)
    if name != before and name in presets.set_names():
        raise ConfigError(field="name", found=repr(name), expected="one that no other set list has")
    known = _known()
    for entry in entries:
        if entry not in known:
            raise ConfigError(field="preset or song", found=repr(entry[:80]), hint=instead(entry, known))
    if not entries:
        raise ConfigError(field="set list", found="no entry", expected="names of presets or songs")
    presets.save_set(name, entries)


def remove(name: str) -> None:
    """Remove a set list, else a preset."""
    presets.remove(name)


def restore(name: str) -> None:
    """Restore the set list or preset of this name that was removed last."""
    presets.restore(name)
