"""The urgency of the thread that plays."""

from __future__ import annotations

import os
import threading

from composerd.devices.priority import NICE, raise_priority


def urgency() -> tuple[int, int]:
    return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK, os.getpriority(os.PRIO_PROCESS, 0)


def asked_in_a_thread() -> dict[str, object]:
    found: dict[str, object] = {"before": urgency()}

    def ask() -> None:
        found["granted"] = raise_priority()
        found["own"] = urgency()
        child = threading.Thread(target=lambda: found.update(child=urgency()))
        child.start()
        child.join()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return found


def test_what_is_granted_holds_for_the_thread_that_asks_and_for_no_thread_it_starts() -> None:
    found = asked_in_a_thread()
    own, niceness = found["own"], urgency()[1]
    expected = {
        "real-time": (os.SCHED_RR, niceness),
        "nice": (os.SCHED_OTHER, NICE),
        "ordinary": (os.SCHED_OTHER, niceness),
    }
    assert own == expected[str(found["granted"])]
    assert found["child"] == (os.SCHED_OTHER, niceness if found["granted"] == "ordinary" else 0)
    assert urgency() == found["before"]
