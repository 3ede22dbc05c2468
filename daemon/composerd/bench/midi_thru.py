"""Measures the latency of a key beside a bare rtmidi echo, and the lateness of timed waits. For `composerd bench`.

Keyboard and both listeners are this process; the measured program and the echo are processes of their own that receive
the same key presses at the same time, so that other load on the machine affects both.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import rtmidi

from composerd.bench.figure import quantile
from composerd.bench.jack_server import JackServer, jack_server
from composerd.devices.midi.system import close_input
from composerd.devices.system.inbox import RealInbox
from composerd.errors import DeviceError

KEYBOARD = "bench-keys"
"""client name of the keyboard, for the options of the measured program"""
ECHO = "bench-echo"
READY_SECONDS = 20.0

_ECHO_SOURCE = """
import sys, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=sys.argv[1])
out.open_virtual_port("out")
keys = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=sys.argv[1] + "-in")
keys.set_callback(lambda event, _: out.send_message(event[0]))
keys.open_port(next(n for n, name in enumerate(keys.get_ports()) if sys.argv[2] in name), "in")
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """Quantiles of latencies [ms]; `lost`: messages that never arrived."""

    p50: float
    p99: float
    count: int
    lost: int = 0

    @classmethod
    def of(cls, seconds: Sequence[float], lost: int = 0) -> Spread:
        """The quantiles of `seconds`. Raises DeviceError if there are none."""
        if not seconds:
            raise DeviceError(f"bench: none of {lost} notes came back")
        return cls(quantile(seconds, 0.5) * 1e3, quantile(seconds, 0.99) * 1e3, len(seconds), lost)


@dataclass(frozen=True, slots=True)
class Thru:
    """Latency from key to thru output, of the program and of a bare echo."""

    program: Spread
    echo: Spread

    @property
    def ratio(self) -> float:
        """The program's p99 divided by the echo's."""
        return self.program.p99 / self.echo.p99


def measure_thru(command: Sequence[str], out_port: str, presses: int = 1000, period: int = 128) -> Thru:
    """Measure key presses through the program that `command` starts, over a private JACK server.

    The program must play from a port whose name contains KEYBOARD and answer on one whose name contains `out_port`,
    note for note on channel 1. Raises DeviceError if jackd is missing or the program does not start.
    """
    with jack_server(period) as server, joined(server), Keys() as keys:
        echo = [sys.executable, "-c", _ECHO_SOURCE, ECHO, KEYBOARD]
        with running(echo, server), Ear(f"{ECHO}:") as echoed, running(command, server), Ear(out_port) as played:
            keys.settle((echoed, played))
            keys.press(presses)
            return Thru(played.spread(keys.sent), echoed.spread(keys.sent))


def measure_lateness(waits: int = 600, wait: float = 0.005, inbox: RealInbox | None = None) -> Spread:
    """Measure how late `RealInbox.receive` returns; threads started by the caller may disturb it."""
    inbox = inbox or RealInbox()
    late = []
    for _ in range(waits):
        until = inbox.now() + wait
        inbox.receive(until)
        late.append(inbox.now() - until)
    return Spread.of(late)


Press = tuple[int, int]
"""pitch and velocity, unique among 48 x 127 successive presses"""


class Keys:
    """A virtual keyboard that presses keys."""

    def __init__(self) -> None:
        self._port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=KEYBOARD)
        self._port.open_virtual_port("out")
        self._random = random.Random(1)
        self.sent: dict[Press, float] = {}

    def __enter__(self) -> Keys:
        return self

    def __exit__(self, *_: object) -> None:
        self._port.delete()

    def settle(self, ears: Sequence[Ear]) -> None:
        """Press keys until every listener has received one, so that all are connected."""

        def answered() -> bool:
            self.press(1)
            return all(ear.heard for ear in ears)

        _wait_until(answered, "the first note", pause=0.05)
        self.sent.clear()

    def press(self, presses: int) -> None:
        for n in range(presses):
            pitch, velocity = 36 + n % 48, 1 + n % 127
            self.sent[pitch, velocity] = time.perf_counter()
            self._port.send_message([0x90, pitch, velocity])
            time.sleep(0.004 * self._random.uniform(0.5, 1.5))
            self._port.send_message([0x80, pitch, 64])
            time.sleep(0.004 * self._random.uniform(0.5, 1.5))


class Ear:
    """A listener to the port whose name contains `source`; waits until it exists."""

    def __init__(self, source: str) -> None:
        self.heard: dict[Press, float] = {}
        self._port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="bench-ear")
        self._port.set_callback(self._receive)
        _wait_until(lambda: self._index(source) is not None, f"a port {source!r}")
        self._port.open_port(self._index(source) or 0, "in")

    def __enter__(self) -> Ear:
        return self

    def __exit__(self, *_: object) -> None:
        close_input(self._port)

    def spread(self, sent: dict[Press, float]) -> Spread:
        """The latencies of the presses `sent`; waits for the last one."""
        with contextlib.suppress(DeviceError):
            _wait_until(lambda: sent.keys() <= self.heard.keys(), "the last note", 1.0)
        took = [self.heard[press] - at for press, at in sent.items() if self.heard.get(press, 0.0) >= at]
        return Spread.of(took, len(sent) - len(took))

    def _index(self, source: str) -> int | None:
        return next((n for n, name in enumerate(self._port.get_ports()) if source in name), None)

    def _receive(self, event: tuple[list[int], float], _data: object) -> None:
        now, data = time.perf_counter(), event[0]
        if data[0] == 0x90 and data[2] > 0:
            self.heard[data[1], data[2]] = now


@contextlib.contextmanager
def joined(server: JackServer) -> Iterator[None]:
    """Context in which this process is a client of `server`."""
    before = {name: os.environ.get(name) for name in ("JACK_DEFAULT_SERVER", "JACK_NO_START_SERVER")}
    os.environ.update({name: server.env[name] for name in before})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextlib.contextmanager
def running(command: Sequence[str], server: JackServer) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, env=server.env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        killer = threading.Timer(5.0, process.kill)
        killer.start()
        process.communicate()
        killer.cancel()


def _wait_until(holds: Callable[[], object], what: str, seconds: float = READY_SECONDS, pause: float = 0.01) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise DeviceError(f"bench: waited {seconds:g} s in vain for {what}")
        time.sleep(pause)
