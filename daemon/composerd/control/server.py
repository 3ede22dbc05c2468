"""Serves the control socket in a separate thread; clients cannot disturb the music.

Line length, number of clients, waiting times and requests a second are limited. The thread only puts messages into
the inbox and reads the latest snapshot, so the conductor never waits for it.
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
from dataclasses import dataclass, field
from functools import partial
from math import inf
from pathlib import Path
from threading import Event, Thread
from typing import Any

import msgspec

from composerd import __version__
from composerd.control.pace import Pace
from composerd.control.protocol import (
    LONGEST_LINE,
    Learn,
    Note,
    Pedal,
    Refused,
    SocketRequest,
    Status,
    Watch,
    done,
    read_request,
    refused,
)
from composerd.control.screen_keys import ScreenKeys
from composerd.control.settings import make_folder
from composerd.control.watch import MOST_WATCHERS, Broadcast, Watchers
from composerd.engine.command_table import Command
from composerd.engine.messages import HoldKeyboard, Message, Snapshot, TimedCommand
from composerd.errors import ConfigError, DeviceError
from composerd.threads import spawn

log = logging.getLogger(__name__)

MOST_CLIENTS = 16
"""when one more connects, the one that was silent longest is disconnected"""
IDLE = 60.0
"""seconds without a complete line after which a client is disconnected"""
LEARNING = 120.0
"""seconds for which a client may keep the keyboard from playing"""
SLOW = 2.0
"""seconds that a client may take to read an answer"""
PACE = 0.01
"""seconds between two requests, of whatever clients: a hundred a second cost about one per cent of a core"""
BURST = 24
"""requests that may come at once after a quiet time: the keys of a chord"""
BACKLOG = 64
"""clients waiting to be accepted; the kernel refuses further ones"""


@dataclass(frozen=True, slots=True)
class Handlers:
    """The functions of the program that the socket calls. None of them may block."""

    put: Callable[[Message], None]
    now: Callable[[], float]
    snapshot: Callable[[], Snapshot | None]
    """the latest"""
    refusal: Callable[[Command], str] = lambda _: ""
    """returns why a command cannot be carried out (no such genre), or an empty text"""
    reread: Callable[[], None] = lambda: None
    """read the page of the keyboard's controls again; may take its time"""
    broadcast: Broadcast = field(default_factory=Broadcast)
    """source of the news that watchers get"""


