"""One open page: passes its requests to the daemon or to the studio's services, and sends it the news."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from composerd.errors import ComposerdError
from composerd.studio.news import News, open_line
from composerd.studio.page_requests import Attachment
from composerd.studio.services import Services

log = logging.getLogger(__name__)

MOST_WAITING = 8
"""most requests of one page that are worked on at once; further ones are refused"""
ALIVE = 25.0
"""seconds between two keep-alive requests to the daemon, which hangs up after a minute"""
CHUNK = 48 * 1024
RATE, BURST = 100.0, 200.0
"""requests a second that a page may send, and most at once after a pause"""
FOREIGN = {"watch"}
"""requests that only the studio's own process makes"""
TOO_MANY = 1008
"""close code: policy violation (RFC 6455, 7.4.1)"""


class Budget:
    """Limits the number of requests of a page."""

    def __init__(self, now: float) -> None:
        self._left, self._at = BURST, now

    def spend(self, now: float) -> bool:
        self._left = min(BURST, self._left + (now - self._at) * RATE) - 1
        self._at = now
        return self._left >= 0


class _Answered(msgspec.Struct):
    """What is read of an answer of the daemon."""

    id: int | None = None
    """number of the request; None for one of the studio's own"""


class Page:
    """A session over one WebSocket."""

    def __init__(self, socket: ServerConnection, news: News, paths: Sequence[Path], services: Services) -> None:
        self._socket, self._news, self._paths, self._services = socket, news, paths, services
        self._daemon: asyncio.StreamWriter | None = None
        self._unanswered: set[int] = set()
        """numbers of the requests that the daemon has not answered yet"""
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve the page until it is closed."""
        self._start(self._send_news())
        budget = Budget(asyncio.get_running_loop().time())
        try:
            async for message in self._socket:
                if not budget.spend(asyncio.get_running_loop().time()):
                    await self._socket.close(TOO_MANY, "too many requests")
                    return
                await self._receive(message)
        except ConnectionClosed:
            pass
        finally:
            for task in self._tasks:
                task.cancel()
            if self._daemon is not None:
                self._daemon.transport.abort()

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _receive(self, message: str | bytes) -> None:
        asked = _read(message)
        if asked is None:
            await self._answer({"ok": False, "error": "found no request, expected a JSON object with `do` or `studio`"})
        elif "do" in asked:
            await self._ask_daemon(asked)
        elif len(self._tasks) > MOST_WAITING:
            await self._answer(_refused(asked, "too much at once: wait for an answer"))
        else:
            self._start(self._serve(asked))

    async def _answer(self, answer: dict[str, Any]) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(msgspec.json.encode({"answer": answer}).decode())

    # -- the daemon

    async def _ask_daemon(self, asked: dict[str, Any]) -> None:
        if asked.get("do") in FOREIGN:
            await self._answer(_refused(asked, "not for a page"))
            return
        try:
            writer = await self._line()
            self._unanswered.add(asked["id"])
            writer.write(json.dumps({**asked, "v": 1}).encode() + b"\n")
            await asyncio.wait_for(writer.drain(), 2)
        except (OSError, TimeoutError):
            self._unanswered.discard(asked["id"])
            await self._answer(_refused(asked, "no composerd answers"))

    async def _line(self) -> asyncio.StreamWriter:
        """The page's own connection to the daemon; keys that the page holds are released when it closes."""
        if self._daemon is None or self._daemon.transport.is_closing():
            reader, self._daemon = await open_line(self._paths)
            self._unanswered = set()
            self._start(self._hand_back(reader, self._daemon, self._unanswered))
            self._start(self._stay(self._daemon))
        return self._daemon

    async def _hand_back(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, unanswered: set[int]
    ) -> None:
        """Hand the daemon's answers to the page until it hangs up; then refuse what it has not answered."""
        with contextlib.suppress(OSError, ValueError, ConnectionClosed):
            while line := await reader.readline():
                number = msgspec.json.decode(line, type=_Answered).id
                if number is not None:
                    unanswered.discard(number)
                    await self._socket.send('{"answer":' + line.decode().rstrip("\n") + "}")
        writer.transport.abort()
        for number in sorted(unanswered):
            await self._answer({"id": number, "ok": False, "error": "composerd hung up before it answered"})

    async def _stay(self, writer: asyncio.StreamWriter) -> None:
        while not writer.transport.is_closing():
            await asyncio.sleep(ALIVE)
            writer.write(b'{"v":1,"id":null,"do":"status"}\n')

    # -- the studio's own services

    async def _serve(self, asked: dict[str, Any]) -> None:
        try:
            found = await self._services.answer(asked)
        except ComposerdError as error:
            await self._answer(_refused(asked, " ".join(str(error).split())))
            return
        except Exception as error:  # a mistake of ours: the page must not wait for ever
            log.exception("studio: %s failed", asked["studio"])
            await self._answer(_refused(asked, f"the studio failed: {type(error).__name__}: {error}"))
            return
        answer = {"id": asked.get("id"), "ok": True}
        with contextlib.suppress(ConnectionClosed):
            if isinstance(found, Attachment):
                await self._send_file(answer, found)
            else:
                await self._answer({**answer, "found": found})

    async def _send_file(self, answer: dict[str, Any], file: Attachment) -> None:
        """Send the answer, then the bytes in pieces, each with the request's number before it."""
        number = int(answer["id"]).to_bytes(4, "big")
        await self._answer({**answer, "file": {"name": file.name, "type": file.kind, "size": len(file.data)}})
        for at in range(0, len(file.data), CHUNK):
            await self._socket.send(number + file.data[at : at + CHUNK])

    async def _send_news(self) -> None:
        listener = self._news.listen()
        try:
            while True:
                await listener.fresh.wait()
                for line in listener.take(self._news.state()):
                    await self._socket.send(line.decode())
        except ConnectionClosed:
            pass
        finally:
            self._news.leave(listener)


def _read(message: str | bytes) -> dict[str, Any] | None:
    """The request in a message, or None: it has an `id`, and `do` (for the daemon) or `studio` (for the studio)."""
    try:
        asked = msgspec.json.decode(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(asked, dict) or not isinstance(asked.get("id"), int) or not 0 <= asked["id"] < 2**32:
        return None
    return asked if isinstance(asked.get("do"), str) != isinstance(asked.get("studio"), str) else None


def _refused(asked: dict[str, Any], why: str) -> dict[str, Any]:
    return {"id": asked.get("id"), "ok": False, "error": why}
