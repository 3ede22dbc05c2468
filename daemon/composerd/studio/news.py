"""Distributes the daemon's news to all pages: one watcher of the control socket for all of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec

AGAIN = 0.5
"""seconds until a daemon that is not there is looked for again"""
WAITING = 200
"""most lines queued for a slow page; beyond that it gets the current state instead"""
LONGEST_LINE = 1 << 20


class NewsLine(msgspec.Struct, omit_defaults=True):
    """A line of the daemon, with its parts as undecoded JSON."""

    v: int
    now: float = 0.0
    genre: msgspec.Raw = msgspec.Raw()
    snapshot: msgspec.Raw = msgspec.Raw()
    outlook: msgspec.Raw = msgspec.Raw()
    notes: msgspec.Raw = msgspec.Raw()
    lost: int = 0


class Listener:
    """A page's queue of lines."""

    def __init__(self) -> None:
        self.fresh = asyncio.Event()
        self._lines: deque[bytes] = deque()
        self._behind = False

    def receive(self, line: bytes) -> None:
        if len(self._lines) >= WAITING:
            self._lines.clear()
            self._behind = True
        if not self._behind:
            self._lines.append(line)
        self.fresh.set()

    def take(self, state: bytes) -> list[bytes]:
        """The lines to send; `state` instead for a page that fell behind."""
        lines = [state] if self._behind else list(self._lines)
        self._lines.clear()
        self._behind = False
        self.fresh.clear()
        return lines


class News:
    """Watches the daemon until cancelled, and hands its lines to every listener."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._listeners: list[Listener] = []
        self._latest = NewsLine(1)
        self.connected = False

    def listen(self) -> Listener:
        listener = Listener()
        listener.receive(self.state())
        self._listeners.append(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        self._listeners.remove(listener)

    def state(self) -> bytes:
        """The current state, as one line."""
        told = {"connected": self.connected}
        if not self.connected:
            return msgspec.json.encode(told)
        return msgspec.json.encode(told)[:-1] + b',"lost":1,' + msgspec.json.encode(self._latest)[1:]

    async def run(self) -> None:
        while True:
            with contextlib.suppress(OSError, ValueError, TimeoutError):
                await self._follow()
            if self.connected:
                self.connected, self._latest = False, NewsLine(1)
                self._tell(self.state())
            await asyncio.sleep(AGAIN)

    async def _follow(self) -> None:
        """Read one daemon's news until it closes the connection."""
        reader, writer = await open_line(self._paths)
        try:
            writer.write(b'{"v":1,"do":"watch"}\n')
            answer = msgspec.json.decode(await asyncio.wait_for(reader.readline(), 5))
            if not answer.get("ok"):
                return
            while raw := await reader.readline():
                self._receive(raw.rstrip(b"\n"))
        finally:
            writer.transport.abort()

    def _receive(self, raw: bytes) -> None:
        line = msgspec.json.decode(raw, type=NewsLine)
        self._latest.now = line.now
        for name in ("genre", "snapshot", "outlook"):
            if part := getattr(line, name):
                setattr(self._latest, name, part)
        if not self.connected:
            self.connected = True
            self._tell(self.state())
        else:
            self._tell(raw)

    def _tell(self, line: bytes) -> None:
        for listener in self._listeners:
            listener.receive(line)


async def open_line(paths: Sequence[Path]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the first daemon that answers. Raises OSError if none does."""
    for path in paths:
        with contextlib.suppress(OSError):
            return await asyncio.open_unix_connection(path, limit=LONGEST_LINE)
    raise ConnectionRefusedError("no composerd answers")
