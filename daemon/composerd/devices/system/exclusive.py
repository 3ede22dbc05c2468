"""A lock between processes on one machine."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE_SECONDS = 2.0
"""longest wait for another process, which may have been stopped while it holds the lock [s]"""
_AGAIN_SECONDS = 0.005


@contextmanager
def exclusive(folder: Path) -> Iterator[bool]:
    """Context for one process (or thread) at a time with the same `folder`; yields False if the lock was not got.

    The lock is the folder's own (flock(2)): a device's folder is the same for every user and in every sandbox that may
    use the device, no file is left behind, and the kernel releases the lock of a process that ends.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(_AGAIN_SECONDS)
