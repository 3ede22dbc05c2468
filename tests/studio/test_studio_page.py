"""One open page, without a network."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection

from composerd.studio.news import News
from composerd.studio.page import BURST, RATE, Budget, Page
from composerd.studio.services import Services
from composerd.studio.studio_paths import StudioPaths


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
        services = Broken(StudioPaths((), tmp_path, tmp_path, tmp_path / "config.yaml"))
        await Page(cast(ServerConnection, line), News(()), (), services).run()
        return line.answers

    error = "the studio failed: ZeroDivisionError: takes by zero"
    assert asyncio.run(asked()) == [{"id": 7, "ok": False, "error": error}]


class Conversation:
    """A page's end of the WebSocket: it says its lines, each once the one before is answered, and then leaves."""

    def __init__(self, *requests: str | bytes | dict[str, Any], stays: bool = False) -> None:
        self._requests = [json.dumps(one) if isinstance(one, dict) else one for one in requests]
        self._stays = stays
        self._heard = asyncio.Event()
        self.answers: list[dict[str, Any]] = []
        self.pieces: list[bytes] = []
        self.news: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        for count, request in enumerate(self._requests, 1):
            yield request
            while len(self.answers) < count and not self._stays:
                self._heard.clear()
                await asyncio.wait_for(self._heard.wait(), 30)

    async def send(self, text: str | bytes) -> None:
        if isinstance(text, bytes):
            self.pieces.append(text)
        elif "answer" in (heard := json.loads(text)):
            self.answers.append(heard["answer"])
        else:
            self.news.append(heard)
        self._heard.set()

    async def close(self, code: int, reason: str) -> None:
        self.closed = code, reason


Reply = Callable[[dict[str, Any]], dict[str, Any] | list[dict[str, Any]] | None]


class Band:
    """A socket on which a test plays the daemon: what it answers to each line, None to hang up."""

    def __init__(self, path: Path, answer: Reply) -> None:
        self.path, self._answer = path, answer
        self.heard: list[dict[str, Any]] = []
        self.left = asyncio.Event()

    async def __aenter__(self) -> Band:
        self._server = await asyncio.start_unix_server(self._serve, self.path)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                self.heard.append(json.loads(line))
                if (answer := self._answer(self.heard[-1])) is None:
                    break
                for one in answer if isinstance(answer, list) else [answer]:
                    writer.write(json.dumps(one).encode() + b"\n")
        self.left.set()
        writer.close()


def talked(tmp_path: Path, conversation: Conversation, answer: Reply | None = None) -> list[dict[str, Any]]:
    """What the daemon heard while a page was open; without `answer` there is none."""
    place = StudioPaths((), tmp_path / "takes", tmp_path, tmp_path / "config.yaml")
    path = tmp_path / "socket"

    async def run() -> list[dict[str, Any]]:
        page = Page(cast(ServerConnection, conversation), News(()), (path,), Services(place))
        if answer is None:
            await page.run()
            return []
        async with Band(path, answer) as band:
            await page.run()
            if band.heard:
                await asyncio.wait_for(band.left.wait(), 30)
            return band.heard

    return asyncio.run(run())


def agreed(asked: dict[str, Any]) -> dict[str, Any]:
    return {"v": 1, "id": asked["id"], "ok": True}


def test_a_page_first_hears_how_things_stand(tmp_path: Path) -> None:
    conversation = Conversation({"id": 1, "studio": "takes"})
    talked(tmp_path, conversation)
    assert conversation.news == [{"connected": False}]


def test_requests_for_the_band_go_to_the_daemon_in_order_and_its_answers_come_back(tmp_path: Path) -> None:
    conversation = Conversation({"id": 1, "do": "tempo", "bpm": 90}, {"id": 2, "do": "stop", "v": 7})
    heard = talked(tmp_path, conversation, agreed)
    assert heard == [{"id": 1, "do": "tempo", "bpm": 90, "v": 1}, {"id": 2, "do": "stop", "v": 1}]
    assert conversation.answers == [{"v": 1, "id": 1, "ok": True}, {"v": 1, "id": 2, "ok": True}]


def test_a_page_that_leaves_leaves_the_daemon_too(tmp_path: Path) -> None:
    """`talked` waits for it: keys that the page held are let go."""
    assert len(talked(tmp_path, Conversation({"id": 1, "do": "note", "pitch": 60, "velocity": 90}), agreed)) == 1


