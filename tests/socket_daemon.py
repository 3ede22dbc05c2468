"""A control socket with an inbox behind it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Event

from composerd.control.server import ControlSocket, Handlers
from composerd.control.watch import Broadcast
from composerd.engine.command_table import Command
from composerd.engine.messages import Message, Snapshot

PATIENCE = 20
"""seconds that a test waits for an answer"""
NOW = 12.5
"""second of every request"""


class SocketDaemon:
    """A control socket; what is sent to it lies in `inbox`. `refusal` says why a command cannot be carried out."""

    def __init__(
        self,
        path: Path,
        group: str = "",
        snapshot: Snapshot | None = None,
        refusal: Callable[[Command], str] = lambda _: "",
        broadcast: Broadcast | None = None,
    ) -> None:
        self.path = path
        self.inbox: SimpleQueue[Message] = SimpleQueue()
        self.reread = Event()
        self.broadcast = broadcast or Broadcast()
        handlers = Handlers(self.inbox.put, lambda: NOW, lambda: snapshot, refusal, self.reread.set, self.broadcast)
        self.socket = ControlSocket(path, handlers, group)

    def __enter__(self) -> SocketDaemon:
        self.socket.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def heard(self) -> list[Message]:
        found = []
        while not self.inbox.empty():
            found.append(self.inbox.get())
        return found

    def connect(self) -> socket.socket:
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(PATIENCE)
        try:
            line.connect(str(self.path))
        except OSError:
            line.close()
            raise
        return line