class ControlSocket:
    """Serves clients from `start` to `close`."""

    def __init__(self, path: Path, handlers: Handlers, group: str = "") -> None:
        self._path, self._handlers, self._group = path, handlers, group
        self._listener: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._began = Event()
        self._thread: Thread | None = None
        self._clients: dict[asyncio.Task[None], float] = {}
        """client -> second of its last request"""
        self._watchers = Watchers(handlers.broadcast, handlers.now)

    def start(self) -> None:
        """Listen. Raises DeviceError if the socket cannot be created or is in use, ConfigError for an unknown group."""
        self._listener = listen(self._path, self._group)
        self._thread = spawn("control socket", self._run)
        self._began.wait(timeout=5.0)

    def close(self) -> None:
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop may end by itself in between
                self._loop.call_soon_threadsafe(self._cancel_all)
            self._thread.join(timeout=2.0)
        if self._listener is not None:
            self._listener.close()
            self._path.unlink(missing_ok=True)

    def answer(self, line: bytes) -> bytes:
        """Carry out one request of a client that disconnects immediately."""
        keys = ScreenKeys(self._handlers.put, self._handlers.now)
        answer, lasting = self._reply(line, keys)
        keys.release()
        if isinstance(lasting, Learn):
            self._handlers.put(HoldKeyboard(False))
        return answer

    def _reply(self, line: bytes, keys: ScreenKeys) -> tuple[bytes, Watch | Learn | None]:
        """Carry out a request of the client that holds `keys`; returns the answer and a request that lasts, if any."""
        try:
            request = read_request(line)
            what = request.what
            if isinstance(what, Watch):
                self._check_room_for_watcher(request)
                return done(request), what
            if isinstance(what, Learn):
                self._handlers.put(HoldKeyboard(True))
                return done(request), what
            if isinstance(what, Note | Pedal):
                keys.play(what)
                return done(request), None
            return self._command(request), None
        except Refused as error:
            return refused(error), None

    def _check_room_for_watcher(self, request: SocketRequest) -> None:
        if self._watchers.full:
            raise Refused(f"found {MOST_WATCHERS} watchers already, which is the most", request.id)

    def _command(self, request: SocketRequest) -> bytes:
        if isinstance(request.what, Status):
            return done(request, self._status(request))
        if why := self._handlers.refusal(request.what):
            raise Refused(why, request.id)
        self._handlers.put(TimedCommand(self._handlers.now(), request.what))
        return done(request)

    def _status(self, request: SocketRequest) -> dict[str, Any]:
        snapshot = self._handlers.snapshot()
        if snapshot is None:
            raise Refused("not ready yet", request.id)
        status: dict[str, Any] = msgspec.to_builtins(snapshot)
        return {**status, "pid": os.getpid(), "version": __version__}

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        assert self._listener is not None
        self._loop, self._pace = asyncio.get_running_loop(), Pace(PACE, BURST)
        self._watchers.start(self._loop)
        self._began.set()
        while True:
            await self._wait_for_client(self._listener)
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
            client = self._loop.create_task(self._serve_client(line))
            self._clients[client] = self._loop.time()
            client.add_done_callback(partial(self._leave, line))
            await asyncio.sleep(PACE)

    async def _wait_for_client(self, listener: socket.socket) -> None:
        """Wait for a connection. (The loop's own `sock_accept` may lose an accepted one when it is cancelled.)"""
        assert self._loop is not None
        waits = asyncio.Event()
        self._loop.add_reader(listener, waits.set)
        try:
            await waits.wait()
        finally:
            self._loop.remove_reader(listener)

    def _leave(self, line: socket.socket, client: asyncio.Task[None]) -> None:
        """Close the connection of a client that disconnected before its task started."""
        self._clients.pop(client, None)
        line.close()

    def _cancel_all(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    async def _serve_client(self, line: socket.socket) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=line, limit=LONGEST_LINE)
        keys = ScreenKeys(self._handlers.put, self._handlers.now)
        try:
            while await self._exchange(reader, writer, keys):
                pass
        except (OSError, TimeoutError):
            pass
        finally:
            keys.release()
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keys: ScreenKeys) -> bool:
        """Read one request and answer it; False when the connection is to be closed."""
        try:
            line = await asyncio.wait_for(reader.readline(), IDLE)
        except ValueError:
            writer.write(refused(Refused(f"line longer than {LONGEST_LINE} bytes")))
            await asyncio.wait_for(writer.drain(), SLOW)
            return False
        if not line.endswith(b"\n"):
            return False
        await self._pace.wait()
        answer, lasting = self._reply(line, keys)
        try:
            writer.write(answer)
            self._clients[asyncio.current_task()] = asyncio.get_running_loop().time()  # type: ignore[index]
            await asyncio.wait_for(writer.drain(), SLOW)
            if isinstance(lasting, Watch):
                await self._watch(reader, writer)
            elif lasting is not None:
                await asyncio.wait_for(reader.read(1), LEARNING)
        finally:
            if isinstance(lasting, Learn):
                self._handlers.put(HoldKeyboard(False))
                asyncio.get_running_loop().run_in_executor(None, self._handlers.reread)
        return lasting is None

    async def _watch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send the news to a watcher until it closes the connection or sends anything."""
        # it sends nothing more, and is not disconnected as the client that was silent longest
        self._clients[asyncio.current_task()] = inf  # type: ignore[index]
        sending = asyncio.create_task(self._watchers.tell(writer, SLOW))
        leaving = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)


def listen(path: Path, group: str) -> socket.socket:
    """A listening socket for this user (and `group`) only; its permissions are set before clients can connect."""
    make_folder(path.parent)
    if _answers(path):
        raise DeviceError(f"control socket: {path} is in use by another composerd")
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
            _make_room(path)  # a socket that refuses all clients would mislead
        if isinstance(error, ConfigError):
            raise
        raise DeviceError(f"control socket: {path}: {error.strerror or error}") from error
    return line


def _make_room(path: Path) -> None:
    """Remove a stale socket left by a killed daemon. Raises ConfigError if the path is another kind of file."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ConfigError(field="remote.socket", found=f"the file {path}", expected="a socket, or no file there")
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
        raise ConfigError(field="remote.group", found=repr(group), expected="a group of this machine") from None
