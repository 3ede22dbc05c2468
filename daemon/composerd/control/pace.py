"""Limits the rate of requests: a short burst, such as a chord, passes at once; more has to wait."""

from __future__ import annotations

import asyncio


class Pace:
    """Allows one request every `seconds` on average, and `burst` at once after a pause. For one event loop."""

    def __init__(self, seconds: float, burst: int) -> None:
        self._seconds, self._credit = seconds, seconds * burst
        self._next = 0.0
        """moment at which the requests passed so far would be used up at the average rate"""
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        """Wait until the next request is allowed, in the order of the calls."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            self._next = max(self._next, loop.time()) + self._seconds
            ahead = self._next - self._credit - loop.time()
            await asyncio.sleep(max(0.0, ahead))
