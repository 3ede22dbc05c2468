"""The path of the control socket, and the group that may use it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from composerd.errors import DeviceError

VERSION = 1
"""of the socket's protocol (protocol.py); here, so that a client imports neither commands nor numpy"""
NAME = "control.sock"
SYSTEM = Path("/run/composerd") / NAME
"""of the system service (RuntimeDirectory= in its unit)"""


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """Path and group of the control socket."""

    enabled: bool = True
    """whether other programs of this machine may control composerd"""
    socket: str = ""
    """path of the control socket; empty: in the run-time folder that systemd or the session gives"""
    group: str = ""
    """group whose members may use the socket too; empty: the user alone"""


def server_path(settings: RemoteSettings, environ: Mapping[str, str] = os.environ) -> Path:
    """The path on which a daemon listens: as configured, else in the service's or the session's run-time folder."""
    if settings.socket:
        return Path(settings.socket)
    given = environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return Path(given) / NAME if given else session_folder(environ) / NAME


def client_paths(settings: RemoteSettings, environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The paths that a client tries: as configured; else the session's daemon, then the machine's."""
    if settings.socket:
        return (Path(settings.socket),)
    return session_folder(environ) / NAME, SYSTEM


def session_folder(environ: Mapping[str, str] = os.environ) -> Path:
    given = environ.get("XDG_RUNTIME_DIR", "")
    return Path(given) / "composerd" if given.startswith("/") else Path(f"/tmp/composerd-{os.getuid()}")


def make_folder(folder: Path) -> None:
    """Create the folder, or check that it belongs to this user or root. Raises DeviceError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise DeviceError(f"control socket: {folder}: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), 0):
        raise DeviceError(f"control socket: {folder}: belongs to user {found.st_uid}, expected a folder of our own")
