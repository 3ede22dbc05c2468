"""Checks whether files can be written in a folder before they are. Light to import."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def existing(folder: Path) -> Path:
    """`folder`, or the nearest of its parents that exists and can be seen."""
    return next(one for one in (folder, *folder.parents) if os.path.exists(one))  # False where access is denied


def no_room(folder: Path, needed: int, what: str) -> str:
    """The reason why a file of `needed` bytes, a `what`, cannot be written in `folder`, which may not exist yet, or an
    empty text."""
    there = existing(folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return f"{there}: found no folder that can be written to, expected one for {what}s"
    free = shutil.disk_usage(there).free
    if free < needed:
        expected = f"{needed / 1e3:.0f} kB or more for a {what}"
        return f"{folder}: found {free / 1e3:.0f} kB free on its disk, expected {expected}"
    return ""
