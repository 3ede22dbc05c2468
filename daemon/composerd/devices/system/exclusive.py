"""One process at a time, on the whole machine."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE_SECONDS = 2.0
"""how long another process is waited for, which may have been stopped in its turn"""
_AGAIN_SECONDS = 0.005


@contextmanager
def exclusive(folder: Path) -> Iterator[bool]:
    """Only one process (or thread) is in here at a time for the same `folder`. False: it could not be made sure.

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
