"""Starts `composerd play` for the studio, if no daemon runs, in a separate process."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from composerd.control.client import ask
from composerd.errors import ComposerdError, DeviceError
from composerd.studio.work import end_with_us

START_SECONDS = 60.0
END_SECONDS = 12.0
"""a last chord, and the take on disk"""


def runs(paths: Sequence[Path]) -> bool:
    """Whether a composerd answers on one of these sockets."""
    for path in paths:
        with socket.socket(socket.AF_UNIX) as line, contextlib.suppress(OSError):
            line.settimeout(1.0)
            line.connect(str(path))
            return True
    return False


@contextlib.contextmanager
def playing(arguments: Sequence[str], paths: Sequence[Path]) -> Iterator[None]:
    """Run `composerd play` with `arguments` while the studio is open. Raises DeviceError if it does not start."""
    band = subprocess.Popen(
        [sys.executable, "-m", "composerd", "play", *arguments],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_us,
    )
    try:
        _wait(band, paths)
        yield
    finally:
        _end(band)


def _wait(band: subprocess.Popen[bytes], paths: Sequence[Path]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(paths):
        if band.poll() is not None:
            raise DeviceError(f"studio: composerd play ended at once, with exit status {band.returncode}")
        if time.monotonic() > deadline:
            raise DeviceError(f"studio: composerd play did not answer within {START_SECONDS:.0f} s")
        time.sleep(0.05)


def _is_ready(paths: Sequence[Path]) -> bool:
    """Whether a composerd reports its state; its socket answers a moment before."""
    try:
        ask(paths, {"do": "status"})
    except ComposerdError:
        return False
    return True


def _end(band: subprocess.Popen[bytes]) -> None:
    """End the band with SIGINT, then SIGTERM and SIGKILL, END_SECONDS apart."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if band.poll() is None:
            band.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                band.wait(END_SECONDS)
