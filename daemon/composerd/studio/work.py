"""Runs what takes long (renderings, the doctor) in separate processes, which end with the studio, however it ends."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO

from composerd.errors import ComposerdError, DeviceError

PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""
END_SECONDS = 3.0
"""that a process has to tidy up after it was asked to end"""
PIECE = 65536
"""bytes read at once"""
Process = subprocess.Popen[bytes]


class Work:
    """The processes that the studio runs for its pages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[Process] = set()
        self._ended = False

    def run(
        self,
        module: str,
        *arguments: str,
        seconds: float,
        what: str,
        hear: Callable[[str], None] = lambda _: None,
        gently: bool = True,
    ) -> None:
        """Run a module of composerd; `hear` gets each line that it prints, `what` names it in errors.

        `gently`: at a lower priority than the band's. Raises DeviceError if it takes longer than `seconds`, and
        ComposerdError with the last line that it said if it fails.
        """
        with tempfile.TemporaryFile() as said:
            process = self._start([sys.executable, "-m", module, *arguments], said, what, gently)
            try:
                for line in _lines(process, seconds):
                    hear(line)
                process.wait()
            except subprocess.TimeoutExpired:
                raise DeviceError(f"{what} took more than {seconds / 60:g} minutes and was ended") from None
            finally:
                _end(process)
                with self._lock:
                    self._running.discard(process)
            if process.returncode:
                said.seek(0)
                lines = said.read().decode(errors="replace").strip().splitlines() or ["no reason given"]
                raise ComposerdError(lines[-1].removeprefix("composerd: "))

    def _start(self, command: list[str], said: IO[bytes], what: str, gently: bool) -> Process:
        with self._lock:
            if self._ended:
                raise DeviceError(f"{what}: the studio ends")
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    start_new_session=True,
                    preexec_fn=_step_back if gently else _end_with_us,
                )
            except OSError as error:
                raise DeviceError(f"{what}: {error.strerror or error}") from error
            self._running.add(process)
            return process

    def end(self) -> None:
        """End all that runs; nothing is started any more."""
        with self._lock:
            self._ended = True
            running = [*self._running]
        for process in running:
            _end(process)


def _lines(process: Process, seconds: float) -> Iterator[str]:
    """The lines that a process prints. Raises TimeoutExpired."""
    assert process.stdout is not None
    deadline, rest = time.monotonic() + seconds, b""
    while True:
        if not select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise subprocess.TimeoutExpired(process.args, seconds)
        piece = os.read(process.stdout.fileno(), PIECE)
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
        if not piece:
            return


def _step_back() -> None:
    """Lower this process's priority below the band's."""
    os.nice(5)
    _end_with_us()


def _end_with_us() -> None:
    """Let the kernel end this process when the studio ends for any reason (prctl(2))."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _end(process: Process) -> None:
    """Ask a process and all that it started to end, then end them."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
    if process.stdout is not None:
        process.stdout.close()
