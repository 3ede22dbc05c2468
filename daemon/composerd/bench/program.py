"""Measured on the real program as a process of its own: start, memory, and the way of a key through JACK."""

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
from composerd.bench.offline import resident_mb
from composerd.devices.bench_midi import KEYBOARD, measure_thru
from composerd.devices.dummy_jack import jack_server
from composerd.devices.midi_system import find_system
from composerd.errors import DeviceError
from composerd.music.genre import Genre

READY_SECONDS, MEMORY_MB, THRU_RATIO = 1.0, 150.0, 1.3
STARTS = 5
LONGEST_START = 30.0
PLAYING = 20.0
"""seconds of the demo after which its memory is looked at"""


def program_figures(genre: Genre) -> Iterator[Figure]:
    """Start to READY (as systemd is told it), the best of some starts, and memory while it plays."""
    took = [_start_to_ready(genre) for _ in range(STARTS)]
    detail = f"best of {STARTS} with warm caches; slowest {max(took):.2f} s"
    yield Figure(f"{genre.name}: start to ready", min(took), "s", READY_SECONDS, detail=detail)
    yield Figure(f"{genre.name}: resident memory after {PLAYING:.0f} s of playing", _playing_mb(genre), "MB", MEMORY_MB)


def thru_figures() -> Iterator[Figure]:
    """Key in to thru out beside a bare echo. Raises DeviceError without jackd."""
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
    """What a program finds a MIDI system with: this machine's, or a JACK server of our own, or the demo is a file."""
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
    """The program with folders of its own, so that it neither reads nor leaves anything of the user's."""
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
