"""The harmonist's tables, one .npz per style, made by `composerd-export fit-harmonist`."""

from __future__ import annotations

import zipfile
from functools import cache
from importlib import resources

import numpy as np

from composerd.errors import ModelError
from composerd.music.harmonist import HarmonyTables

DEFAULT_STYLE = "pop"


def styles() -> tuple[str, ...]:
    """Names that `harmony` knows."""
    files = resources.files(__package__).iterdir()
    return tuple(sorted(file.name.removesuffix(".npz") for file in files if file.name.endswith(".npz")))


@cache
def harmony(style: str) -> HarmonyTables:
    """The tables of a style, DEFAULT_STYLE's where it has none of its own. ModelError where the file is broken."""
    name = style if style in styles() else DEFAULT_STYLE
    file = resources.files(__package__) / f"{name}.npz"
    try:
        with resources.as_file(file) as path, np.load(path, allow_pickle=False) as stored:
            return HarmonyTables.from_arrays({key: stored[key] for key in stored.files})
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{name}.npz: not usable harmony tables ({error})") from None
