"""Predicts whether the player will strike a key on a step, so that the harmony should wait for it."""

from __future__ import annotations

from collections.abc import Callable

from composerd.music.metre import STEPS_PER_BEAT

BEATS_BACK, LEAST_STRUCK = 4, 2
"""a key is expected on a beat if at least LEAST_STRUCK of the last BEATS_BACK beats had one"""


def key_likely(step: int, chord_begins: bool, bar_steps: int, struck: Callable[[int], bool]) -> bool:
    """Whether a key is likely on `step`: on a regular beat, or where the last bar had one. `struck`: of past steps.

    Within a chord (not `chord_begins`) a key changes little, and the harmony does not wait.
    """
    if not chord_begins:
        return False
    on_beats = sum(struck(step - STEPS_PER_BEAT * back) for back in range(1, BEATS_BACK + 1))
    regular = step % STEPS_PER_BEAT == 0 and on_beats >= LEAST_STRUCK
    return regular or struck(step - bar_steps)
