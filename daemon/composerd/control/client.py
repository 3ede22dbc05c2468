"""The client of the control socket: sends one request and reads one answer."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from composerd.control.settings import VERSION
from composerd.errors import ComposerdError, DeviceError, Reason

TIMEOUT = 5
"""seconds"""
LONGEST_ANSWER = 1 << 20


@contextmanager
def held(paths: Sequence[Path], request: Mapping[str, Any]) -> Iterator[Path | None]:
    """Context of a request in force until the block ends. Yields the daemon's socket, None if none accepts."""
    try:
        line = _connect(paths)
    except DeviceError:
        yield None
        return
    with line:
        agreed = bool(_answer(line, request).get("ok"))
        yield Path(line.getpeername()) if agreed else None


def ask(paths: Sequence[Path], request: Mapping[str, Any]) -> dict[str, Any]:
    """Send a request to the first running daemon. Raises DeviceError if none runs, ComposerdError if it refuses."""
    with _connect(paths) as line:
        answer = _answer(line, request)
    if not answer.get("ok"):
        raise ComposerdError(f"refused: {answer.get('error', 'no reason given')}")
    return answer


def _connect(paths: Sequence[Path]) -> socket.socket:
    reasons = []
    kind = Reason.MISSING
    for path in paths:
        line = _caller()
        try:
            line.connect(str(path))
        except PermissionError:
            kind = Reason.NO_ACCESS
            reasons.append(f"{path}: not allowed (sudo, or `remote: group:` in its settings)")
        except OSError as error:
            reasons.append(f"{path}: {error.strerror or error}")
        else:
            return line
        line.close()
    raise DeviceError(f"no composerd answers: {'; '.join(reasons)}", kind)


def _caller() -> socket.socket:
    """A socket with time-outs set in the kernel: Python's own fail at once (EAGAIN) if the accept queue is full."""
    line = socket.socket(socket.AF_UNIX)
    for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
        line.setsockopt(socket.SOL_SOCKET, option, struct.pack("@ll", TIMEOUT, 0))
    return line


def _answer(line: socket.socket, request: Mapping[str, Any]) -> dict[str, Any]:
    """Send a request and read its answer. Raises DeviceError."""
    try:
        line.sendall(json.dumps({"v": VERSION, **request}).encode() + b"\n")
        with line.makefile("rb") as lines:
            answer = json.loads(lines.readline(LONGEST_ANSWER))
    except (OSError, ValueError) as error:
        raise DeviceError(f"composerd gave no answer: {error}") from error
    if not isinstance(answer, dict):
        raise DeviceError("composerd gave no answer that this version understands")
    return answer
