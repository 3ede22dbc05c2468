"""The daemon's news for all pages: each hears every line, and one that is slow hears how things stand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from composerd.studio.news import WAITING, Listener, News, open_line

SNAPSHOT: dict[str, Any] = {"v": 1, "now": 1.0, "genre": {"name": "pop"}, "snapshot": {"bar": 1}}
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def test_a_page_hears_every_line_in_order_and_each_once() -> None:
    listener = Listener()
    for line in (b"1", b"2"):
        listener.receive(line)
    assert listener.fresh.is_set()
    assert listener.take(b"state") == [b"1", b"2"]
    assert not listener.fresh.is_set()
    assert listener.take(b"state") == []


def test_a_page_that_is_slow_hears_how_things_stand_and_then_everything_again() -> None:
    listener = Listener()
    for number in range(WAITING):
        listener.receive(str(number).encode())
    assert len(listener.take(b"state")) == WAITING
    for number in range(WAITING + 3):
        listener.receive(str(number).encode())
    assert listener.take(b"state") == [b"state"]
    listener.receive(b"next")
    assert listener.take(b"state") == [b"next"]


def test_before_a_daemon_is_there_a_page_is_told_so(tmp_path: Path) -> None:
    news = News([tmp_path / "none"])
    assert [json.loads(line) for line in news.listen().take(b"")] == [{"connected": False}]


class Daemon:
    """A socket on which a test plays the daemon: what it says to who asks to watch."""

    def __init__(self, path: Path, lines: list[dict[str, Any] | bytes], answer: bytes = b'{"ok":true}') -> None:
        self.path, self.lines, self.answer = path, lines, answer
        self.asked: list[bytes] = []
        self.ends = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readline())
        writer.write(self.answer + b"\n")
        for line in self.lines:
            writer.write((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n")
        await writer.drain()
        await self.ends.wait()
        writer.close()

    async def start(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self.serve, self.path)


class Turns:
    """True at the last of some turns of being connected or not."""

    def __init__(self, *turns: bool) -> None:
        self._left = list(turns)

    def __call__(self, line: dict[str, Any]) -> bool:
        if self._left and line.get("connected") is self._left[0]:
            self._left.pop(0)
        return not self._left


async def heard(listener: Listener, news: News, until: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """What a page hears, up to a line such as is waited for."""
    found: list[dict[str, Any]] = []
    done = False
    while not done:
        await asyncio.wait_for(listener.fresh.wait(), 30)
        fresh = [json.loads(line) for line in listener.take(news.state())]
        done = any(until(line) for line in fresh)
        found += fresh
    return found


def watched(
    tmp_path: Path,
    lines: list[dict[str, Any] | bytes],
    until: Callable[[dict[str, Any]], bool],
    answer: bytes = b'{"ok":true}',
) -> tuple[list[dict[str, Any]], Daemon, News]:
    """What a page hears of a daemon that says `lines`, and then ends."""

    async def run() -> tuple[list[dict[str, Any]], Daemon, News]:
        daemon = Daemon(tmp_path / "socket", lines, answer)
        server = await daemon.start()
        news = News([tmp_path / "none", tmp_path / "socket"])
        listener = news.listen()
        task = asyncio.create_task(news.run())
        found = await heard(listener, news, until)
        daemon.ends.set()
        task.cancel()
        server.close()
        return found, daemon, news

    return asyncio.run(run())


def test_the_first_daemon_that_answers_is_watched_and_its_lines_are_passed_on_as_they_are(tmp_path: Path) -> None:
    notes = {"v": 1, "now": 2.0, "notes": [[2.0, None, 60, 90, 0.0]]}
    found, daemon, _ = watched(tmp_path, [SNAPSHOT, notes], lambda line: "notes" in line)
    assert daemon.asked == [b'{"v":1,"do":"watch"}\n']
    first, state, news = found
    assert (first, news) == ({"connected": False}, notes)
    assert (state["connected"], state["genre"], state["snapshot"]) == (True, {"name": "pop"}, {"bar": 1})
    assert state["lost"] == 1, "which notes sound is not known to a page that has just come"


def test_a_page_that_comes_later_hears_the_latest_of_everything(tmp_path: Path) -> None:
    later: list[dict[str, Any] | bytes] = [{"v": 1, "now": float(bar), "snapshot": {"bar": bar}} for bar in (2, 3)]
    _, _, news = watched(tmp_path, [SNAPSHOT, *later], lambda line: line.get("now") == 3.0)
    state = json.loads(news.listen().take(b"")[0])
    assert (state["now"], state["genre"], state["snapshot"]) == (3.0, {"name": "pop"}, {"bar": 3})


@pytest.mark.parametrize("broken", [b"no JSON", b"[]", b'{"v":"x"}', b"\xff", b'{"now":1}'])
def test_a_line_that_is_none_ends_the_watch_and_pages_are_told(tmp_path: Path, broken: bytes) -> None:
    found, _, _ = watched(tmp_path, [SNAPSHOT, broken], Turns(True, False))
    assert [line["connected"] for line in found] == [False, True, False]


def test_a_daemon_that_ends_is_told_and_the_next_one_is_found(tmp_path: Path) -> None:
    async def run() -> list[dict[str, Any]]:
        path = tmp_path / "socket"
        daemon = Daemon(path, [SNAPSHOT])
        server = await daemon.start()
        news = News([path])
        listener = news.listen()
        task = asyncio.create_task(news.run())
        found = await heard(listener, news, lambda line: line["connected"])
        daemon.ends.set()
        server.close()
        path.unlink(missing_ok=True)  # Python 3.13 removes it when the server closes
        found += await heard(listener, news, lambda line: not line["connected"])
        second = Daemon(path, [{**SNAPSHOT, "genre": {"name": "jazz"}}])
        server = await second.start()
        found += await heard(listener, news, lambda line: line["connected"])
        second.ends.set()
        task.cancel()
        server.close()
        return found

    found = asyncio.run(run())
    assert [line["connected"] for line in found] == [False, True, False, True]
    assert [line["genre"]["name"] for line in found if "genre" in line] == ["pop", "jazz"]


def test_a_daemon_that_lets_no_one_watch_counts_as_none(tmp_path: Path) -> None:
    async def run() -> bool:
        daemon = Daemon(tmp_path / "socket", [SNAPSHOT], b'{"ok":false,"error":"too many"}')
        server = await daemon.start()
        news = News([daemon.path])
        await asyncio.wait_for(news._follow(), 30)
        daemon.ends.set()
        server.close()
        return news.connected

    assert asyncio.run(run()) is False


def test_without_a_socket_that_answers_the_connection_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConnectionRefusedError, match="no composerd answers"):
        asyncio.run(open_line([tmp_path / "none", tmp_path / "file"]))
