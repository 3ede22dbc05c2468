"""Windows of music made by hand, for tests of what the judge measures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from composerd_export.evaluation.judge.windows import BAR, KEY, OFF, ON, SILENCE, JudgedWindow, Notes


def notes(*rows: tuple[float, float, int, int]) -> Notes:
    """Notes as (on, off, key, velocity) in steps."""
    return np.array(rows, np.float64).reshape(-1, 4)


def window(bars: int = 4, **parts: Notes) -> JudgedWindow:
    """A window of the parts; its melody is a C in quarters where no other is given."""
    melody = notes(*((4.0 * beat, 4.0 * beat + 4, 72, 80) for beat in range(4 * bars)))
    drums = parts.pop("drums", SILENCE)
    return JudgedWindow("a@0", "a", 100.0, bars, parts.pop("melody", melody), parts, drums)


def every_bar(bars: int, *steps: int, key: int = 36) -> Notes:
    """A 16th on each of `steps` of each bar."""
    return notes(*((BAR * bar + step, BAR * bar + step + 1.0, key, 90) for bar in range(bars) for step in steps))


def in_turn(keys: Iterable[int], length: float = 4.0, first: float = BAR, velocity: int = 80) -> Notes:
    """Notes of `length` steps one after the other."""
    return notes(*((first + length * at, first + length * (at + 1), key, velocity) for at, key in enumerate(keys)))


def chords(struck: Sequence[Sequence[int]], length: float = 16.0, first: float = 0.0) -> Notes:
    """Chords of `length` steps one after the other."""
    return notes(*(
        (first + length * at, first + length * (at + 1), key, 80) for at, chord in enumerate(struck) for key in chord
    ))  # fmt: skip


def moved(one: Notes, semitones: int) -> Notes:
    """The notes transposed."""
    found = one.copy()
    found[:, KEY] += semitones
    return found


def later(one: Notes, steps: float) -> Notes:
    """The notes `steps` later."""
    found = one.copy()
    found[:, [ON, OFF]] += steps
    return found
