"""Turns signals into messages: the first asks the program to end, the second ends it. SIGUSR1 prints all stacks."""

from __future__ import annotations

import faulthandler
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from composerd.devices.system.inbox import RealInbox
from composerd.engine.messages import Finish, Stop

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def catch_signals(inbox: RealInbox) -> Iterator[None]:
    """Context in which SIGINT and SIGTERM put `Finish` into `inbox`, a second one `Stop`; for the main thread.

    Then the default handlers are back, so that a third ends even a program that hangs.
    """
    before = {number: signal.getsignal(number) for number in ENDING}
    caught = 0

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal caught
        caught += 1
        inbox.put((Finish if caught == 1 else Stop)(signal.Signals(number).name))
        if caught == 2:
            _restore(dict.fromkeys(ENDING, signal.SIG_DFL))

    for number in ENDING:
        signal.signal(number, stop)
    prints_stacks = _print_stacks_on(signal.SIGUSR1)
    try:
        yield
    finally:
        _restore(before)
        if prints_stacks:
            faulthandler.unregister(signal.SIGUSR1)


def _print_stacks_on(number: int) -> bool:
    """Have C code write the stacks at once, whatever Python does. Returns False without a stderr."""
    if sys.__stderr__ is None:
        return False
    faulthandler.register(number, file=sys.__stderr__, all_threads=True)
    return True


def _restore(handlers: dict[signal.Signals, signal._HANDLER]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
