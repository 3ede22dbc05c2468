"""Voicings: the placement of chord tones, so that voices move little and the band stays below the melody."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from composerd.music.chords import Chord

Pitches = tuple[int, ...]

_LEAP, _CENTRE, _LID = 1.0, 0.25, 2.5
"""Cost of a semitone of movement, of distance from the part's middle, and of reaching over the melody."""


def tones_of(chord: Chord, voices: int, rootless: bool = False) -> Pitches:
    """Up to `voices` pitch classes in order of importance: third, seventh, root, fifth."""
    classes = chord.pitch_classes
    root, third, fifth, *rest = classes
    order = (third, *rest, fifth, root) if rootless and rest else (third, root, *rest, fifth)
    return order[:voices]


@lru_cache(maxsize=4096)
def voiced(
    chord: Chord, before: Pitches, low: int, high: int, voices: int, lid: int = 128, rootless: bool = False
) -> Pitches:
    """`voices` pitches of the chord in [low, high], ascending, close to `before`; fewer where the range is too narrow.

    `lid`: a melody pitch that the voicing should stay below where it can.
    """
    classes = tones_of(chord, voices, rootless)
    ladder = [pitch for pitch in range(low, high + 1) if pitch % 12 in classes]
    if len(ladder) <= voices:
        return tuple(ladder)
    candidates = [*_close(ladder, voices), *_open(ladder, voices)]
    return min(candidates, key=lambda pitches: (_cost(pitches, before, low, high, lid, len(classes)), pitches))


def _close(ladder: list[int], voices: int) -> list[Pitches]:
    return [tuple(ladder[at : at + voices]) for at in range(len(ladder) - voices + 1)]


def _open(ladder: list[int], voices: int) -> list[Pitches]:
    """Close position with the second voice from the top an octave lower (drop two)."""
    found = []
    for pitches in _close(ladder, voices) if voices >= 3 else []:
        dropped = pitches[-2] - 12
        if dropped >= ladder[0] and dropped not in pitches:
            found.append(tuple(sorted((*pitches[:-2], dropped, pitches[-1]))))
    return found


def _cost(pitches: Pitches, before: Pitches, low: int, high: int, lid: int, classes: int) -> float:
    middle = (low + high) / 2
    cost = _CENTRE * abs(sum(pitches) / len(pitches) - middle)
    cost += _LID * max(0, pitches[-1] - lid + 1)
    cost += 6.0 * (classes - len({pitch % 12 for pitch in pitches}))
    cost += sum(4.0 for one, other in pairwise(pitches) if other - one < 3 and one < 52)
    return cost + _LEAP * movement(before, pitches) / max(1, len(pitches))


def movement(before: Pitches, after: Pitches) -> int:
    """Sum of the voices' movements, each to its nearest neighbour [semitones]; 0 if nothing sounded before."""
    if not before:
        return 0
    up = sum(min(abs(pitch - old) for old in before) for pitch in after)
    return up + sum(min(abs(pitch - new) for new in after) for pitch in before)


def nearest(pitch_class: int, to: int, low: int, high: int) -> int:
    """The pitch of `pitch_class` nearest to `to` within [low, high]; the lower of two as near.

    Where the range holds none (it is narrower than an octave), the pitch in range nearest to `to`.
    """
    inside = range(low + (pitch_class - low) % 12, high + 1, 12)
    return min(inside, key=lambda pitch: (abs(pitch - to), pitch), default=max(low, min(high, to)))
