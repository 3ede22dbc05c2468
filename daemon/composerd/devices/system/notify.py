"""Notifies systemd of READY, STATUS, WATCHDOG, RELOADING and STOPPING on a datagram socket (sd_notify(3)).

Does nothing without a supervisor. Never blocks: a supervisor that does not read must not stop the music.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping

from composerd.engine.messages import Snapshot

_LONGEST_STATUS = 200
"""characters: `systemctl status` shows one line"""
_BEATS_PER_TIMEOUT = 4
"""sd_watchdog_enabled(3) advises half of the time-out; a quarter forgives one late beat"""
_STATUS_INTERVAL = 1.0
"""seconds between two STATUS lines"""


class Supervisor:
    """The connection to the service manager. The conductor's loop calls `beat`, so that a hang is detected."""

    def __init__(self, environ: Mapping[str, str] = os.environ, pid: int | None = None) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._socket: socket.socket | None = None
        if self._address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
        self.beat_interval = watchdog_seconds(environ, os.getpid() if pid is None else pid) / _BEATS_PER_TIMEOUT
        """seconds; 0: no watchdog"""
        self._last_beat = self._last_status = float("-inf")
        self._status = self._shown = ""

    def ready(self) -> None:
        self._send("READY=1")

    def beat(self, now: float) -> None:
        """Report at second `now` that the conductor is alive; cheap enough for every turn of its loop."""
        if self.beat_interval and now - self._last_beat >= self.beat_interval:
            self._last_beat = now
            self._send("WATCHDOG=1")
        if self._status != self._shown and now - self._last_status >= _STATUS_INTERVAL:
            self._last_status, self._shown = now, self._status
            self._send(f"STATUS={self._status}")

    def show(self, snapshot: Snapshot) -> None:
        """Set keyboard, genre and tempo for `systemctl status`; sent with a beat if changed, at most once a second."""
        self._status = status_text(snapshot)

    def reloading(self) -> None:
        """Notify that settings are being read again, until the next `ready`."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, text: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(text.encode(), self._address)


def status_text(snapshot: Snapshot) -> str:
    """`playing, jazz, 120 bpm, keyboard AKM322 MIDI 1`."""
    keyboard = f"keyboard {snapshot.keyboard}" if snapshot.keyboard else "no keyboard"
    text = ", ".join((snapshot.state, snapshot.genre, f"{snapshot.bpm:g} bpm", keyboard))
    return " ".join(text.split())[:_LONGEST_STATUS]


def watchdog_seconds(environ: Mapping[str, str], pid: int) -> float:
    """The watchdog's time-out for process `pid` [s], 0 for none (sd_watchdog_enabled(3))."""
    microseconds, meant = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or (meant and meant != str(pid)):
        return 0.0
    return int(microseconds) / 1e6


def _address(given: str) -> str:
    """The address of systemd's socket; empty for a vsock. Abstract names begin with `@` instead of NUL."""
    if given.startswith("@"):
        return "\0" + given[1:]
    return given if given.startswith("/") else ""
