"""A wait that any thread, or data on a socket, can end."""

from __future__ import annotations

import os
import select
import socket
from threading import Lock


class Bell:
    """A signal set by any thread and waited for by one; signals before a wait count as one."""

    def __init__(self) -> None:
        self._event: int | None = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._lock = Lock()

    def ring(self) -> None:
        """End the wait; does not block, and has no effect after `close`."""
        with self._lock:
            if self._event is not None:
                os.eventfd_write(self._event, 1)

    def wait(self, seconds: float, line: socket.socket | None = None) -> bool:
        """Wait at most `seconds` for a ring or for data on `line`. Returns whether one of them came."""
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
