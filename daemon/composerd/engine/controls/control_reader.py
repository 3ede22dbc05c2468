"""Turns the messages of a keyboard into commands, as its page assigns them to keys, knobs and buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from composerd.engine.command_table import Command, Kind, Table, Word
from composerd.engine.commands import TABLE
from composerd.engine.controls.encoders import DETENTS, FINE
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.controls.page_problems import TURNED
from composerd.engine.controls.triggers import CC, KEYS, NOTE, PROGRAM_CHANGE, Trigger
from composerd.music.midi import CONTROL, NOTE_ON, POLY_PRESSURE, PROGRAM, Midi

PICK_UP = 3.0
"""pick-up: a knob takes effect once it is this near to the current value, or passes it [controller steps]"""
FULL = 127
Current = Callable[[Command], float | None]
"""the current value of the quantity that a command sets"""


@dataclass(slots=True)
class _Turned:
    """The position of a dial or encoder since its first message."""

    last: int | None = None
    holds: float | None = None
    """value last set by the dial; another value means that something else changed it and the dial must pick it up"""
    clicks: int = 0


@dataclass(slots=True)
class _Switch:
    """The state of a key switch: the key held, and the keys pressed with it."""

    key: int | None = None
    pressed: set[int] = field(default_factory=set)
    """pitches"""


class ControlReader:
    """Turns a keyboard's messages into commands, according to its page."""

    def __init__(self, page: ControlMap, table: Table = TABLE) -> None:
        self.page, self._words = page, table.words
        self._at = {_address(one.on): one for one in page.controls if one.on.kind != KEYS}
        switched = [one for one in page.controls if one.on.kind == KEYS]
        self._chords: dict[tuple[int | None, frozenset[int]], Control] = {
            (one.on.number, one.on.chord): one for one in switched
        }
        self._switches = {one.on.number for one in switched}
        self._turned: dict[Control, _Turned] = {}
        self._switch = _Switch()
        self._swallowed: set[tuple[int, int]] = set()
        """(channel, key) of held keys that gave a command; a pad and a key of the same number differ by channel"""

    def read(self, message: Midi, current: Current) -> tuple[Command, ...] | None:
        """The commands in `message`, or None if it is music. `current` gives the current value that a command sets."""
        if message.starts_note:
            return self._pressed(message)
        if message.ends_note:
            return self._released(message)
        if message.kind == POLY_PRESSURE:
            return () if _key(message) in self._swallowed else None
        control = self._found(message)
        if control is None:
            return () if self._is_fine_half(message) else None
        return self._moved(control, message.data2, current)

    def _pressed(self, message: Midi) -> tuple[Command, ...] | None:
        pitch = message.data1
        if pitch in self._switches:
            self._switch = _Switch(pitch)
            found = None
        elif self._switch.key is not None:
            found = self._chosen(pitch)
        else:
            found = self._found(message)
            if found is None:
                self._swallowed.discard(_key(message))
                return None
        self._swallowed.add(_key(message))
        return self._press(found) if found is not None else ()

    def _chosen(self, pitch: int) -> Control | None:
        """The control of the keys pressed beside the switch; none where `pitch` only doubles one of them."""
        doubles = any(one % 12 == pitch % 12 for one in self._switch.pressed - {pitch})
        self._switch.pressed.add(pitch)
        if doubles:
            return None
        pressed = {one % 12 for one in self._switch.pressed}
        return self._switched(pressed) or self._switched({pitch % 12})  # a key before may still be down

    def _switched(self, chord: Iterable[int]) -> Control | None:
        return self._chords.get((self._switch.key, frozenset(chord)))

    def _released(self, message: Midi) -> tuple[Command, ...] | None:
        pitch = message.data1
        if _key(message) not in self._swallowed:
            return None
        self._swallowed.discard(_key(message))
        self._switch.pressed.discard(pitch)
        if pitch == self._switch.key:
            self._switch = _Switch()
        return ()

    def _found(self, message: Midi) -> Control | None:
        number = None if message.kind not in _KINDS else (_KINDS[message.kind], message.data1)
        if number is None:
            return None
        return self._at.get((*number, message.channel)) or self._at.get((*number, 0))

    def _is_fine_half(self, message: Midi) -> bool:
        """Whether it is the fine half (LSB) of a 14-bit control whose coarse half is assigned; not music either."""
        coarse = replace(message, data1=message.data1 - FINE)
        return message.kind == CONTROL and FINE <= message.data1 < 2 * FINE and self._found(coarse) is not None

    def _press(self, control: Control) -> tuple[Command, ...]:
        return (self._words[control.do].pressed(control.part, control.name),)

    def _moved(self, control: Control, value: int, current: Current) -> tuple[Command, ...]:
        word, turned = self._words[control.do], self._turned.setdefault(control, _Turned())
        if word.kind not in TURNED:
            last, turned.last = turned.last, value
            pressed = control.on.kind == PROGRAM_CHANGE or (value > 0 and (not last or value == last))
            return self._press(control) if pressed else ()  # a pedal on its way down or up is pressed once
        detents = DETENTS.get(control.sends)
        if word.kind is Kind.VALUE:
            dial = Dial.of(word, control)
            if detents is not None:
                return _nudged(dial, turned, detents(value), current(dial.at(dial.low)))
            last, turned.last = turned.last, value
            return _dialled(dial, turned, last, value, current(dial.at(dial.low)))
        last, turned.last = turned.last, value
        steps = _stepped(control, turned, _detents(last, value) if detents is None else detents(value))
        return (word.turned(control.part, steps),) if steps else ()


