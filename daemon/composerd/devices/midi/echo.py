"""Recognises the program's own messages when a device that repeats its input, or a loop of cables, sends them back.

Only channel messages are compared. System messages, MIDI clock among them, carry nothing to tell ours from another's.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock

from composerd.music.midi import CONTROL, POLY_PRESSURE, Midi

WINDOW = 0.03
"""seconds within which a loop sends a message back"""
_RUN = 8
"""number of controllers returned in a row, in the order in which they were sent, that proves a loop"""
_SILENCE = 16
"""number of messages in a row that did not come back, after which the loop counts as gone"""
_NUMBERED = (POLY_PRESSURE, CONTROL)
"""kinds of messages whose first data byte is a number (of a key, of a controller) and whose second is its value"""


@dataclass(frozen=True, slots=True)
class Sent:
    serial: int
    at: float
    """seconds"""
    message: Midi


class SentMessages:
    """The messages sent on one port within the last WINDOW, in order. Thread-safe: one thread sends, others receive."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sent: deque[Sent] = deque()
        self._next = 0
        self.first = 0
        """serial of the port's first message"""

    def clear(self) -> None:
        """Forget all messages, since the port was changed."""
        with self._lock:
            self._sent.clear()
            self.first = self._next

    def add(self, at: float, message: Midi) -> None:
        with self._lock:
            self._forget(at)
            self._sent.append(Sent(self._next, at, message))
            self._next += 1

    def recent(self, now: float) -> list[Sent]:
        with self._lock:
            self._forget(now)
            return list(self._sent)

    def oldest(self, now: float) -> int:
        """Serial of the oldest message that may still come back, or of the next one to be sent."""
        recent = self.recent(now)
        return recent[0].serial if recent else self._next

    def _forget(self, now: float) -> None:
        while self._sent and now - self._sent[0].at > WINDOW:
            self._sent.popleft()


class EchoGuard:
    """Separates our own messages from the player's among those that one input port receives. Used by one thread.

    An echo equals, byte for byte, a message that we sent within the WINDOW; each has at most one. The player's message
    may equal it too, so until a loop is certain a message is dropped only where the player loses nothing (a key goes
    up that is up, a controller moves to where it stands) or on a channel on which the player never plays, where it
    comes back in order with the message sent before it. A loop is certain once a key goes down that is down, or once
    _RUN controllers have come back in order.
    """

    def __init__(self, sent: SentMessages) -> None:
        self._sent = sent
        self._first = sent.first
        self._expected = sent.oldest(0.0)
        """serial of the message that a loop would send back next"""
        self._returned: set[int] = set()
        self._held: set[tuple[int, int]] = set()
        self._standing: dict[tuple[int, int, int], int] = {}
        self._channels: set[int] = set()
        """channels on which the player plays"""
        self._run = 0
        self.loop = False
        """whether a loop has been detected"""

    def is_echo(self, at: float, message: Midi) -> bool:
        """Whether `message`, received at second `at`, is one of ours that comes back."""
        self._look(at)
        recent = self._sent.recent(at)
        self._returned &= {one.serial for one in recent}
        match = next((one for one in recent if one.message == message and one.serial not in self._returned), None)
        if match is not None:
            in_order = match.serial == self._expected
            self._expected = match.serial + 1
            self._returned.add(match.serial)
            self._run = self._run + 1 if in_order and not _is_note(message) else 0
            self.loop |= self._run >= _RUN or (message.starts_note and _key(message) in self._held)
            if self.loop or self._loses_nothing(message) or (in_order and message.channel not in self._channels):
                return True
        else:
            self._run = 0
        self._account(message)
        return False

    def _look(self, now: float) -> None:
        """Drop a detected loop if the port has changed or nothing comes back any more."""
        if self._first != self._sent.first:
            self._first = self._expected = self._sent.first
            self.loop, self._run = False, 0
        elif self.loop and self._sent.oldest(now) - self._expected >= _SILENCE:
            self.loop, self._run = False, 0

    def _loses_nothing(self, message: Midi) -> bool:
        if message.ends_note:
            return _key(message) not in self._held
        return not message.starts_note and self._standing.get(_controller(message)) == _value(message)

    def _account(self, message: Midi) -> None:
        self._channels.add(message.channel)
        if message.starts_note:
            self._held.add(_key(message))
        elif message.ends_note:
            self._held.discard(_key(message))
        else:
            self._standing[_controller(message)] = _value(message)


def _is_note(message: Midi) -> bool:
    return message.starts_note or message.ends_note


def _key(message: Midi) -> tuple[int, int]:
    return message.channel, message.data1


def _controller(message: Midi) -> tuple[int, int, int]:
    return message.kind, message.channel, message.data1 if message.kind in _NUMBERED else 0


def _value(message: Midi) -> int:
    return message.data2 if message.kind in _NUMBERED else message.data1 | message.data2 << 7
