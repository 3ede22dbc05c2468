"""An inbox with a virtual clock, filled beforehand: runs the whole engine faster than real time."""

from __future__ import annotations

import heapq
from itertools import count
from math import inf

from composerd.engine.messages import Message, Stop


class VirtualInbox:
    """Implements `messages.Inbox`: time jumps to the next message or to the moment waited for."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._order = count()
        self._messages: list[tuple[float, int, Message]] = []

    def now(self) -> float:
        return self._now

    def post(self, at: float, message: Message) -> None:
        """Have `message` arrive at second `at`."""
        heapq.heappush(self._messages, (at, next(self._order), message))

    def put(self, message: Message) -> None:
        """Have `message` arrive now."""
        self.post(self._now, message)

    def receive(self, until: float) -> Message | None:
        if self._messages and self._messages[0][0] <= max(until, self._now):
            at, _, message = heapq.heappop(self._messages)
            self._now = max(self._now, at)
            return message
        if until == inf:
            return Stop("no messages left")
        self._now = max(self._now, until)
        return None
