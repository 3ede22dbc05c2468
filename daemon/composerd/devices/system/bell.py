"""A wait that any thread can end, and that a socket can end too."""

from __future__ import annotations

import os
import select
import socket
from threading import Lock


class Bell:
    """Rung on any thread, waited for on one. Rings until the wait count as one."""

    def __init__(self) -> None:
        self._event: int | None = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._lock = Lock()

    def ring(self) -> None:
        """Never waits. Also after `close`, without effect."""
        with self._lock:
            if self._event is not None:
                os.eventfd_write(self._event, 1)

    def wait(self, seconds: float, line: socket.socket | None = None) -> bool:
        """Wait until it rings or `line` can be read, `seconds` at most. Whether it rang or `line` can be read."""
        assert self._event is not None
        lines = [self._event] if line is None else [self._event, line.fileno()]
        ready, _, _ = select.select(lines, [], [], seconds)
        if self._event in ready:
            os.eventfd_read(self._event)
        return bool(ready)

    def close(self) -> None:
        """Also twice."""
        with self._lock:
            event, self._event = self._event, None
        if event is not None:
            os.close(event)
