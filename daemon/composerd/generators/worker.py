"""Composers: a generator answers at once (virtual clock) or in a thread of its own with a slot, latest wins (live)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from composerd.engine.messages import Composed, Crashed, Request
from composerd.engine.ports import Generator


class Immediate:
    """Answers within `ask`, in no time of the virtual clock: the same performance every time."""

    def __init__(self, generator: Generator, put: Callable[[Composed], None]) -> None:
        self._generator, self._put = generator, put

    def ask(self, request: Request) -> None:
        self._put(self._generator.compose(request))

    def close(self) -> None:
        """Nothing to close."""


class Worker:
    """A thread that composes the latest request; one that was not begun is replaced by the next."""

    def __init__(self, generator: Generator, put: Callable[[Composed | Crashed], None]) -> None:
        self._generator, self._put = generator, put
        self._slot: Request | None = None
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="composer", daemon=True)
        self._thread.start()

    def ask(self, request: Request) -> None:
        with self._wake:
            self._slot = request
            self._wake.notify()

    def close(self) -> None:
        """Let the thread end; an answer on its way is not waited for beyond a moment."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        try:
            while (request := self._next()) is not None:
                began = time.perf_counter()
                answer = self._generator.compose(request)
                self._put(replace(answer, seconds=time.perf_counter() - began))
        except BaseException as error:  # a thread that dies silently would leave the music hanging
            self._put(Crashed(error))

    def _next(self) -> Request | None:
        with self._wake:
            self._wake.wait_for(lambda: self._slot is not None or self._closed)
            request, self._slot = self._slot, None
            return None if self._closed else request
