"""From what a keyboard sends while one control is moved to the trigger that names it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from composerd.engine.controls import FUNCTIONS, Button
from composerd.engine.triggers import CC, KEYS, NOTE, PROGRAM_CHANGE, Trigger
from composerd.engine.turning import BY_PLACE, Sends, way_of
from composerd.music.midi import BANK_SELECT, BANK_SELECT_FINE, CONTROL, MODULATION, PROGRAM, Midi

_NO_CONTROL = (MODULATION, BANK_SELECT, BANK_SELECT_FINE)
"""controllers that are moved by accident and belong to playing, and those that come before a program change"""


@dataclass(frozen=True, slots=True)
class Learned:
    """The control that was moved."""

    on: Trigger
    sends: Sends = BY_PLACE


class Learner:
    """Watches messages until it knows what was meant for `function`."""

    def __init__(self, function: str) -> None:
        self._button = isinstance(FUNCTIONS[function], Button)
        self._moves: dict[int, list[int]] = {}
        self._held: set[int] = set()
        self._first: int | None = None
        self._others: set[int] = set()

    def hear(self, message: Midi) -> Learned | None:
        """What `message` settles, if it does: a press, a turn up and down, or keys that were held and are released."""
        if message.kind == CONTROL and message.data1 not in _NO_CONTROL:
            return self._controller(message)
        if not self._button:
            return None
        if message.kind == PROGRAM:
            return Learned(Trigger(PROGRAM_CHANGE, message.data1))
        if message.starts_note:
            self._key(message.data1)
        elif message.ends_note:
            return self._released(message.data1)
        return None

    def _controller(self, message: Midi) -> Learned | None:
        on = Trigger(CC, message.data1)
        if self._button:
            return Learned(on) if message.data2 > 0 else None
        moves = self._moves.setdefault(message.data1, [])
        moves.append(message.data2)
        sends = way_of(moves)
        return Learned(on, sends) if sends is not None else None

    def _key(self, pitch: int) -> None:
        if not self._held:
            self._first, self._others = pitch, set()
        else:
            self._others.add(pitch)
        self._held.add(pitch)

    def _released(self, pitch: int) -> Learned | None:
        """One key alone is that key; keys beside a key held are a key switch."""
        self._held.discard(pitch)
        if self._held or self._first is None:
            return None
        first, others = self._first, frozenset(other % 12 for other in self._others)
        self._first = None
        return Learned(Trigger(KEYS, first, others) if others else Trigger(NOTE, first))


def learned(function: str, messages: Iterable[Midi]) -> Learned | None:
    """What `messages` settle, or None where they do not."""
    learner = Learner(function)
    return next((found for message in messages if (found := learner.hear(message)) is not None), None)
