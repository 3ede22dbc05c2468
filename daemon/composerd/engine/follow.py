"""Where the player's beat is: a few competing readings of the onsets heard, each a Kalman filter over beat and tempo.

An onset may be any step of the grid near to where a reading expects it; readings in which the player moves as melodies
do (music/rhythm.py) and keeps time gain weight, the others are given up (multiple hypothesis tracking, Reid 1979). Two
ideas of the player compete as well: one who keeps the tempo, one who bends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log

from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.rhythm import log_likelihood
from composerd.music.tempo import Tempo

BENDING = (0.004, 0.04)
"""standard deviation of what the tempo changes over a beat, as a share of it: a steady player, a free one"""
_CHANGES_MIND, _CHANGES_FEEL = 0.05, 0.002
"""probability that the one becomes the other between two onsets; that swing becomes straight, or back"""
_UNEVEN = 0.022
"""seconds: standard deviation of an onset about its beat"""
_FIRST_TEMPO = 0.05
"""standard deviation of the player's tempo about the one set, as a share of it"""
_STRAY = log(0.03)
"""an onset that is on no step: an ornament, a slip, a triplet"""
_RHYTHM = 0.7
"""weight of the rhythm's likelihood: onsets in a row are less independent than the table has it"""
_CHORD = 0.03
"""seconds within which keys are one onset"""
_NEAR = 0.35
"""beats: an onset is never read as a step farther away"""
_READINGS = 10
_GIVEN_UP = 9.0
"""readings this much (logarithm) less likely than the best are dropped"""
_SAME_BEAT, _SAME_TEMPO = 0.03, 0.01
"""beats, share: two readings this close are one"""
_AGREE = 0.12
"""beats within which readings support each other"""
SURE = 0.6
"""share of the weight that must agree before the band follows"""


BeatOf = Callable[[float], float]
"""at which beat a step of the grid sounds"""


def straight(step: float) -> float:
    return step / STEPS_PER_BEAT


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody plays."""

    bending: float
    beat_of: BeatOf

    def becomes(self, other: Manner) -> float:
        """Logarithm of the probability of playing the next onset in the `other` manner."""
        mind = 1 - _CHANGES_MIND if self.bending == other.bending else _CHANGES_MIND
        feel = 1 - _CHANGES_FEEL if self.beat_of is other.beat_of else _CHANGES_FEEL
        return log(mind * feel)


@dataclass(frozen=True, slots=True)
class _Reading:
    weight: float
    """logarithm, up to a constant"""
    beat: float
    """the player's, at the last onset"""
    speed: float
    """beats a second"""
    beat_variance: float
    covariance: float
    speed_variance: float
    step: int
    """the last onset's"""
    manner: Manner


class Follower:
    """Of one performance, from the onset at second `at` on, when the player is taken to be where `line` is."""

    def __init__(self, line: Tempo, at: float, bounds: float, grids: Sequence[BeatOf] = (straight,)) -> None:
        """The tempo stays within `bounds` (0.12: ±12 %) of the line's. `grids`: with and without swing, say."""
        self._set, self._bounds = line.bpm / 60, bounds
        self._manners = [Manner(bending, grid) for grid in grids for bending in BENDING]
        self._most = _READINGS * len(grids)
        self._at = at
        self._readings = [self._first(line.beat_at(at), manner) for manner in self._manners]

    def hear(self, at: float) -> None:
        """A key was pressed at second `at`."""
        elapsed = at - self._at
        if elapsed < _CHORD:
            return
        self._at = at
        new = [then for reading in self._readings for then in self._after(reading, elapsed)]
        self._readings = _best(new, self._most)

    def goal(self) -> Tempo | None:
        """The player's tempo line, or None while readings contradict each other."""
        best = self._readings[0]
        near = [(exp(one.weight - best.weight), one) for one in self._readings if abs(one.beat - best.beat) < _AGREE]
        total = sum(weight for weight, _ in near)
        if total < SURE * sum(exp(one.weight - best.weight) for one in self._readings):
            return None
        beat = sum(weight * one.beat for weight, one in near) / total
        speed = sum(weight * one.speed for weight, one in near) / total
        return Tempo(60 * speed, self._at, beat)

    def _first(self, beat: float, manner: Manner) -> _Reading:
        uneven, unsure = (_UNEVEN * self._set) ** 2, (_FIRST_TEMPO * self._set) ** 2
        return _Reading(0.0, beat, self._set, uneven, 0.0, unsure, round(beat * STEPS_PER_BEAT), manner)

    def _after(self, reading: _Reading, elapsed: float) -> Iterator[_Reading]:
        """What `reading` can become with an onset `elapsed` seconds after its last."""
        for manner in self._manners:
            expected = _expected(reading, elapsed, manner)
            yield _stray(expected)
            middle = round(expected.beat * STEPS_PER_BEAT)
            for step in range(max(middle - 2, reading.step + 1), middle + 3):
                miss = manner.beat_of(step) - expected.beat
                if abs(miss) < _NEAR:
                    yield self._read_as(expected, step, miss)

    def _read_as(self, expected: _Reading, step: int, miss: float) -> _Reading:
        """The onset was `step`, `miss` beats after where it was expected: Kalman's update."""
        variance = expected.beat_variance + (_UNEVEN * expected.speed) ** 2
        beat_gain, speed_gain = expected.beat_variance / variance, expected.covariance / variance
        speed = expected.speed + speed_gain * miss
        weight = expected.weight + _RHYTHM * log_likelihood(expected.step, step - expected.step)
        weight -= 0.5 * miss * miss / variance + 0.5 * log(variance)
        limit = self._bounds * self._set
        excess = max(0.0, abs(speed - self._set) - limit) / self._set
        return _Reading(
            weight - 300 * excess,
            expected.beat + beat_gain * miss,
            min(self._set + limit, max(self._set - limit, speed)),
            expected.beat_variance * (1 - beat_gain),
            expected.covariance * (1 - beat_gain),
            expected.speed_variance - speed_gain * expected.covariance,
            step,
            expected.manner,
        )


def _expected(old: _Reading, elapsed: float, manner: Manner) -> _Reading:
    """The reading `elapsed` seconds on: Kalman's prediction for a tempo that drifts as `manner` has it."""
    moved = old.speed * elapsed
    drift = (manner.bending * old.speed) ** 2 * moved
    return _Reading(
        old.weight + old.manner.becomes(manner),
        old.beat + moved,
        old.speed,
        old.beat_variance + elapsed * (2 * old.covariance + elapsed * (old.speed_variance + drift / 3)),
        old.covariance + elapsed * (old.speed_variance + drift / 2),
        old.speed_variance + drift,
        old.step,
        manner,
    )


def _stray(expected: _Reading) -> _Reading:
    return _Reading(
        expected.weight + _STRAY,
        expected.beat,
        expected.speed,
        expected.beat_variance,
        expected.covariance,
        expected.speed_variance,
        expected.step,
        expected.manner,
    )


def _best(readings: list[_Reading], most: int) -> list[_Reading]:
    """The likeliest, without doubles."""
    readings.sort(key=lambda one: -one.weight)
    kept: list[_Reading] = []
    for one in readings:
        if len(kept) == most or one.weight < readings[0].weight - _GIVEN_UP:
            break
        if not any(_same(one, other) for other in kept):
            kept.append(one)
    return kept


def _same(one: _Reading, other: _Reading) -> bool:
    return (
        one.manner is other.manner
        and abs(one.beat - other.beat) < _SAME_BEAT
        and abs(one.speed - other.speed) < _SAME_TEMPO * other.speed
    )
