"""Runs long tasks (renderings, the doctor) in separate processes, which end when the studio ends for any reason."""

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
_prctl: Callable[[int, int], int] | None = getattr(ctypes.CDLL(None), "prctl", None)
"""prctl(2); bound here because nothing may be loaded between fork and exec. None where there is none, off Linux."""
END_SECONDS = 3.0
"""time that a process has to end after it was asked to [s]"""
LOOK_SECONDS = 0.2
"""interval at which a silent process is checked for its end [s]"""
PIECE = 65536
"""bytes read at once"""
Process = subprocess.Popen[bytes]


class Work:
    """The processes that the studio runs for its pages."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._running: set[Process] = set()
        self._ended = False

    def run(
        self,
        module: str,
        *arguments: str,
        seconds: float,
        what: str,
        on_line: Callable[[str], None] = lambda _: None,
        gently: bool = True,
    ) -> None:
        """Run a module of composerd; `on_line` is called with each line that it prints, `what` names it in errors.

        `gently`: at a lower priority than the band's. Raises DeviceError if it takes longer than `seconds` or the
        studio ends, and ComposerdError with the last line that it said if it fails.
        """
        with tempfile.TemporaryFile() as said:
            process = self._start([sys.executable, "-m", module, *arguments], said, what, gently)
            try:
                _read_lines(process, seconds, on_line)
            except subprocess.TimeoutExpired:
                raise DeviceError(f"{what} took more than {seconds / 60:g} minutes and was ended") from None
            finally:
                _end(process)
                with self._change:
                    self._running.discard(process)
                    self._change.notify_all()
            if process.returncode and self._ended:
                raise DeviceError(f"{what}: the studio ends")
            if process.returncode:
                said.seek(0)
                lines = said.read().decode(errors="replace").strip().splitlines() or ["no reason given"]
                raise ComposerdError(lines[-1].removeprefix("composerd: "))

    def _start(self, command: list[str], said: IO[bytes], what: str, gently: bool) -> Process:
        with self._change:
            if self._ended:
                raise DeviceError(f"{what}: the studio ends")
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    start_new_session=True,
                    preexec_fn=_step_back if gently else end_with_us,
                )
            except OSError as error:
                raise DeviceError(f"{what}: {error.strerror or error}") from error
            self._running.add(process)
            return process

    def end(self) -> None:
        """End all running processes and start no more; the callers of `run` close their pipes."""
        with self._change:
            self._ended = True
            for number in (signal.SIGINT, signal.SIGKILL):
                for process in self._running:
                    _signal(process, number)
                self._change.wait_for(lambda: not self._running, END_SECONDS)


def _read_lines(process: Process, seconds: float, on_line: Callable[[str], None]) -> None:
    """Pass on the lines that a process prints until it has ended. Raises TimeoutExpired."""
    deadline = time.monotonic() + seconds
    for line in _lines(process, deadline):
        on_line(line)
    process.wait(max(0.0, deadline - time.monotonic()))


def _lines(process: Process, deadline: float) -> Iterator[str]:
    """The lines that a process prints until it ends; one that it started may hold the pipe open for longer.

    Raises TimeoutExpired at `deadline` (a second of time.monotonic).
    """
    assert process.stdout is not None
    rest = b""
    while True:
        has_ended = process.poll() is not None  # asked first: all that it printed is in the pipe by then
        left = deadline - time.monotonic()
        if left <= 0:
            raise subprocess.TimeoutExpired(process.args, 0)
        if not select.select([process.stdout], [], [], 0 if has_ended else min(left, LOOK_SECONDS))[0]:
            if has_ended:
                return
            continue
        piece = os.read(process.stdout.fileno(), PIECE)
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
        if not piece:
            return


def _step_back() -> None:
    """Lower this process's priority below the band's."""
    os.nice(5)
    end_with_us()


def end_with_us() -> None:
    """Let the kernel interrupt this process when the studio ends for any reason (prctl(2)).

    Called between fork and exec. A studio that was started in the background ignores SIGINT, and so would its children.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _end(process: Process) -> None:
    """Ask a process and all that it started to end, then end them and close its pipe."""
    if process.poll() is None:
        _signal(process, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
    _signal(process, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _signal(process: Process, number: signal.Signals) -> None:
    """Send a signal to a process and all that it started and that stayed in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
