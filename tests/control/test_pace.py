"""The rate limit of the control socket, on a loop whose clock is moved by its sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest

from composerd.control.pace import Pace


class JumpingLoop(asyncio.SelectorEventLoop):
    """Its time jumps to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.second = 0.0

    def time(self) -> float:
        return self.second

    def call_at(  # type: ignore[override]  # typeshed's is generic in the types of `args`
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = super().call_at(when, callback, *args, context=context)
        self.call_soon(self._jump, when)
        return handle

    def _jump(self, when: float) -> None:
        self.second = max(self.second, when)


def passed(pace: Pace, count: int, pause: float = 0.0) -> list[float]:
    """The seconds at which `count` requests pass, asked for one after the other."""
    loop = JumpingLoop()

    async def ask() -> list[float]:
        found = []
        for _ in range(count):
            await pace.wait()
            found.append(round(loop.time(), 6))
            if pause:
                await asyncio.sleep(pause)
        return found

    try:
        return loop.run_until_complete(ask())
    finally:
        loop.close()


def test_a_burst_passes_at_once_and_a_flood_one_by_one() -> None:
    assert passed(Pace(0.01, 4), 8) == pytest.approx([0.0, 0.0, 0.0, 0.0, 0.01, 0.02, 0.03, 0.04])


def test_requests_slower_than_the_rate_never_wait() -> None:
    assert passed(Pace(0.01, 1), 5, pause=0.02) == pytest.approx([0.0, 0.02, 0.04, 0.06, 0.08])


def test_a_pause_restores_the_burst_and_no_more() -> None:
    loop = JumpingLoop()
    pace = Pace(0.01, 3)

    async def ask() -> list[float]:
        for _ in range(3):
            await pace.wait()
        await asyncio.sleep(10.0)
        found = []
        for _ in range(5):
            await pace.wait()
            found.append(round(loop.time() - 10.0, 6))
        return found

    try:
        assert loop.run_until_complete(ask()) == pytest.approx([0.0, 0.0, 0.0, 0.01, 0.02])
    finally:
        loop.close()
