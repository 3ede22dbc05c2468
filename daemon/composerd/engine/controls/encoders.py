"""Decodes endless knobs (encoders): how many detents a message means. Pure.

There is no standard; these are the four usual encodings (Ableton Live's manual, "relative" mapping modes), and the
absolute position that an ordinary knob sends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

Sends = Literal["place", "twos_complement", "binary_offset", "signed_bit", "signed_bit_reversed"]
BY_PLACE: Sends = "place"
"""value of a control's `sends` for a knob between two ends, which sends its position, 0 to 127"""
FINE = 32
"""controllers 0 to 31 may be the coarse halves of 14 bits, whose fine halves are this many numbers higher (MIDI 1.0)"""
MOVES = 3
"""number of different values from which on a control counts as a knob; a button sends fewer"""
_MIDDLE, _ALL = 64, 128
_FASTEST = 12
"""largest number of detents that one message of a fast turn can mean"""


def _twos_complement(value: int) -> int:
    """Detents in two's complement: 1 is one up, 127 one down."""
    return value - _ALL if value >= _MIDDLE else value


def _binary_offset(value: int) -> int:
    """Detents in offset binary: 65 is one up, 63 one down."""
    return value - _MIDDLE


def _signed_bit(value: int) -> int:
    """Detents with a sign bit: 1 is one up, 65 one down."""
    return _MIDDLE - value if value >= _MIDDLE else value


def _signed_bit_reversed(value: int) -> int:
    """Detents with a reversed sign bit: 65 is one up, 1 one down."""
    return -_signed_bit(value)


DETENTS: Mapping[Sends, Callable[[int], int]] = {
    "twos_complement": _twos_complement,
    "binary_offset": _binary_offset,
    "signed_bit": _signed_bit,
    "signed_bit_reversed": _signed_bit_reversed,
}
"""encoding -> a function from a controller's value to detents, up positive"""


def way_of(values: Sequence[int]) -> Sends | None:
    """The encoding of a knob that sent `values` while it was turned up, then down; None while ambiguous.

    An ordinary knob never repeats a value while it moves, and passes values that no encoder sends; an encoder repeats
    the same few values, some for up and some for down.
    """
    if any(not _near(value) for value in values):
        return BY_PLACE if len(set(values)) >= MOVES else None
    if not any(one == other for one, other in pairwise(values)):
        return None
    fits = [way for way, detents in DETENTS.items() if _both_ways([detents(value) for value in values])]
    return next((way for way in fits if DETENTS[way](values[0]) > 0), next(iter(fits), None))


def _both_ways(detents: Sequence[int]) -> bool:
    return max(map(abs, detents)) <= _FASTEST and min(detents) < 0 < max(detents)


def _near(value: int) -> bool:
    """Whether an encoder may send `value` for a small turn, in any of the encodings."""
    return any(1 <= abs(detents(value)) <= _FASTEST for detents in DETENTS.values())
