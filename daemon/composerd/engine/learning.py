"""From what a keyboard sends while one control is moved to the trigger that names it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from composerd.engine.controls import FUNCTIONS, Button
from composerd.engine.triggers import CC, KEYS, NOTE, PROGRAM_CHANGE, Trigger
from composerd.music.midi import CONTROL, MODULATION, PROGRAM, Midi

MOVES = 3
"""messages of one controller that make a turn of a knob; a button sends fewer"""
_MUSICAL = (MODULATION,)
"""controllers that are moved by accident and belong to playing"""


class Learner:
    """Watches messages until it knows what was meant for `function`."""

    def __init__(self, function: str) -> None:
        self._button = isinstance(FUNCTIONS[function], Button)
        self._moves: dict[int, set[int]] = {}
        self._held: set[int] = set()
        self._first: int | None = None
        self._others: set[int] = set()

    def hear(self, message: Midi) -> Trigger | None:
        """The trigger, once `message` settles it: a press, a turn, or keys that were held and are released."""
        if message.kind == CONTROL and message.data1 not in _MUSICAL:
            return self._controller(message)
        if not self._button:
            return None
        if message.kind == PROGRAM:
            return Trigger(PROGRAM_CHANGE, message.data1)
        if message.starts_note:
            self._key(message.data1)
        elif message.ends_note:
            return self._released(message.data1)
        return None

    def _controller(self, message: Midi) -> Trigger | None:
        if self._button:
            return Trigger(CC, message.data1) if message.data2 > 0 else None
        moves = self._moves.setdefault(message.data1, set())
        moves.add(message.data2)
        return Trigger(CC, message.data1) if len(moves) >= MOVES else None

    def _key(self, pitch: int) -> None:
        if not self._held:
            self._first, self._others = pitch, set()
        else:
            self._others.add(pitch)
        self._held.add(pitch)

    def _released(self, pitch: int) -> Trigger | None:
        """One key alone is that key; keys beside a key held are a key switch."""
        self._held.discard(pitch)
        if self._held or self._first is None:
            return None
        first, others = self._first, frozenset(other % 12 for other in self._others)
        self._first = None
        return Trigger(KEYS, first, others) if others else Trigger(NOTE, first)


def learned(function: str, messages: Iterable[Midi]) -> Trigger | None:
    """The trigger in `messages`, or None where there was none."""
    learner = Learner(function)
    return next((trigger for message in messages if (trigger := learner.hear(message)) is not None), None)
