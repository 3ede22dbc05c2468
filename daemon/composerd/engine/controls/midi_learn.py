"""Identifies a control by the messages that it sends while it is moved. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from composerd.engine.command_table import Kind
from composerd.engine.commands import TABLE
from composerd.engine.controls.encoders import BY_PLACE, FINE, MOVES, Sends, way_of
from composerd.engine.controls.triggers import CC, KEYS, NOTE, PROGRAM_CHANGE, Trigger
from composerd.music.midi import BANK_SELECT, BANK_SELECT_FINE, CONTROL, MODULATION, PROGRAM, Midi

_NO_CONTROL = (MODULATION, BANK_SELECT, BANK_SELECT_FINE)
"""controllers that are moved by accident and belong to playing, and those that come before a program change"""


@dataclass(frozen=True, slots=True)
class Learned:
    """An identified control."""

    on: Trigger
    sends: Sends = BY_PLACE


class Learner:
    """Collects messages until they identify a control for `function`."""

    def __init__(self, function: str) -> None:
        self._button = TABLE.words[function].kind not in (Kind.VALUE, Kind.STEPS)
        self._moves: dict[int, list[int]] = {}
        self._held: set[int] = set()
        self._first: int | None = None
        self._others: set[int] = set()

    def read(self, message: Midi) -> Learned | None:
        """The control that `message` completes (a press, a turn up and down, or released keys), or None."""
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
        number = message.data1
        if number - FINE in self._moves and number in range(FINE, 2 * FINE):
            return None  # the fine half of a control of 14 bits: the coarse half is the control
        if number + FINE in self._moves and number < FINE:
            return Learned(on) if len(set(moves)) >= MOVES else None
        sends = way_of(moves)
        return Learned(on, sends) if sends is not None else None

    def _key(self, pitch: int) -> None:
        if not self._held:
            self._first, self._others = pitch, set()
        else:
            self._others.add(pitch)
        self._held.add(pitch)

    def _released(self, pitch: int) -> Learned | None:
        """The control of the released keys: one key alone is that key, keys beside a held key are a key switch."""
        self._held.discard(pitch)
        if self._held or self._first is None:
            return None
        first, others = self._first, frozenset(other % 12 for other in self._others)
        self._first = None
        return Learned(Trigger(KEYS, first, others) if others else Trigger(NOTE, first))


def learned(function: str, messages: Iterable[Midi]) -> Learned | None:
    """The control that `messages` identify, or None while they are ambiguous."""
    learner = Learner(function)
    return next((found for message in messages if (found := learner.read(message)) is not None), None)