def test_without_a_daemon_a_request_is_refused_and_the_next_finds_one(tmp_path: Path) -> None:
    conversation = Conversation({"id": 1, "do": "stop"})
    talked(tmp_path, conversation)
    assert conversation.answers == [{"id": 1, "ok": False, "error": "no composerd answers"}]


def test_a_request_that_the_daemon_hangs_up_on_is_refused_and_the_next_one_is_answered(tmp_path: Path) -> None:
    def hangs_up_once(asked: dict[str, Any]) -> dict[str, Any] | None:
        return None if asked["do"] == "quit" else agreed(asked)

    conversation = Conversation({"id": 1, "do": "tempo"}, {"id": 2, "do": "quit"}, {"id": 3, "do": "stop"})
    talked(tmp_path, conversation, hangs_up_once)
    assert conversation.answers == [
        {"v": 1, "id": 1, "ok": True},
        {"id": 2, "ok": False, "error": "composerd hung up before it answered"},
        {"v": 1, "id": 3, "ok": True},
    ]


def test_an_answer_that_is_none_ends_the_connection_and_what_was_asked_is_refused(tmp_path: Path) -> None:
    conversation = Conversation({"id": 1, "do": "stop"})
    talked(tmp_path, conversation, lambda _: {"id": "one", "ok": True})
    assert conversation.answers == [{"id": 1, "ok": False, "error": "composerd hung up before it answered"}]


def test_answers_to_the_studios_own_requests_are_not_the_pages(tmp_path: Path) -> None:
    own: dict[str, Any] = {"v": 1, "id": None, "ok": True, "status": {}}
    conversation = Conversation({"id": 1, "do": "stop"})
    talked(tmp_path, conversation, lambda asked: [own, agreed(asked)])
    assert conversation.answers == [{"v": 1, "id": 1, "ok": True}]


def test_what_only_the_studio_may_ask_is_not_for_a_page(tmp_path: Path) -> None:
    conversation = Conversation({"id": 1, "do": "watch"})
    assert talked(tmp_path, conversation, agreed) == []
    assert conversation.answers == [{"id": 1, "ok": False, "error": "not for a page"}]


@pytest.mark.parametrize(
    "message",
    [
        "", "no JSON", "[]", "7", '{"do":"stop"}', '{"id":1}', '{"id":-1,"do":"stop"}', '{"id":4294967296,"do":"stop"}',
        '{"id":"1","do":"stop"}', '{"id":1,"do":"stop","studio":"takes"}', '{"id":1,"do":5}', b"\xff\xfe", "[" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_request_is_answered_and_does_nothing(tmp_path: Path, message: str | bytes) -> None:
    conversation = Conversation(message)
    assert talked(tmp_path, conversation, agreed) == []
    [answer] = conversation.answers
    assert (answer["ok"], answer["error"][:16]) == (False, "found no request")


def test_a_file_comes_in_pieces_each_with_the_requests_number(tmp_path: Path) -> None:
    name, data = "0001_2026-11-01_10-00-00_pop.mid", bytes(range(256)) * 500
    (tmp_path / "takes").mkdir()
    (tmp_path / "takes" / name).write_bytes(data)
    conversation = Conversation({"id": 258, "studio": "take_file", "name": name, "kind": "mid"}, stays=True)

    async def run() -> None:
        place = StudioPaths((), tmp_path / "takes", tmp_path, tmp_path / "config.yaml")
        page = Page(cast(ServerConnection, conversation), News(()), (), Services(place))
        await page._serve({"id": 258, "studio": "take_file", "name": name, "kind": "mid"})

    asyncio.run(run())
    assert conversation.answers == [
        {"id": 258, "ok": True, "file": {"name": name, "type": "audio/midi", "size": len(data)}}
    ]
    assert {piece[:4] for piece in conversation.pieces} == {b"\0\0\1\2"}
    assert b"".join(piece[4:] for piece in conversation.pieces) == data
    assert len(conversation.pieces) == 3


def test_a_page_that_floods_is_hung_up_on(tmp_path: Path) -> None:
    conversation = Conversation(*["no request"] * 300, stays=True)
    talked(tmp_path, conversation)
    assert conversation.closed == (1008, "too many requests")
    assert len(conversation.answers) < 300


@given(st.lists(st.floats(0, 5), max_size=400))
def test_a_budget_never_lets_more_pass_than_its_rate_and_one_burst(pauses: list[float]) -> None:
    budget, now, passed = Budget(0.0), 0.0, 0
    for pause in pauses:
        now += pause
        passed += budget.spend(now)
    assert passed <= BURST + RATE * now + 1
    assert Budget(0.0).spend(0.0)
