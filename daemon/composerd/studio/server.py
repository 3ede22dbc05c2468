"""Serves the studio: a socket on loopback or the network, the site, and a session for every open page."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.protocol import Event, State

from composerd.errors import DeviceError
from composerd.studio.admission import Admission
from composerd.studio.news import News
from composerd.studio.page import Page
from composerd.studio.services import Services
from composerd.studio.site import Site
from composerd.studio.static_files import static_files
from composerd.studio.studio_paths import StudioPaths

log = logging.getLogger(__name__)

MOST_PAGES = 8
MOST_CONNECTIONS = 96
"""most connections; a browser opens six at a time"""
OPEN_SECONDS = 10.0
"""time within which a request must be complete [s]"""
LONGEST_REQUEST = 64 * 1024
"""longest request [bytes]; a longer one is disconnected"""
LONGEST_MESSAGE = 64 * 1024
"""bytes a page may send at once"""
LISTEN_FDS_START = 3
"""first socket that systemd hands over (sd_listen_fds(3))"""


@dataclass(frozen=True, slots=True)
class Studio:
    """All parts of a studio, ready to run."""

    sockets: tuple[socket.socket, ...]
    admission: Admission
    place: StudioPaths
    ready: Callable[[], None] = lambda: None
    """called once requests are answered"""


class Connection(ServerConnection):
    """One of at most MOST_CONNECTIONS connections; beyond that, the one that has been idle longest is closed."""

    waiting: ClassVar[dict[Connection, None]] = {}
    """connections whose request is not complete, the oldest first"""
    count: ClassVar[int] = 0
    unread = 0
    """bytes that came before a WebSocket was open"""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Connection.count += 1
        Connection.waiting[self] = None
        super().connection_made(transport)
        if Connection.count > MOST_CONNECTIONS:
            oldest = next(iter(Connection.waiting))
            del Connection.waiting[oldest]
            oldest.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Limit the data received before a WebSocket is open, because the library keeps reading after a refusal."""
        if self.protocol.state is not State.OPEN:
            self.unread += len(data)
            if self.unread > LONGEST_REQUEST:
                self.transport.abort()
                return
        super().data_received(data)

    def process_event(self, event: Event) -> None:
        Connection.waiting.pop(self, None)
        super().process_event(event)

    def connection_lost(self, exc: Exception | None) -> None:
        Connection.count -= 1
        Connection.waiting.pop(self, None)
        super().connection_lost(exc)


def listening(host: str, port: int) -> socket.socket:
    """A listening socket on `host`; port 0 chooses a free one. Raises DeviceError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named as TCP: asyncio turns Nagle's waiting off only where the socket says so, and 40 ms are a late note
    line = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind((host, port))
        line.listen(64)
    except (OSError, OverflowError) as error:
        line.close()
        raise DeviceError(f"studio: {host}:{port}: {getattr(error, 'strerror', None) or error}") from error
    return line


def handed_over() -> tuple[socket.socket, ...]:
    """The listening sockets passed by systemd (sd_listen_fds(3)); none without socket activation."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return ()
    count = int(os.environ.get("LISTEN_FDS", "0"))
    return tuple(socket.socket(fileno=LISTEN_FDS_START + number) for number in range(count))


def run(studio: Studio) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP (a closed terminal)."""
    logging.getLogger("websockets").setLevel(logging.CRITICAL)  # what strangers send is no news
    asyncio.run(_run(studio))


async def _run(studio: Studio) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        news = News(studio.place.sockets)
        watching = loop.create_task(news.run())
        stack.callback(watching.cancel)
        for line in studio.sockets:
            await stack.enter_async_context(await _serve(studio, line, news))
        stack.push_async_callback(asyncio.to_thread, studio.place.work.end)  # the first to end: pages wait for it
        studio.ready()
        await stop.wait()


async def _serve(studio: Studio, line: socket.socket, news: News) -> Server:
    site, services, pages = Site(studio.admission, static_files()), Services(studio.place), set[ServerConnection]()

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        local = connection.local_address
        return site.answer(request, str(local[0]) if isinstance(local, tuple) else "")

    async def attend(connection: ServerConnection) -> None:
        if len(pages) >= MOST_PAGES:
            await connection.close(1013, "too many pages are open")
            return
        pages.add(connection)
        try:
            await Page(connection, news, studio.place.sockets, services).run()
        finally:
            pages.discard(connection)

    return await serve(
        attend,
        sock=line,
        process_request=answer,
        create_connection=Connection,
        compression=None,
        server_header=None,
        max_size=LONGEST_MESSAGE,
        max_queue=8,
        open_timeout=OPEN_SECONDS,
        ping_interval=20,
        ping_timeout=20,
        close_timeout=2,
    )
