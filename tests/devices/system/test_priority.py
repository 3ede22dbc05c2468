"""The urgency of the thread that plays."""

from __future__ import annotations

import os
import threading

import pytest

from composerd.devices.system.priority import NICE, REAL_TIME, raise_priority


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


def test_what_a_sound_server_has_made_more_urgent_stays_so() -> None:
    found: dict[str, object] = {}

    def ask() -> None:
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(REAL_TIME + 50))
        except PermissionError:
            return
        found["granted"] = raise_priority()
        found["policy"], found["priority"] = os.sched_getscheduler(0), os.sched_getparam(0).sched_priority

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    if not found:
        pytest.skip("real-time priority is not allowed here")
    assert found == {"granted": "real-time", "policy": os.SCHED_FIFO, "priority": REAL_TIME + 50}
