"""Measures an idle daemon over JACK: its processor load, and the time from plugging a keyboard to its first sound."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from composerd.bench.audio_exactness import processor_seconds
from composerd.bench.figure import Figure
from composerd.bench.jack_server import JackServer, jack_server
from composerd.bench.midi_thru import Ear, Keys, joined, running
from composerd.bench.program import own_folders, program_command
from composerd.errors import DeviceError

PERCENT, PLUG_SECONDS = 0.2, 1.0
PERIOD = 1024
_SETTLED, _MEASURED = 5.0, 30.0
"""seconds"""
_PLUGS = 5
_CLIENT = """
import sys, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="bench-idle")
out.open_virtual_port("out")
print("open", flush=True)
sys.stdin.read()
"""


def waiting_figures() -> Iterator[Figure]:
    """Figures of an idle daemon. Raises DeviceError without jackd."""
    with tempfile.TemporaryDirectory() as folder, jack_server(PERIOD) as server, joined(server):
        command = ["env", *own_folders(folder), *program_command("play", "--midi-api", "jack", "--out", "virtual")]
        with running(command, server) as process, _idle_client(server) as client, Ear("composerd:") as ear:
            time.sleep(_SETTLED)
            before = [processor_seconds(pid) for pid in (process.pid, client)]
            time.sleep(_MEASURED)
            after = [processor_seconds(pid) for pid in (process.pid, client)]
            percent, least = (100 * (late - early) / _MEASURED for early, late in zip(before, after, strict=True))
            detail = f"an idle JACK client with one port, beside it: {least:.2g} %"
            yield Figure("a daemon that waits for a keyboard", percent, "% core", PERCENT, detail=detail)
            took = [_plug_to_sound(ear) for _ in range(_PLUGS)]
    detail = f"{_PLUGS} times, JACK's period is {1000 * PERIOD / 48000:.0f} ms"
    yield Figure("keyboard plugged in to its first note, longest", max(took), "s", PLUG_SECONDS, detail=detail)


@contextlib.contextmanager
def _idle_client(server: JackServer) -> Iterator[int]:
    """Start a JACK client that does nothing, for comparison: the load that JACK itself causes. Its process id."""
    command = [sys.executable, "-c", _CLIENT]
    process = subprocess.Popen(command, env=server.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if process.stdout is None or process.stdout.readline() != b"open\n":
            raise DeviceError("bench: JACK takes no idle client")
        yield process.pid
    finally:
        process.kill()
        process.communicate()


def _plug_to_sound(ear: Ear) -> float:
    ear.heard.clear()
    plugged = time.perf_counter()
    with Keys() as keys:
        keys.settle((ear,))
    return min(ear.heard.values()) - plugged
