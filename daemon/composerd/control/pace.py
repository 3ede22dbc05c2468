"""Limits the rate of requests: a burst (a chord) passes, a flood waits."""

from __future__ import annotations

import asyncio


class Pace:
    """Allows one request every `seconds` on average, and `burst` at once after a pause. For one event loop."""

    def __init__(self, seconds: float, burst: int) -> None:
        self._seconds, self._credit = seconds, seconds * burst
        self._next = 0.0
        """moment by which all that was let through would have come evenly"""
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        """Return when the next may come, in the order of asking."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            self._next = max(self._next, loop.time()) + self._seconds
            ahead = self._next - self._credit - loop.time()
            await asyncio.sleep(max(0.0, ahead))
