"""A JACK server of our own on its dummy driver, keyboards that can be pulled and a synth that listens: no hardware.

A keyboard is a process: starting it plugs it in, `kill -9` pulls the cable. Everything waits for conditions, with
deadlines; JACK's dummy driver may lose a message under load (1 in 10,000, far more without real-time scheduling), so
`press_until` plays again until what is waited for has come.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import rtmidi

DEADLINE = 20.0
"""seconds after which a condition that has not come is a failure"""
_SHM = Path("/dev/shm")


def wait_for(what: str, condition: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Return as soon as `condition` holds; AssertionError naming `what` when the deadline passes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}"
        time.sleep(0.005)


@dataclass(slots=True)
class JackServer:
    """A running jackd. `env` is what a client process needs to find it."""

    name: str
    period: int
    process: subprocess.Popen[bytes]

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1"}

    def kill(self) -> None:
        """The server is gone at once, as after a crash."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.process = _start(self.name, self.period)


@contextlib.contextmanager
def jack_server(period: int = 128) -> Iterator[JackServer]:
    """A private server with periods of `period` frames at 48 kHz; skips the test where jackd is not installed."""
    if shutil.which("jackd") is None:
        pytest.skip("jackd is not installed")
    name = f"composerd-test-{uuid.uuid4().hex[:8]}"
    server = JackServer(name, period, _start(name, period))
    try:
        yield server
    finally:
        _stop(server.process)
        for left in _SHM.glob(f"*{name}*"):
            left.unlink(missing_ok=True)


def _start(name: str, period: int) -> subprocess.Popen[bytes]:
    """Real-time where it is allowed: without it the dummy driver loses messages under load."""
    urgency = ["-R", "-P70"] if _may_be_real_time() else ["-r"]
    command = ["jackd", *urgency, "-n", name, "-d", "dummy", "-r", "48000", "-p", str(period)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for("jackd", lambda: _answers(name) or process.poll() is not None)
    assert process.poll() is None, f"jackd ended with status {process.returncode}: {' '.join(command)}"
    return process


def _may_be_real_time() -> bool:
    """Tried on a thread of its own, whose scheduling goes with it."""
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


_KEYBOARD = """
import sys, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=sys.argv[1])
out.open_virtual_port(sys.argv[2])
print("plugged", flush=True)
for line in sys.stdin:
    out.send_message(list(bytes.fromhex(line)))
"""


class FakeKeyboard:
    """A keyboard plugged into `server`, in a process of its own."""

    def __init__(self, server: JackServer, client: str = "AKM322", port: str = "AKM322 MIDI 1") -> None:
        command = [sys.executable, "-c", _KEYBOARD, client, port]
        self._process = subprocess.Popen(
            command, env=server.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "plugged\n"
        self.name = f"{client}:{port}"

    def send(self, *data: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(bytes(data).hex() + "\n")
        self._process.stdin.flush()

    def press_until(self, what: str, condition: Callable[[], object], pitch: int = 60) -> None:
        """Strike and let go of a key four times a second until `condition` holds."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"pressed keys for {DEADLINE:g} s in vain for {what}"
            self.send(0x90, pitch, 90)
            self.send(0x80, pitch, 64)
            with contextlib.suppress(AssertionError):
                wait_for(what, condition, 0.25)

    def pull(self) -> None:
        """The cable is pulled: nothing is said, the ports are gone."""
        self._process.kill()
        self._process.communicate()


class FakeSynth:
    """A synth that others connect to, or with `source` a listener to that port; remembers what it heard."""

    def __init__(self, client: str = "FluidSynth", source: str | None = None) -> None:
        """In this process: JACK_DEFAULT_SERVER must name the server."""
        self.heard: list[list[int]] = []
        self.moments: list[float] = []
        self._client = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=client)
        self._client.set_callback(self._hear)
        if source is None:
            self._client.open_virtual_port("in")
        else:
            wait_for(f"a port {source}", lambda: self._index(source) is not None)
            self._client.open_port(self._index(source) or 0, "in")

    def _index(self, source: str) -> int | None:
        return next((n for n, name in enumerate(self._client.get_ports()) if source in name), None)

    def _hear(self, event: tuple[list[int], float], _data: object) -> None:
        self.moments.append(time.monotonic())
        self.heard.append(event[0])

    def close(self) -> None:
        self._client.cancel_callback()
        self._client.delete()
