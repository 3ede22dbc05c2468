"""The mistakes in a keyboard's page: unknown commands, triggers that do not suit them, values out of range."""

from __future__ import annotations

from dataclasses import dataclass

from composerd.engine.command_fields import Shape
from composerd.engine.command_table import Kind, Table, Word
from composerd.engine.commands import TABLE
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.controls.triggers import CC, KEYS, NOTE, PROGRAM_CHANGE
from composerd.errors import Unfit, instead

TURNED = (Kind.VALUE, Kind.STEPS)
"""kinds of commands that a controller gives only"""
_ALL_TRIGGERS = (CC, NOTE, PROGRAM_CHANGE, KEYS)


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a control of a page."""

    control: int
    """its index on the page"""
    why: Unfit


def problems_of(page: ControlMap, table: Table = TABLE) -> list[Problem]:
    """The mistakes in the page."""
    controls = page.controls
    found = [Problem(i, why) for i, one in enumerate(controls) if (why := _unfit(one, table)) is not None]
    return found + [
        Problem(i, Unfit("on", str(one.on), f"a control of its own: {earlier.on} does {earlier.do}"))
        for i, one in enumerate(controls)
        for earlier in controls[:i]
        if one.on.collides(earlier.on)
    ]


def _unfit(control: Control, table: Table) -> Unfit | None:
    word = table.words.get(control.do)
    if word is None:
        return Unfit("do", repr(control.do), "the word of a command", instead(control.do, table.words))
    if control.on.kind not in ((CC,) if word.kind in TURNED else _ALL_TRIGGERS):
        return Unfit("on", str(control.on), f"a controller for {control.do}: cc NUMBER")
    if (why := word.unfit(control.part, control.name)) is not None:
        return why
    if control.clicks < 1:
        return Unfit("clicks", str(control.clicks), "1 or more")
    return _range_unfit(control.range, word) if control.range is not None else None


def _range_unfit(ends: tuple[float, float], word: Word) -> Unfit | None:
    low, high = sorted(ends)
    found, main = f"{ends[0]:g} to {ends[1]:g}", word.main
    if main is None or word.kind is not Kind.VALUE:
        return Unfit("range", found, f"nothing: {word.name} has no values between two ends")
    least = 2 if main.shape is Shape.WHOLE else 1e-6
    if not (main.low <= low and high <= main.high and high - low >= least):
        return Unfit("range", found, f"two different ends, each {main.expected}")
    return None
