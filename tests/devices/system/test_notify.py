"""Notifications to systemd, received on a real datagram socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from composerd.devices.system.notify import Supervisor, status_text, watchdog_seconds
from composerd.engine.messages import Snapshot


class Manager:
    """The service manager's end of the line."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.setblocking(False)

    def heard(self) -> list[str]:
        lines = []
        while True:
            try:
                lines.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return lines


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(str(tmp_path / "notify"))
    yield manager
    manager.socket.close()


def supervisor_of(manager: Manager, **environ: str) -> Supervisor:
    return Supervisor({"NOTIFY_SOCKET": manager.socket.getsockname(), **environ}, pid=7)


def test_ready_is_said(manager: Manager) -> None:
    supervisor = supervisor_of(manager)
    supervisor.ready()
    supervisor.close()
    assert manager.heard() == ["READY=1"]


def test_an_abstract_socket_is_reached(tmp_path: Path) -> None:
    manager = Manager(f"\0{tmp_path}/notify")
    supervisor = Supervisor({"NOTIFY_SOCKET": f"@{tmp_path}/notify"})
    supervisor.ready()
    supervisor.close()
    heard = manager.heard()
    manager.socket.close()
    assert heard == ["READY=1"]


def test_the_watchdog_is_fed_four_times_per_timeout(manager: Manager) -> None:
    supervisor = supervisor_of(manager, WATCHDOG_USEC="8000000", WATCHDOG_PID="7")
    for tenth in range(101):  # ten seconds of a conductor that turns ten times a second
        supervisor.beat(tenth / 10)
    supervisor.close()
    assert manager.heard() == ["WATCHDOG=1"] * 6  # at 0, 2, 4, 6, 8, 10


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "7"}, 10.0),
        ({"WATCHDOG_USEC": "10000000"}, 10.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "8"}, 0.0),
        ({"WATCHDOG_USEC": "soon"}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_watchdog_time_is_systemds_and_for_this_process_only(environ: dict[str, str], seconds: float) -> None:
    assert watchdog_seconds(environ, 7) == seconds


def test_without_a_watchdog_no_beat_is_sent(manager: Manager) -> None:
    supervisor = supervisor_of(manager)
    supervisor.beat(1.0)
    supervisor.close()
    assert manager.heard() == []


def test_status_is_sent_when_it_changed_and_at_most_once_a_second(manager: Manager) -> None:
    supervisor = supervisor_of(manager)
    moments = (
        (0.0, None),
        (0.5, "AKM322 MIDI 1"),
        (0.7, "AKM322 MIDI 1"),
        (1.5, "AKM322 MIDI 1"),
        (9.5, "AKM322 MIDI 1"),
    )
    for now, keyboard in moments:
        supervisor.show(Snapshot("ready", "jazz", 120.0, keyboard=keyboard))
        supervisor.beat(now)
    supervisor.close()
    assert manager.heard() == [
        "STATUS=ready, jazz, 120 bpm, no keyboard",
        "STATUS=ready, jazz, 120 bpm, keyboard AKM322 MIDI 1",
    ]


def test_a_keyboards_name_cannot_add_a_line_of_its_own() -> None:
    assert "\n" not in status_text(Snapshot("ready", "pop", 100.0, keyboard="evil\nWATCHDOG_USEC=0\n"))


def test_reloading_carries_the_moment_it_began(manager: Manager) -> None:
    supervisor = supervisor_of(manager)
    supervisor.reloading()
    supervisor.close()
    (said,) = manager.heard()
    first, second = said.split("\n")
    assert first == "RELOADING=1"
    assert second.startswith("MONOTONIC_USEC=")
    assert second.partition("=")[2].isdecimal()


def test_a_manager_that_does_not_read_never_makes_us_wait(manager: Manager) -> None:
    supervisor = supervisor_of(manager)
    for _ in range(10_000):  # more than any socket buffer holds
        supervisor.ready()
    supervisor.close()
    assert 0 < len(manager.heard()) < 10_000


def test_a_manager_that_is_gone_does_not_matter(tmp_path: Path) -> None:
    supervisor = Supervisor({"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    supervisor.ready()
    supervisor.stopping()
    supervisor.close()
    assert not (tmp_path / "nobody").exists()


def test_outside_systemd_nothing_is_opened() -> None:
    supervisor = Supervisor({})
    supervisor.ready()
    supervisor.beat(1.0)
    assert supervisor.beat_interval == 0
