"""Removed files of the user: renamed so that they are no longer read, and kept."""

from __future__ import annotations

from pathlib import Path

REMOVED = ".removed"
"""ending of the file of a removed song, preset or set list"""
_MOST = 99
"""removed files of one name that are kept"""


def set_aside(path: Path) -> Path:
    """Rename a file to its name as a removed one; one removed earlier is kept under a number. Raises OSError."""
    removed = path.with_suffix(REMOVED)
    if removed.exists():
        numbered = (removed.with_stem(f"{removed.stem}-{number}") for number in range(2, _MOST + 1))
        removed.replace(next((free for free in numbered if not free.exists()), removed))
    path.replace(removed)
    return removed
