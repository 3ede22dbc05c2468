"""A wait that any thread can end, and that a socket can end too."""

from __future__ import annotations

import socket
import threading

from composerd.devices.system.bell import Bell

FOREVER = 600.0


def test_it_is_heard_by_one_who_waits_and_once_by_one_who_comes_later() -> None:
    bell = Bell()
    threading.Timer(0.01, bell.ring).start()
    assert bell.wait(FOREVER)
    bell.ring()
    bell.ring()
    assert bell.wait(FOREVER)
    assert not bell.wait(0.0)
    bell.close()


def test_a_line_whose_other_end_has_gone_ends_the_wait() -> None:
    bell, (here, there) = Bell(), socket.socketpair()
    assert not bell.wait(0.0, here)
    there.close()
    assert bell.wait(FOREVER, here)
    here.close()
    bell.close()
