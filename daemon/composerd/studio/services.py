"""Answers the requests of pages that concern the studio itself; they are declared in the modules `*_requests`.

Requests run in a thread, slow ones in a process of their own. They are validated as strictly as the daemon's.
"""

from __future__ import annotations

import asyncio
from functools import reduce
from operator import or_
from typing import Any

import msgspec

from composerd.errors import ConfigError
from composerd.studio.machine_requests import MACHINE_REQUESTS
from composerd.studio.page_requests import PageRequest
from composerd.studio.song_requests import SONG_REQUESTS
from composerd.studio.studio_paths import StudioPaths
from composerd.studio.take_requests import TAKE_REQUESTS

REQUESTS = (*TAKE_REQUESTS, *SONG_REQUESTS, *MACHINE_REQUESTS)
ANY: Any = reduce(or_, REQUESTS)


class Services:
    """Answers the requests of pages, long ones one at a time."""

    def __init__(self, place: StudioPaths) -> None:
        self._place = place
        self._turn = asyncio.Lock()
        self._shared: dict[type[PageRequest], asyncio.Task[Any]] = {}
        """requests of which one answer serves all pages, while they are answered"""

    async def answer(self, asked: dict[str, Any]) -> Any:
        """Raises ComposerdError for what cannot be understood or done."""
        try:
            request: PageRequest = msgspec.convert(asked, ANY)
        except msgspec.ValidationError as error:
            raise ConfigError(str(error)) from None
        return await self.carry_out(request)

    async def carry_out(self, request: PageRequest) -> Any:
        return await (self._joined(request) if request.is_shared else self._answered(request))

    async def _joined(self, request: PageRequest) -> Any:
        """Answer with the request of this kind that is being answered, which goes on when a page is closed."""
        kind = type(request)
        if kind not in self._shared:
            self._shared[kind] = asyncio.create_task(self._answered(request))
            self._shared[kind].add_done_callback(lambda task: self._finish(kind, task))
        return await asyncio.shield(self._shared[kind])

    def _finish(self, kind: type[PageRequest], task: asyncio.Task[Any]) -> None:
        del self._shared[kind]
        if not task.cancelled():
            task.exception()  # all pages that asked may have gone; asyncio would log it then

    async def _answered(self, request: PageRequest) -> Any:
        if not request.takes_long:
            return await asyncio.to_thread(request.answer, self._place)
        async with self._turn:
            return await asyncio.to_thread(request.answer, self._place)
