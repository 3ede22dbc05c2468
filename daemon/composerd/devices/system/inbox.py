"""The inbox in real time: the program's only clock and only wait (implements engine/ports.py: Inbox)."""

from __future__ import annotations

import ctypes
import sys
import time
from queue import Empty, SimpleQueue

from composerd.engine.messages import Message

_LONGEST_WAIT = 60.0
"""longest single wait [s]; longer ones are made of several, since a lock has no infinite time-out"""
_PR_SET_TIMERSLACK = 29
"""linux/prctl.h"""
_TIMER_SLACK = 1000
"""nanoseconds the kernel may add to a wait; median lateness of a 5 ms wait: 0.10 ms at the default 50,000, 0.05 here"""


class RealInbox:
    """An inbox into which any thread and signal handler may put; the thread that created it receives.

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
    """Reduce the timer slack of the calling thread, and of threads that it starts."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, ctypes.c_ulong(_TIMER_SLACK), 0, 0, 0)
