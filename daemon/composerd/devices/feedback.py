"""Our own messages coming back, from a device that repeats what it is sent or a loop of cables: not playing."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from threading import Lock

from composerd.music.genre import PLAYER_CHANNEL
from composerd.music.midi import Midi, parse

WINDOW = 0.03
"""seconds within which a loop brings a message back"""


class Feedback:
    """Told of all that is sent and heard; says what of it is an echo.

    A message that equals one sent within the WINDOW is an echo. On the player's channel, where the player's own next
    message may be the same, only what no keyboard sends is taken for one (a key going down that is down, one going up
    that is up, a controller where it stands), until such a key going down has shown that there is a loop.
    """

    def __init__(self) -> None:
        self._sent: deque[tuple[float, tuple[int, ...]]] = deque()
        self._lock = Lock()
        """one thread sends, another hears"""
        self._held: set[int] = set()
        self.loop = False
        """whether there is one for certain"""

    def reset(self) -> None:
        """Another port: what was known of the loop and its keys does not hold any more."""
        with self._lock:
            self._sent.clear()
            self._held.clear()
            self.loop = False

    def sent(self, at: float, data: Sequence[int]) -> None:
        with self._lock:
            self._forget(at)
            self._sent.append((at, tuple(data)))

    def hears(self, at: float, data: Sequence[int]) -> bool:
        """Whether `data` is an echo; each message that was sent has at most one."""
        with self._lock:
            self._forget(at)
            match = next((one for one in self._sent if one[1] == tuple(data)), None)
            message = parse(list(data))
            if match is not None and self._is_echo(message):
                self._sent.remove(match)
                return True
            self._account(message)
            return False

    def _is_echo(self, message: Midi | None) -> bool:
        if self.loop or message is None or message.channel != PLAYER_CHANNEL:
            return True
        if message.starts_note:
            self.loop = message.data1 in self._held
            return self.loop
        return not message.ends_note or message.data1 not in self._held

    def _account(self, message: Midi | None) -> None:
        if message is not None and message.starts_note:
            self._held.add(message.data1)
        elif message is not None and message.ends_note:
            self._held.discard(message.data1)

    def _forget(self, now: float) -> None:
        while self._sent and now - self._sent[0][0] > WINDOW:
            self._sent.popleft()
