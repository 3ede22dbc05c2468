"""Knobs without an end: how many detents one of their messages means. Pure.

There is no standard; these are the four ways that keyboards and their editors know (Ableton Live's manual, "relative"
mapping modes), and the place that a knob between two ends sends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

Sends = Literal["place", "twos_complement", "binary_offset", "signed_bit", "signed_bit_reversed"]
BY_PLACE: Sends = "place"
"""0 to 127: where the knob stands"""
MOVES = 3
"""different values that make a turn of a knob between two ends; a button sends fewer"""
_MIDDLE, _ALL = 64, 128
_FASTEST = 12
"""detents: the most that one message of a fast turn is taken to mean"""


def _twos_complement(value: int) -> int:
    """1 is one up, 127 one down."""
    return value - _ALL if value >= _MIDDLE else value


def _binary_offset(value: int) -> int:
    """65 is one up, 63 one down."""
    return value - _MIDDLE


def _signed_bit(value: int) -> int:
    """1 is one up, 65 one down."""
    return _MIDDLE - value if value >= _MIDDLE else value


def _signed_bit_reversed(value: int) -> int:
    """65 is one up, 1 one down."""
    return -_signed_bit(value)


DETENTS: Mapping[Sends, Callable[[int], int]] = {
    "twos_complement": _twos_complement,
    "binary_offset": _binary_offset,
    "signed_bit": _signed_bit,
    "signed_bit_reversed": _signed_bit_reversed,
}
"""what is sent -> detents, up positive, of a controller's value"""


def way_of(values: Sequence[int]) -> Sends | None:
    """What sends `values` when turned up and then down, or None while that is not clear.

    A knob that sends its place never sends the same twice in a row on its way, and passes values that no turn of the
    others sends; those repeat the same few, some of them up and some down.
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
    """Whether a turn of an encoder without an end may send it, in any of the ways."""
    return any(1 <= abs(detents(value)) <= _FASTEST for detents in DETENTS.values())
