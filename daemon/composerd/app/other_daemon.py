"""Identifies another composerd on this machine, and the command that stops it."""

from __future__ import annotations

from pathlib import Path

from composerd.control.client import ask
from composerd.control.settings import SYSTEM, RemoteSettings, client_paths
from composerd.errors import ComposerdError, DeviceError, Reason

_CGROUP = "/proc/{}/cgroup"
_STOP_SYSTEM, _STOP_USER, _STOP_HERE = (
    "the system service: `sudo systemctl stop composerd` stops it",
    "your service: `systemctl --user stop composerd` stops it",
    "`composerd ctl quit` stops it",
)
_UNKNOWN = "Ctrl-C where it runs stops it"


def how_to_stop(remote: RemoteSettings, keyboard: str) -> str:
    """A sentence that names the composerd which uses `keyboard`, if its control socket answers, and how to stop it."""
    for path in client_paths(remote):
        try:
            status = ask([path], {"do": "status"}).get("status")
        except DeviceError as error:
            if path == SYSTEM and error.reason is Reason.NO_ACCESS:
                return _STOP_SYSTEM
            continue
        except ComposerdError:
            continue
        if not isinstance(status, dict) or status.get("keyboard") != keyboard:
            continue  # another program's socket, or another keyboard's composerd
        pid = status.get("pid")
        if isinstance(pid, int):
            return f"process {pid}, {_of_service(pid)}"
    return _UNKNOWN


def _of_service(pid: int) -> str:
    try:
        group = Path(_CGROUP.format(pid)).read_text()
    except OSError:
        return _STOP_HERE
    if "composerd.service" not in group:
        return _STOP_HERE
    return _STOP_USER if "user.slice" in group else _STOP_SYSTEM
