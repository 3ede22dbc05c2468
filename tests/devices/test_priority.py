"""The urgency of the thread that plays."""

from __future__ import annotations

import os
import threading

from composerd.devices.priority import raise_priority

ORDINARY = (os.SCHED_OTHER, 0)


def urgency() -> tuple[int, int]:
    return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK, os.getpriority(os.PRIO_PROCESS, 0)


def test_what_is_granted_holds_for_the_thread_that_asks_and_for_no_thread_it_starts() -> None:
    found: dict[str, object] = {}

    def ask() -> None:
        found["granted"] = raise_priority()
        found["own"] = urgency()
        child = threading.Thread(target=lambda: found.update(child=urgency()))
        child.start()
        child.join()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    expected = {"real-time": (os.SCHED_RR, 0), "nice": (os.SCHED_OTHER, -11), "ordinary": urgency()}
    assert found["own"] == expected[str(found["granted"])]
    assert found["child"] == urgency()
