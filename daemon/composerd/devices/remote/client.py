"""The other end of the control socket: one request, one answer."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from composerd.devices.remote.settings import VERSION
from composerd.errors import ComposerdError, DeviceError

TIMEOUT = 5
"""seconds"""
LONGEST_ANSWER = 1 << 20


def ask(paths: Sequence[Path], request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of the first daemon found. DeviceError where none runs, ComposerdError where it refuses."""
    with _connect(paths) as line:
        line.sendall(json.dumps({"v": VERSION, **request}).encode() + b"\n")
        answer = _answer(line)
    if not answer.get("ok"):
        raise ComposerdError(f"refused: {answer.get('error', 'no reason given')}")
    return answer


def _connect(paths: Sequence[Path]) -> socket.socket:
    reasons = []
    for path in paths:
        line = _caller()
        try:
            line.connect(str(path))
        except PermissionError:
            reasons.append(f"{path}: not allowed (sudo, or `remote: group:` in its settings)")
        except OSError as error:
            reasons.append(f"{path}: {error.strerror or error}")
        else:
            return line
        line.close()
    raise DeviceError(f"no composerd answers: {'; '.join(reasons)}")


def _caller() -> socket.socket:
    """A socket whose waits end. Python's own time-outs would not wait for a full queue of callers (EAGAIN at once)."""
    line = socket.socket(socket.AF_UNIX)
    for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
        line.setsockopt(socket.SOL_SOCKET, option, struct.pack("@ll", TIMEOUT, 0))
    return line


def _answer(line: socket.socket) -> dict[str, Any]:
    try:
        with line.makefile("rb") as lines:
            answer = json.loads(lines.readline(LONGEST_ANSWER))
    except (OSError, ValueError) as error:
        raise DeviceError(f"composerd gave no answer: {error}") from error
    if not isinstance(answer, dict):
        raise DeviceError("composerd gave no answer that this version understands")
    return answer
