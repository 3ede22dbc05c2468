"""A JACK server of our own on its dummy driver: real ports without hardware, for tests and `composerd bench`."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from composerd.errors import DeviceError

START_SECONDS, RETRY_SECONDS = 20.0, 0.5
_SHM = Path("/dev/shm")
_PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""
_REGISTRY, _MAGIC, _FIRST, _ENTRY, _SERVERS = _SHM / "jack-shm-registry", b"KCAJ", 24, 264, 8
"""JACK's list of servers: its header, then 8 entries that begin with a process id (jack2, common/shm.h)"""


@dataclass(slots=True)
class JackServer:
    """A running jackd; `env` are the environment variables by which client processes find it."""

    name: str
    period: int
    process: subprocess.Popen[bytes]

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1"}

    def kill(self) -> None:
        """Kill the server, as a crash would."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.process = _start(self.name, self.period)


@contextlib.contextmanager
def jack_server(period: int = 128) -> Iterator[JackServer]:
    """Context with a private server with periods of `period` frames at 48 kHz. Raises DeviceError if jackd is
    missing or fails."""
    if shutil.which("jackd") is None:
        raise DeviceError("jackd is not installed (Debian: apt install jackd2)")
    name = f"composerd-{uuid.uuid4().hex[:12]}"
    server = JackServer(name, period, _start(name, period))
    try:
        yield server
    finally:
        _stop(server.process)
        for left in _SHM.glob(f"*{name}*"):
            left.unlink(missing_ok=True)


def _start(name: str, period: int) -> subprocess.Popen[bytes]:
    """Start jackd, with real-time priority if that is allowed: without it messages get lost under load (1.5 %,
    measured)."""
    urgency = ["-R", "-P70"] if _may_be_real_time() else ["-r"]
    command = ["jackd", *urgency, "-n", name, "-d", "dummy", "-r", "48000", "-p", str(period)]
    deadline = time.monotonic() + START_SECONDS
    while True:
        _forget_killed_servers()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_end_with_parent
        )
        while process.poll() is None and time.monotonic() < deadline:
            if _answers(name):
                return process
            time.sleep(0.005)
        _stop(process)
        if time.monotonic() + RETRY_SECONDS > deadline:
            raise DeviceError(f"jackd does not start (status {process.returncode}): {' '.join(command)}")
        time.sleep(RETRY_SECONDS)  # one of the machine's 8 places may become free


def _forget_killed_servers() -> None:
    """Free the places of killed servers: JACK allows 8 on a machine, and a killed one keeps its place."""
    with contextlib.suppress(OSError), _REGISTRY.open("r+b") as registry:
        if registry.read(len(_MAGIC)) != _MAGIC:
            return
        for entry in range(_SERVERS):
            registry.seek(_FIRST + entry * _ENTRY)
            pid = int.from_bytes(registry.read(4), sys.byteorder)
            if pid and not Path(f"/proc/{pid}").exists():
                registry.seek(_FIRST + entry * _ENTRY)
                registry.write(bytes(_ENTRY))


def _end_with_parent() -> None:
    """Called between fork and exec: end the server when its parent process dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _may_be_real_time() -> bool:
    """Whether real-time priority is allowed; tried on a thread, which then ends."""
    allowed = []

    def attempt() -> None:
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_FIFO, os.sched_param(70))
            allowed.append(True)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    return bool(allowed)


def _answers(name: str) -> bool:
    with socket.socket(socket.AF_UNIX) as line, contextlib.suppress(OSError):
        line.connect(str(_SHM / f"jack_{name}_{os.getuid()}_0"))
        return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
