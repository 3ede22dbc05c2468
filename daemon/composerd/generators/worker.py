"""Composers: answer requests at once (virtual clock), or the latest one in a thread (live)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from composerd.engine.messages import Composed, Crashed, Request
from composerd.engine.ports import Generator
from composerd.threads import spawn

log = logging.getLogger(__name__)


class Immediate:
    """Answers within `ask`, at the same moment of the virtual clock, so that performances are reproducible."""

    def __init__(self, generator: Generator, put: Callable[[Composed], None]) -> None:
        self._generator, self._put = generator, put

    def ask(self, request: Request) -> None:
        self._put(self._generator.compose(request))

    def close(self) -> None:
        """Nothing to close."""


class Worker:
    """A thread that answers the latest request; a waiting request is replaced by the next."""

    def __init__(self, generator: Generator, put: Callable[[Composed | Crashed], None]) -> None:
        self._generator, self._put = generator, put
        self._slot: Request | None = None
        self._wake = threading.Condition()
        self._closed = False
        self._thread = spawn("composer", self._run, lambda error: put(Crashed(error)))

    def ask(self, request: Request) -> None:
        with self._wake:
            self._slot = request
            self._wake.notify()

    def close(self) -> None:
        """End the thread; waits only a moment for an answer that is being composed."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while (request := self._next()) is not None:
            began = time.perf_counter()
            answer = self._generator.compose(request)
            if answer.problem:  # once: from now on the rules answer
                log.warning("%s; the rules of `plain` play instead", answer.problem)
            self._put(replace(answer, seconds=time.perf_counter() - began))

    def _next(self) -> Request | None:
        with self._wake:
            self._wake.wait_for(lambda: self._slot is not None or self._closed)
            request, self._slot = self._slot, None
            return None if self._closed else request