@dataclass(frozen=True, slots=True)
class Dial:
    """A command whose value a knob sets between two ends."""

    word: Word
    part: str
    low: float
    high: float
    step: float
    """the smallest change, 0 for none"""

    @classmethod
    def of(cls, word: Word, control: Control) -> Dial:
        assert word.main is not None
        low, high = control.range or word.main.travel
        return cls(word, control.part, low, high, word.main.step)

    def at(self, value: float) -> Command:
        return self.word.turned(self.part, value)

    def rounded(self, value: float) -> float:
        return round(value / self.step) * self.step if self.step else value


_KINDS = {CONTROL: CC, NOTE_ON: NOTE, PROGRAM: PROGRAM_CHANGE}


def _key(message: Midi) -> tuple[int, int]:
    return message.channel, message.data1


def _address(trigger: Trigger) -> tuple[str, int, int]:
    return trigger.kind, trigger.number, trigger.channel


def _dialled(dial: Dial, turned: _Turned, last: int | None, value: int, current: float | None) -> tuple[Command, ...]:
    """Set the value once the dial has reached or passed the current value `current` (pick-up): it never jumps."""
    low, high = dial.low, dial.high
    if current is not None and not (turned.holds is not None and abs(current - turned.holds) < 1e-6):
        there = (current - low) / (high - low) * FULL
        there = min(float(FULL), max(0.0, there))
        passed = last is not None and (last - there) * (value - there) <= 0
        if not passed and abs(value - there) > PICK_UP:
            turned.holds = None
            return ()
    turned.holds = dial.rounded(low + (high - low) * value / FULL)
    return (dial.at(turned.holds),)


def _nudged(dial: Dial, turned: _Turned, detents: int, current: float | None) -> tuple[Command, ...]:
    """Move the value by an encoder's detents; an encoder has no position, so no pick-up is needed."""
    low, high = dial.low, dial.high
    if current is None or not detents:
        return ()
    step = (dial.step if high > low else -dial.step) if dial.step else (high - low) / FULL
    turned.holds = min(max(low, high), max(min(low, high), current + step * detents))
    return (dial.at(turned.holds),)


def _detents(last: int | None, value: int) -> int:
    """The detents of an encoder that sends an absolute position (0 to 127, repeating the end it rests at)."""
    if value == last:
        return 1 if value == FULL else -1 if value == 0 else 0
    return 0 if last is None else 1 if value > last else -1


def _stepped(control: Control, turned: _Turned, detents: int) -> int:
    """The steps for `detents`: one for every so many in one direction; a change of direction restarts the count."""
    turned.clicks = turned.clicks + detents if turned.clicks * detents >= 0 else detents
    steps = int(turned.clicks / control.clicks)
    turned.clicks -= steps * control.clicks
    return steps
