"""Measures the real program in a process of its own: start, memory, and latency of a key through JACK."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from composerd.bench.figure import Figure
from composerd.bench.jack_server import jack_server
from composerd.bench.midi_thru import KEYBOARD, measure_thru
from composerd.bench.offline import resident_mb
from composerd.devices.midi.system import find_system
from composerd.errors import DeviceError
from composerd.music.genre import Genre

READY_SECONDS, MEMORY_MB, THRU_RATIO = 1.0, 150.0, 1.3
STARTS = 5
LONGEST_START = 30.0
PLAYING = 20.0
"""seconds of the demo before its memory is measured"""


def program_figures(genre: Genre) -> Iterator[Figure]:
    """Measure the start up to READY=1 (sd_notify(3)), best of several, and the memory while playing."""
    took = [_start_to_ready(genre) for _ in range(STARTS)]
    detail = f"best of {STARTS} with warm caches; slowest {max(took):.2f} s"
    yield Figure(f"{genre.name}: start to ready", min(took), "s", READY_SECONDS, detail=detail)
    yield Figure(f"{genre.name}: resident memory after {PLAYING:.0f} s of playing", _playing_mb(genre), "MB", MEMORY_MB)


def thru_figures() -> Iterator[Figure]:
    """Measure the latency from key in to thru out beside a bare echo. Raises DeviceError without jackd."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["env", *own_folders(folder), *program_command("play", "--in", KEYBOARD, "--midi-api", "jack")]
        thru = measure_thru(command, "composerd:")
    detail = (
        f"p99 {thru.program.p99:.2f} ms against a bare rtmidi echo's {thru.echo.p99:.2f}; p50 {thru.program.p50:.2f} "
        f"against {thru.echo.p50:.2f}; {thru.program.count} notes, {thru.program.lost} lost ({thru.echo.lost})"
    )
    yield Figure("key in to thru out, p99 against a bare echo's", thru.ratio, "×", THRU_RATIO, detail=detail)


def program_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "composerd", *arguments, "--no-audio", "--quiet"]


def own_folders(folder: str) -> list[str]:
    return [f"XDG_CONFIG_HOME={folder}", f"XDG_DATA_HOME={folder}", f"XDG_RUNTIME_DIR={folder}"]


def _start_to_ready(genre: Genre) -> float:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        address = str(Path(folder) / "notify")
        ear.bind(address)
        ear.settimeout(LONGEST_START)
        began = time.perf_counter()
        with _running(folder, "play", "--genre", genre.name, "--out", "virtual", notify=address):
            try:
                while b"READY=1" not in ear.recv(4096):
                    pass
            except TimeoutError as error:
                raise DeviceError(f"bench: the program was not ready within {LONGEST_START:g} s") from error
            return time.perf_counter() - began


def _playing_mb(genre: Genre) -> float:
    with (
        tempfile.TemporaryDirectory() as folder,
        _midi_system() as system,
        _running(folder, "demo", "--genre", genre.name, "--out", "virtual", system=system) as process,
    ):
        time.sleep(PLAYING)
        if process.poll() is not None:
            raise DeviceError(f"bench: the demo ended with status {process.returncode}")
        return resident_mb(process.pid)


@contextmanager
def _midi_system() -> Iterator[Mapping[str, str]]:
    """Environment variables for a MIDI system: empty for this machine's, else those of a private JACK server."""
    try:
        find_system("auto").close()
    except DeviceError:
        with jack_server() as server:
            yield server.env
    else:
        yield {}


@contextmanager
def _running(
    folder: str, *arguments: str, notify: str = "", system: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The running program with folders of its own, so that it neither reads nor writes the user's files."""
    own = dict(one.split("=", 1) for one in own_folders(folder))
    environ = {**os.environ, **(system or {}), **own, "NOTIFY_SOCKET": notify}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(program_command(*arguments), env=environ, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
