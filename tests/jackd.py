"""A JACK server of our own on its dummy driver, keyboards that can be pulled and a synth that listens: no hardware.

A keyboard is a process: starting it plugs it in, `kill -9` pulls the cable. Everything waits for conditions, with
deadlines; JACK's dummy driver may lose a message under load (1 in 10,000, far more without real-time scheduling), so
`press_until` plays again until what is waited for has come.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
import rtmidi

from composerd.bench import jack_server as servers
from composerd.bench.jack_server import JackServer as JackServer
from composerd.devices.midi.system import close_input

DEADLINE = 40.0
"""seconds after which a condition that has not come is a failure; only a busy machine takes more than a few"""


def wait_for(what: str, condition: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Return as soon as `condition` holds; AssertionError naming `what` when the deadline passes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}"
        time.sleep(0.005)


@contextlib.contextmanager
def jack_server(period: int = 128) -> Iterator[JackServer]:
    """A private server with periods of `period` frames at 48 kHz; skips the test where jackd is not installed."""
    if shutil.which("jackd") is None:
        pytest.skip("jackd is not installed")
    with servers.jack_server(period) as server:
        yield server


_KEYBOARD = """
import sys, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=sys.argv[1])
out.open_virtual_port(sys.argv[2])
if sys.argv[3]:
    back = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=sys.argv[1])
    back.set_callback(lambda event, _: sys.argv[3] == "repeats" and out.send_message(event[0]))
    back.open_virtual_port("in")
print("plugged", flush=True)
for line in sys.stdin:
    out.send_message(list(bytes.fromhex(line)))
"""


_TWIN = """
import queue, sys, jack
client, waiting = jack.Client(sys.argv[1]), queue.SimpleQueue()
ports = [client.midi_outports.register(name) for name in sys.argv[2:]]
@client.set_process_callback
def process(frames):
    for port in ports:
        port.clear_buffer()
    while not waiting.empty():
        number, data = waiting.get_nowait()
        ports[number].write_midi_event(0, data)
client.activate()
print("plugged", flush=True)
for line in sys.stdin:
    number, data = line.split()
    waiting.put((int(number), bytes.fromhex(data)))
"""


class TwoPorts:
    """A device with several output ports, in a separate process."""

    def __init__(self, server: JackServer, client: str, *ports: str) -> None:
        command = [sys.executable, "-c", _TWIN, client, *ports]
        self._process = subprocess.Popen(
            command, env=server.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "plugged\n"

    def send(self, port: int, *data: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{port} {bytes(data).hex()}\n")
        self._process.stdin.flush()

    def pull(self) -> None:
        self._process.kill()
        self._process.communicate()


class FakeKeyboard:
    """A keyboard connected to `server`, in a separate process."""

    def __init__(
        self,
        server: JackServer,
        client: str = "AKM322",
        port: str = "AKM322 MIDI 1",
        *,
        hears: Literal["", "keeps", "repeats"] = "",
    ) -> None:
        """`hears`: it has an input too, and keeps what it is sent or sends it back."""
        command = [sys.executable, "-c", _KEYBOARD, client, port, hears]
        for _ in range(4):  # a busy server may refuse a client
            self._process = subprocess.Popen(
                command,
                env=server.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            assert self._process.stdout is not None
            if self._process.stdout.readline() == "plugged\n":
                break
            self.pull()
        else:
            raise AssertionError(f"four times in vain: {client} cannot be plugged in")
        self.name = f"{client}:{port}"

    def send(self, *data: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(bytes(data).hex() + "\n")
        self._process.stdin.flush()

    def press_until(self, what: str, condition: Callable[[], object], pitch: int = 60) -> None:
        """Press and release a key four times a second until `condition` holds."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"pressed keys for {DEADLINE:g} s in vain for {what}"
            self.send(0x90, pitch, 90)
            self.send(0x80, pitch, 64)
            with contextlib.suppress(AssertionError):
                wait_for(what, condition, 0.25)

    def pull(self) -> None:
        """Unplug: the ports disappear without a message."""
        self._process.kill()
        self._process.communicate()


class FakeSynth:
    """A synth to connect to, or with `source` a listener to that port; records all messages."""

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

    def hear_clock(self) -> None:
        """MIDI clock too, which is passed over otherwise."""
        self._client.ignore_types(timing=False)

    def close(self) -> None:
        close_input(self._client)
