"""Makes the studio's address: its token, this machine's network address, and a QR code for the terminal."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import stat
from pathlib import Path
from typing import TextIO

from composerd.errors import ConfigError

TOKEN = "studio-token"
TOKEN_BYTES = 18


def token(folder: Path) -> str:
    """The studio's token, created at the first call and kept in `folder`, readable by its user only."""
    file = folder / TOKEN
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(made, "w") as new:
                new.write(secrets.token_urlsafe(TOKEN_BYTES))
        found = file.stat()
        if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise ConfigError(f"{file}: other users can read it; delete it, and a new one is created")
        text = file.read_text().strip()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}") from error
    if len(text) < TOKEN_BYTES:
        raise ConfigError(f"{file}: found no token; delete it, and a new one is created")
    return text


def network_address() -> str:
    """This machine's address on the network with the default route; loopback if there is none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.connect(("192.0.2.1", 9))  # TEST-NET-1: a route is looked up, no packet leaves
            return str(line.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def url(host: str, port: int, secret: str = "") -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/" + (f"?token={secret}" if secret else "")


def print_qr(address: str, out: TextIO) -> None:
    """Print the address as a QR code."""
    import segno

    segno.make(address, micro=False).terminal(out, compact=True)
