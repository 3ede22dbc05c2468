"""One open page, without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

from websockets.asyncio.server import ServerConnection

from composerd.studio.news import News
from composerd.studio.page import Page
from composerd.studio.place import Place
from composerd.studio.services import Services


class Line:
    """A page's end of the WebSocket: it asks once and leaves once it is answered."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._request, self._answered = json.dumps(request), asyncio.Event()
        self.answers: list[dict[str, Any]] = []

    async def __aiter__(self) -> AsyncIterator[str]:
        yield self._request
        await self._answered.wait()

    async def send(self, text: str) -> None:
        if "answer" in (heard := json.loads(text)):
            self.answers.append(heard["answer"])
            self._answered.set()


class Broken(Services):
    async def answer(self, asked: dict[str, Any]) -> Any:
        raise ZeroDivisionError(f"{asked['studio']} by zero")


def test_what_fails_unforeseen_is_told_to_the_page_instead_of_keeping_it_waiting(tmp_path: Path) -> None:
    async def asked() -> list[dict[str, Any]]:
        line = Line({"id": 7, "studio": "takes"})
        services = Broken(Place((), tmp_path, tmp_path, tmp_path / "config.yaml"))
        await Page(cast(ServerConnection, line), News(()), (), services).run()
        return line.answers

    error = "the studio failed: ZeroDivisionError: takes by zero"
    assert asyncio.run(asked()) == [{"id": 7, "ok": False, "error": error}]
