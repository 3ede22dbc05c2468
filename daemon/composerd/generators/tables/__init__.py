"""The shipped harmonist, made by `composerd-export fit-harmonist`."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from composerd.errors import Line, ModelError
from composerd.music.harmony.harmonist import Harmonist
from composerd.music.harmony.net import HarmonyNet
from composerd.music.harmony.styles import style_of

FILE = "harmonist.npz"


@cache
def shipped() -> HarmonyNet:
    """The net of all genres. Raises ModelError if its file is broken."""
    try:
        with (
            resources.as_file(resources.files(__package__) / FILE) as path,
            np.load(path, allow_pickle=False) as stored,
        ):
            return net_of({key: stored[key] for key in stored.files}, FILE)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"not a usable harmonist ({error})", place=Line(FILE)) from None


def net_of(arrays: Mapping[str, npt.NDArray[Any]], file: str, entry: str = "") -> HarmonyNet:
    """The harmonist's net with these weights. Raises ModelError naming `file` (and its `entry`) if they do not fit."""
    try:
        return HarmonyNet(arrays)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelError(f"{entry and f'{entry}: '}not a usable harmonist ({error})", place=Line(file)) from None


def harmonist(style: str, net: HarmonyNet | None = None) -> Harmonist:
    """A harmonist for a genre's style, with the shipped net unless another is given."""
    return Harmonist(net or shipped(), style_of(style))
