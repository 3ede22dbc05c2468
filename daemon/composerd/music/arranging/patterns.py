"""Rhythms as text, one character per 16th, fitted to any metre and tempo; and a seeded choice among them.

`.` is silence, `-` goes on sounding, any other character begins a note or chord; what it means is the part's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from composerd.music.feel import mixed
from composerd.music.metre import Metre

REST, HOLD = ".", "-"
SOURCE_BEATS = 4
FLOWING = 6
"""onsets per bar from which stretched beats are filled with further onsets"""


def draw(seed: int, *keys: int) -> float:
    """A pseudo-random number in [0, 1), determined by seed and keys."""
    value = seed
    for key in keys:
        value = mixed(value * 31 + key)
    return (mixed(value) >> 11) / float(1 << 53)


def pick(options: Sequence[str], seed: int, *keys: int) -> str:
    return options[int(draw(seed, *keys) * len(options))]


@lru_cache(maxsize=1024)
def fitted(pattern: str, metre: Metre) -> str:
    """A rhythm of four beats of four steps, or of the bar's own length, as one bar of `metre`."""
    if len(pattern) == metre.bar_steps and (len(pattern) != 12 or metre.pulse_steps != 6):
        return pattern
    lengths = beat_lengths(metre)
    beats = [pattern[at : at + 4] for at in range(0, len(pattern), 4)]
    flows = sum(char not in (REST, HOLD) for char in pattern) >= FLOWING * len(beats) / SOURCE_BEATS
    chosen = [beats[at] for at in _beats_for(len(lengths), len(beats))]
    return "".join(_stretched(beat, length, flows) for beat, length in zip(chosen, lengths, strict=True))


def beat_lengths(metre: Metre) -> list[int]:
    """Steps of the beats of a bar: dotted quarters in compound metres, else quarters with a longer last one."""
    if metre.pulse_steps == 6:
        return [6] * (metre.bar_steps // 6)
    whole, rest = divmod(metre.bar_steps, 4)
    return [4] * (whole - 1) + [4 + rest] if whole else [rest]


def _beats_for(count: int, source: int) -> list[int]:
    """The source's beats that make a bar of `count` beats: its first one first, its last one last."""
    if count == 1:
        return [0]
    if count == 2:
        return [0, source // 2]
    middle = [1 + at % max(1, source - 2) for at in range(count - 2)]
    if count == 3 and source == SOURCE_BEATS:
        middle = [2]
    return [0, *middle, source - 1]


def _stretched(beat: str, length: int, flows: bool) -> str:
    """Four steps as `length`: an eighth in the middle comes late, as in a lilt; a flowing one is joined by another."""
    if length <= 4:
        return beat[:length]
    first, second, third, fourth = tuple(beat)
    if length == 5:
        return beat + _after(fourth)
    early = second if second in (REST, HOLD) else HOLD
    late = fourth if fourth in (REST, HOLD) else HOLD
    if flows and third not in (REST, HOLD):
        return first + early + third + late + third + fourth + late * (length - 6)
    between = early if second in (REST, HOLD) else second
    return first + early + between + _after(between) + third + fourth + _after(fourth) * (length - 6)


def _after(char: str) -> str:
    return REST if char == REST else HOLD


@lru_cache(maxsize=1024)
def half_time(bar: str, second: bool) -> str:
    """A bar played half as fast takes two bars: its first or second half, stretched."""
    half = len(bar) // 2
    part = bar[half:] if second else bar[:half]
    return "".join(char + _after(char) for char in part)
