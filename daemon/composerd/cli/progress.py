"""Progress bars in a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

Progress = Callable[[float], None]
"""called with the share that is done, 0 to 1"""
PATIENCE = 0.5
"""seconds before the bar appears"""
_PAUSE = 0.1
"""seconds between changes of the bar"""


def terminal_bar(title: str, out: TextIO | None = None, patience: float = PATIENCE) -> Progress:
    """A progress bar that appears after `patience` seconds, only on a terminal, and is erased at 1."""
    stream = out or sys.stderr
    started, shown = time.monotonic(), 0.0

    def progress(done: float) -> None:
        nonlocal shown
        now = time.monotonic()
        if not stream.isatty() or now - started < patience:
            return
        if done >= 1:
            stream.write(f"\r{'':{len(title) + 40}}\r" if shown else "")
            shown = 0.0
        elif now - shown >= _PAUSE:
            stream.write(f"\r{title} [{'#' * round(30 * done):.<30}] {done:4.0%}")
            shown = now
        stream.flush()

    return progress
