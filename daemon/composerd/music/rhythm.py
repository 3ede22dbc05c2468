"""Rhythm of melodies: probability of the distance to the next onset, given the step of the beat of the last one."""

from __future__ import annotations

from math import log

from composerd.music.metre import STEPS_PER_BEAT

_PER_MILLE = (
    (80, 330, 34, 369, 3, 38, 2, 78, 1, 6, 1, 27, 0, 2, 0, 15),
    (688, 151, 98, 20, 9, 7, 8, 4, 2, 1, 2, 1, 1, 1, 2, 1),
    (169, 680, 12, 66, 2, 27, 1, 9, 1, 12, 0, 4, 0, 5, 0, 2),
    (778, 79, 58, 18, 17, 4, 8, 5, 13, 1, 3, 2, 3, 0, 2, 1),
)
"""Rows: step of the beat; columns: 16ths to the next onset, from 1. Melodies of the training corpora (pop, rock, jazz
straightened, bach, symphony), each genre with equal weight."""
LONGEST = len(_PER_MILLE[0])
"""longest distance in the table [16ths]"""
_LEAST = 0.3
"""probability of distances that are not in the table [per mille]"""
_LOGS = tuple(tuple(log(max(_LEAST, share) / 1000) for share in row) for row in _PER_MILLE)


def log_likelihood(step: int, after: int) -> float:
    """Logarithm of the probability that the onset after one on `step` comes `after` (1 or more) steps later."""
    row = _LOGS[step % STEPS_PER_BEAT]
    return row[after - 1] if after <= len(row) else log(_LEAST / 1000)
