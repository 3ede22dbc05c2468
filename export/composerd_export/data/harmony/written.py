"""Generates blues and rock songs to train the harmonist on.

The corpora have none, so minor-pentatonic melodies over major and dominant chords would be missing. Progressions are
fixed, melodies are random riffs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.music.harmony.slots import slots_between
from composerd.music.metre import BarGrid, Metre
from composerd_export.data.harmony.songs import QUALITIES, Ints, TuneWithChords

Pitches = npt.NDArray[np.int16]
Onsets = npt.NDArray[np.bool_]

BAR = 16
BLUES = (
    "1 1 1 1 4 4 1 1 5 4 1 1",
    "1 4 1 1 4 4 1 1 5 4 1 5",
    "1 1 1 1 4 4 1 1 5 5 1 1",
    "1 4 1 1 4 4 1 1 5 4 1 1",
    "1 1 4 4 1 1 5 1",
    "1 1 1 1 4 4 1 1 4 5 1 1",
)
"""degrees, one a bar"""
MINOR_BLUES = ("1m 1m 1m 1m 4m 4m 1m 1m b6 5 1m 1m", "1m 4m 1m 1m 4m 4m 1m 1m 5 4m 1m 1m")
ROCK = (
    "1 b7 4 1",
    "1 4 5 4",
    "1 1 4 4",
    "1 b3 4 1",
    "1 4 b7 4",
    "1m b7 b6 b7",
    "1m b6 b3 b7",
    "1m b7 4 1m",
    "1 5 6m 4",
    "6m 4 1 5",
    "1 5 4 4",
    "1 b7 b6 5",
    "1m 1m 4 4",
    "1 1 1 1 4 4 1 1 5 4 1 1",
    "4 1 5 1",
    "1 4 1 5 1 4 5 1",
)
DEGREES = {"1": 0, "b2": 1, "2": 2, "b3": 3, "3": 4, "4": 5, "5": 7, "b6": 8, "6": 9, "b7": 10, "7": 11}
MINOR_PENTATONIC, BLUES_SCALE, MAJOR_PENTATONIC = (0, 3, 5, 7, 10), (0, 3, 5, 6, 7, 10), (0, 2, 4, 7, 9)
CELLS = (
    "x.x.x.x.", "x...x.x.", "..x.x.x.", "x.......", "x.x.....", "x..x..x.", "....x.x.", "xxx.x...", "x.xx..x.",
    "........", "x...x...", "..x...x.", "x.x.x...", "x..x....",
)  # fmt: skip
"""rhythms of half a bar, a character a step: x onset, . held"""


def written_songs(count: int, seed: int = 1) -> list[TuneWithChords]:
    """`count` songs; equal arguments give equal songs."""
    return [_song(np.random.default_rng((seed, index)), index) for index in range(count)]


def _song(dice: np.random.Generator, index: int) -> TuneWithChords:
    blues, minor = dice.random() < 0.6, dice.random() < 0.2
    text = str(dice.choice((MINOR_BLUES if minor else BLUES) if blues else ROCK))
    degrees = text.split() * (2 if len(text.split()) > 8 else 6)
    tonic, seventh = int(dice.integers(12)), blues and dice.random() < 0.7
    chords = np.repeat([_chord(degree, tonic, seventh) for degree in degrees], BAR, 0)
    dark = "m" in degrees[0] or blues or dice.random() < 0.65
    scale = MAJOR_PENTATONIC if not dark else BLUES_SCALE if blues and dice.random() < 0.5 else MINOR_PENTATONIC
    follows, moves = float(dice.random()) * 0.8 + 0.15, bool(dice.random() < 0.5)
    manner = _Manner(tonic, scale, follows, blues, moves, bool(dice.random() < 0.3))
    pitch, onset = _tune(dice, chords, manner)
    slots = slots_between(BarGrid.of(Metre()), 0, len(pitch))
    return TuneWithChords(f"written-{index}", "rock", pitch, onset, chords, slots, text)


def _chord(degree: str, tonic: int, seventh: bool) -> tuple[int, int, int]:
    root = (tonic + DEGREES[degree.rstrip("m")]) % 12
    quality = ("m7" if seventh else "m") if degree.endswith("m") else ("7" if seventh else "")
    return root, QUALITIES.index(quality), root


@dataclass(frozen=True, slots=True)
class _Manner:
    """Parameters of a melody."""

    tonic: int
    scale: tuple[int, ...]
    follows: float
    """probability that a note on a strong step is moved to a chord tone"""
    blues: bool
    moves: bool
    """whether the riff is transposed with the chord's root"""
    same: bool
    """whether the riff never changes nor follows the chords"""


def _tune(dice: np.random.Generator, chords: Ints, manner: _Manner) -> tuple[Pitches, Onsets]:
    """A riff of two bars, repeated, with answers and other riffs between."""
    steps = len(chords)
    pitch, onset = np.full(steps, -1, np.int16), np.zeros(steps, np.bool_)
    ladder = [p for p in range(manner.tonic + 48, manner.tonic + 84) if (p - manner.tonic) % 12 in manner.scale]
    home, riff, answer = len(ladder) // 2, _riff(dice), _riff(dice)
    for first in range(0, steps, 2 * BAR):
        moves = answer if dice.random() < 0.3 else riff if dice.random() < 0.75 else _riff(dice)
        at = home + int(dice.integers(-1, 2))
        if manner.same:
            moves, at = riff, home
        for step, move in moves:
            if first + step >= steps:
                break
            at = int(np.clip(at + move, 2, len(ladder) - 3))
            follows = manner.follows if step % 8 == 0 else 0.45 * manner.follows
            height = ladder[at] + (_up(int(chords[first + step][0]) - manner.tonic) if manner.moves else 0)
            if not manner.moves and not manner.same and dice.random() < follows:
                height = _fitted(dice, height, chords[first + step], manner.blues)
            end = next((other for other, _ in moves if other > step), 2 * BAR)
            length = end - step if dice.random() < 0.7 else max(1, (end - step) // 2)
            pitch[first + step : first + step + length] = height
            onset[first + step] = True
    return pitch, onset


def _up(semitones: int) -> int:
    """The smallest equivalent interval, up or down [semitones]."""
    return (semitones + 5) % 12 - 5


def _riff(dice: np.random.Generator) -> list[tuple[int, int]]:
    """(step, scale degrees up) of the notes of two bars."""
    cells = [str(dice.choice(CELLS)) for _ in range(2)]
    rests = "........"
    order = [cells[0], cells[1], cells[0], rests if dice.random() < 0.4 else str(dice.choice(CELLS))]
    text = "".join(order)
    moves = dice.choice([-2, -1, -1, 0, 0, 1, 1, 2], len(text))
    return [(step, int(moves[step])) for step, sign in enumerate(text) if sign == "x"]


def _fitted(dice: np.random.Generator, height: int, chord: Ints, blues: bool) -> int:
    """The nearest pitch that is the chord's root, third, fifth, or in a blues its seventh."""
    root, quality, _ = chord.tolist()
    third = 3 if QUALITIES[quality].startswith("m") else 4
    tones = [(root + tone) % 12 for tone in (0, 7, third if dice.random() < 0.6 else 0, 10 if blues else 0)]
    near = [height + distance for distance in range(-4, 5) if (height + distance) % 12 in tones]
    return min(near, key=lambda pitch: abs(pitch - height), default=height)
