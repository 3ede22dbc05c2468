"""Start threads under one policy for unforeseen errors: the thread ends the program, or is logged and goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Thread

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
"""seconds before a thread that failed goes on; doubled with every failure in a row"""
SETTLED = 10.0
"""seconds of work after which a failure counts as the first again"""


def spawn(name: str, target: Callable[[], None], crash: Callable[[BaseException], None] | None = None) -> Thread:
    """Start a daemon thread that runs `target`.

    An error that `target` does not handle goes to `crash`, which ends the program (a supervisor starts it again).
    Without `crash` it is logged, once until another comes, and `target` is called again: for loops that keep their
    state elsewhere, and whose loss the music survives.
    """
    run = _going_on(name, target) if crash is None else _crashing(target, crash)
    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def _crashing(target: Callable[[], None], crash: Callable[[BaseException], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            target()
        except BaseException as error:  # a thread that dies silently would leave the music hanging
            crash(error)

    return run


def _going_on(name: str, target: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        pause, last = FIRST_PAUSE, ""
        while True:
            began = time.monotonic()
            try:
                return target()
            except Exception as error:  # whatever it was, the music goes on
                if time.monotonic() - began > SETTLED:
                    pause, last = FIRST_PAUSE, ""
                told = f"{type(error).__name__}: {error}"
                if told != last:
                    log.exception("unforeseen error in the thread %r, which goes on", name)
                last = told
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    return run
