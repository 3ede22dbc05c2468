"""The program's only clock and only wait, on the real world's time (engine/ports.py: Inbox)."""

from __future__ import annotations

import ctypes
import sys
import time
from queue import Empty, SimpleQueue

from composerd.engine.messages import Message

_LONGEST_WAIT = 60.0
"""seconds; a lock cannot be waited for until infinity, so a long wait is made of several"""
_PR_SET_TIMERSLACK = 29
"""linux/prctl.h"""
_TIMER_SLACK = 1000
"""nanoseconds the kernel may add to a wait; median lateness of a 5 ms wait: 0.10 ms at the default 50,000, 0.05 here"""


class RealInbox:
    """Any thread and any signal handler may put; the thread that made it receives.

    `SimpleQueue` is written in C and re-entrant: a put from a signal handler that interrupted a put or a get cannot
    dead-lock, and a get waits on the kernel's monotonic clock without a Python loop.
    """

    def __init__(self) -> None:
        self._queue: SimpleQueue[Message] = SimpleQueue()
        _sharpen_timer()

    def now(self) -> float:
        """Seconds of CLOCK_MONOTONIC."""
        return time.monotonic()

    def put(self, message: Message) -> None:
        """Never waits."""
        self._queue.put(message)

    def receive(self, until: float) -> Message | None:
        """The next message, or None once `until` has come. A message that is there wins over the moment."""
        while True:
            wait = min(until - time.monotonic(), _LONGEST_WAIT)
            try:
                return self._queue.get(timeout=wait) if wait > 0 else self._queue.get_nowait()
            except Empty:
                if time.monotonic() >= until:
                    return None


def _sharpen_timer() -> None:
    """Let the calling thread (and threads it starts) be woken more exactly than the kernel's default."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, ctypes.c_ulong(_TIMER_SLACK), 0, 0, 0)
