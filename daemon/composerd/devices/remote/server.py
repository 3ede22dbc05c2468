"""The control socket's thread: many clients, none of whom can hurt the music.

Lines, clients, waiting and the number of requests a second are limited, and the thread only puts messages into the
inbox and reads the latest snapshot: nothing here is ever waited for by the conductor.
"""

from __future__ import annotations

import asyncio
import contextlib
import grp
import logging
import os
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import msgspec

from composerd import __version__
from composerd.devices.remote.protocol import LONGEST_LINE, Refused, Request, command, done, read_request, refused
from composerd.devices.remote.settings import make_folder
from composerd.engine.messages import Message, Snapshot
from composerd.errors import ConfigError, DeviceError

log = logging.getLogger(__name__)

MOST_CLIENTS = 16
"""one more, and the one that was silent longest has to go"""
IDLE = 60.0
"""seconds without a whole line after which a client has to go"""
SLOW = 2.0
"""seconds a client may take to fetch an answer"""
PACE = 0.01
"""seconds between two requests, of whatever clients: a hundred a second cost about one per cent of a core"""
BACKLOG = 64
"""clients waiting to be let in; further ones are turned away by the kernel"""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the socket reaches of the program. Nothing here may wait."""

    put: Callable[[Message], None]
    now: Callable[[], float]
    snapshot: Callable[[], Snapshot | None]
    """the latest"""
    complaint: Callable[[Message], str] = lambda _: ""
    """why a command cannot be carried out, where that is known beforehand (no such genre); or nothing"""


class ControlSocket:
    """Listens from `start` to `close`."""

    def __init__(self, path: Path, desk: Desk, group: str = "") -> None:
        self._path, self._desk, self._group = path, desk, group
        self._listener: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._began = Event()
        self._thread = Thread(target=self._run, name="control socket", daemon=True)
        self._clients: dict[asyncio.Task[None], float] = {}
        """client -> second of its last request"""

    def start(self) -> None:
        """Raises DeviceError where the socket cannot be made or another composerd has it, ConfigError for the group."""
        self._listener = listen(self._path, self._group)
        self._thread.start()
        self._began.wait(timeout=5.0)

    def close(self) -> None:
        if self._loop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop may end by itself in between
                self._loop.call_soon_threadsafe(self._cancel_all)
            self._thread.join(timeout=2.0)
        if self._listener is not None:
            self._listener.close()
            self._path.unlink(missing_ok=True)

    def answer(self, line: bytes) -> bytes:
        """Carry out one request."""
        try:
            request = read_request(line)
            order = command(request, self._desk.now())
            if order is None:
                return done(request, self._status(request))
            if why := self._desk.complaint(order):
                raise Refused(why, request.id)
        except Refused as error:
            return refused(error)
        self._desk.put(order)
        return done(request)

    def _status(self, request: Request) -> dict[str, Any]:
        snapshot = self._desk.snapshot()
        if snapshot is None:
            raise Refused("not ready yet", request.id)
        stands: dict[str, Any] = msgspec.to_builtins(snapshot)
        return {**stands, "pid": os.getpid(), "version": __version__}

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except asyncio.CancelledError:
            return
        except Exception:  # the music goes on without us
            log.exception("the control socket failed and is closed")

    async def _serve(self) -> None:
        assert self._listener is not None
        self._loop, self._turn = asyncio.get_running_loop(), asyncio.Lock()
        self._began.set()
        while True:
            await self._knock(self._listener)
            try:
                line, _ = self._listener.accept()
            except BlockingIOError:  # left again
                continue
            except OSError as error:  # out of file handles, for one: they come back
                log.warning("control socket: %s", error)
                await asyncio.sleep(1.0)
                continue
            if len(self._clients) >= MOST_CLIENTS:
                min(self._clients, key=self._clients.__getitem__).cancel()
            client = self._loop.create_task(self._attend(line))
            self._clients[client] = self._loop.time()
            client.add_done_callback(partial(self._leave, line))
            await asyncio.sleep(PACE)

    async def _knock(self, listener: socket.socket) -> None:
        """Somebody waits to be accepted. (The loop's own `sock_accept`, cancelled, may lose whom it has accepted.)"""
        assert self._loop is not None
        waits = asyncio.Event()
        self._loop.add_reader(listener, waits.set)
        try:
            await waits.wait()
        finally:
            self._loop.remove_reader(listener)

    def _leave(self, line: socket.socket, client: asyncio.Task[None]) -> None:
        """One who left before being attended to has nobody else to close the line."""
        self._clients.pop(client, None)
        line.close()

    def _cancel_all(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    async def _attend(self, line: socket.socket) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=line, limit=LONGEST_LINE)
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, TimeoutError):
            pass
        finally:
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; False at the end of the conversation."""
        try:
            line = await asyncio.wait_for(reader.readline(), IDLE)
        except ValueError:
            writer.write(refused(Refused(f"line longer than {LONGEST_LINE} bytes")))
            await asyncio.wait_for(writer.drain(), SLOW)
            return False
        if not line.endswith(b"\n"):
            return False
        async with self._turn:
            writer.write(self.answer(line))
            await asyncio.sleep(PACE)
        self._clients[asyncio.current_task()] = asyncio.get_running_loop().time()  # type: ignore[index]
        await asyncio.wait_for(writer.drain(), SLOW)
        return True


def listen(path: Path, group: str) -> socket.socket:
    """A listening socket that only its user (and `group`) may use: its rights are set before anybody can connect."""
    make_folder(path.parent)
    if _answers(path):
        raise DeviceError(f"control socket: {path}: another composerd has it")
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        _make_room(path)
        line.bind(str(path))
        if group:
            os.chown(path, -1, _group_id(group))
        path.chmod(0o660 if group else 0o600)
        line.listen(BACKLOG)
        line.setblocking(False)
    except (OSError, ConfigError) as error:
        line.close()
        with contextlib.suppress(OSError, ConfigError):
            _make_room(path)  # one that refuses everybody would only puzzle
        if isinstance(error, ConfigError):
            raise
        raise DeviceError(f"control socket: {path}: {error.strerror or error}") from error
    return line


def _make_room(path: Path) -> None:
    """Away with what a killed daemon left. ConfigError where it is no socket: somebody's file is not ours to delete."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ConfigError(f"remote.socket: {path}: is a file, expected a socket or nothing there")
        path.unlink()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1.0)
        try:
            line.connect(str(path))
        except OSError:
            return False
        return True


def _group_id(group: str) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise ConfigError(f"remote.group: found {group!r}, no such group on this machine") from None
