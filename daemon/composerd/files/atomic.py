"""Writes files atomically: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LONGEST = 200
"""bytes of a file's name that the name of its draft keeps; file systems take 255"""


@contextlib.contextmanager
def whole_file(path: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """Open a binary file, for reading and writing, that replaces `path` if the block ends without an error.

    It is flushed to the disk first (fsync). A link to a file is replaced; a device such as /dev/null is written to.
    Two threads may write the same file; the last to end wins. `mode` sets the permissions of the new file. Raises
    OSError; then the old file at `path` is unchanged.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        with path.open("wb") as device:
            yield device
        return
    draft = draft_of(path)
    try:
        with draft.open("wb+") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            draft.chmod(mode)
        draft.replace(path)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def draft_of(path: Path) -> Path:
    """Where this thread writes what is to become the file at `path`."""
    beginning = os.fsdecode(os.fsencode(path.name)[:LONGEST])
    return path.with_name(f".{beginning}.{os.getpid()}-{threading.get_native_id()}.part")


def write_bytes(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write `data` to `path` atomically. Raises OSError."""
    with whole_file(path, mode) as file:
        file.write(data)


def write_text(path: Path, text: str, mode: int | None = None) -> None:
    """Write `text` to `path` in UTF-8, atomically. Raises OSError."""
    write_bytes(path, text.encode(), mode)
