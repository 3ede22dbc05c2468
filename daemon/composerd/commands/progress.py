"""How far something that takes long has come, as a bar in a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

Progress = Callable[[float], None]
"""told the share that is done, 0 to 1"""
PATIENCE = 0.5
"""seconds that pass before there is a bar"""
_PAUSE = 0.1
"""seconds between changes of the bar"""


def terminal_bar(title: str, out: TextIO | None = None, patience: float = PATIENCE) -> Progress:
    """A progress bar that appears after `patience` seconds, and only on a terminal; at 1 it wipes itself."""
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
