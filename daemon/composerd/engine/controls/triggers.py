"""Triggers of commands and their text form, such as `cc 105`, `note 36`, `program 3`, `keys 41 + C E`."""

from __future__ import annotations

import re
from dataclasses import dataclass

CC, NOTE, PROGRAM_CHANGE, KEYS = "cc", "note", "program", "keys"
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_CLASSES = {name: i for i, name in enumerate(_NAMES)} | {"DB": 1, "EB": 3, "GB": 6, "AB": 8, "BB": 10}
_ONE = re.compile(r"(cc|note|program) (\d+)(?: channel (\d+))?")
_SWITCH = re.compile(r"keys (\d+) \+ (.+)")
_LOOKS = "expected cc NUMBER, note NUMBER, program NUMBER or keys NUMBER + NAMES, such as keys 41 + C E"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A control that gives a command. `keys`: key `number` held, pitch classes `chord` pressed. Channel 0: any."""

    kind: str
    number: int
    chord: frozenset[int] = frozenset()
    channel: int = 0

    def collides(self, other: Trigger) -> bool:
        """Whether a page cannot have both.

        Of two chords on one key, one within the other, the smaller would always come first. A control of one channel
        goes before the same control of any channel, so that a page may have both.
        """
        if (self.kind, self.number) != (other.kind, other.number):
            return {self.kind, other.kind} == {KEYS, NOTE} and self.number == other.number
        if self.kind == KEYS:
            return self.chord <= other.chord or other.chord <= self.chord
        return self.channel == other.channel

    def __str__(self) -> str:
        if self.kind == KEYS:
            return f"keys {self.number} + {' '.join(_NAMES[one] for one in sorted(self.chord))}"
        return f"{self.kind} {self.number}{f' channel {self.channel}' if self.channel else ''}"


def parse_trigger(text: str) -> Trigger:
    """Parse a trigger's text, the inverse of `str`. Raises ValueError naming what is expected."""
    words = " ".join(text.split())
    if match := _ONE.fullmatch(words):
        kind, number, channel = match[1], int(match[2]), int(match[3] or 0)
        if number > 127 or channel > 16:
            raise ValueError("expected a number from 0 to 127 and a channel from 1 to 16")
        return Trigger(kind, number, channel=channel)
    if match := _SWITCH.fullmatch(words):
        names = match[2].upper().replace("♯", "#").replace("♭", "B").split()
        if int(match[1]) <= 127 and all(name in _CLASSES for name in names):
            return Trigger(KEYS, int(match[1]), frozenset(_CLASSES[name] for name in names))
    raise ValueError(_LOOKS)
