"""The player's beat and tempo, estimated from onsets by competing Kalman filters (an interacting multiple model).

An onset may be any step of the grid near to where a reading expects it; readings in which the player moves as melodies
do (music/rhythm.py) and keeps time gain weight, the others are given up (multiple hypothesis tracking, Reid 1979).
Models of the tempo compete as well (interacting models, Blom & Bar-Shalom 1988): steady, changing from beat to beat,
getting steadily faster or slower; and grids: even, swung, triplets.

Time is counted in beats at the tempo that was set, so a speed of 1 is that tempo. All readings are one set of arrays:
a key press costs a third of a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import exp, log, pi

import numpy as np
import numpy.typing as npt

from composerd.music.feel import swung
from composerd.music.genre import Feel
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.rhythm import LONGEST, log_likelihood
from composerd.music.tempo import Tempo

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
BeatOf = Callable[[float], float]
"""function from a step of the grid to the beat on which it sounds"""

PLAYERS = ((0.004, 0.0), (0.01, 0.0), (0.004, 0.016))
"""tempo models: (random change over a beat, steady acceleration), standard deviations as shares of the tempo:
a steady player, a free one, an accelerando or rubato"""
LASTING = 8.0
"""time constant with which an acceleration decays [beats]"""
_SWITCH_MODEL, _SWITCH_GRID = 0.02, 0.002
"""switching probabilities for each onset: between tempo models; between straight and swung grids"""
_UNEVEN = 0.021
"""standard deviation of an onset from its beat [s]"""
_FIRST_TEMPO = 0.065
"""standard deviation of the player's tempo about the one set, as a share of it"""
_STRAY = log(0.03)
"""log-likelihood of an onset on no step: an ornament, a slip"""
_WAITS, _SHORTEST_WAIT, _LONGEST_WAIT = 0.002, 0.1, 1.0
"""probability that the player has waited before an onset, and for how many beats at least and at most"""
_WAITED = log(_WAITS / _LONGEST_WAIT) + 0.5 * log(2 * pi)
"""logarithm of that probability for each wait, all equally likely, without the normal distribution's constant"""
_LIKELY = 4.0
"""log-likelihood ratio to the best beyond which no wait is tried for a reading"""
_RHYTHM = 0.5
"""weight of the rhythm's log-likelihood, below 1 since successive onsets are not independent"""
_CHORD = 0.03
"""keys within this time are one onset [s]"""
_NEAR = 0.45
"""greatest distance of an onset from the step that it is assigned to [beats]"""
_SPAN = 2
"""number of steps to either side of the expected one that are tried"""
_READINGS = 24
"""number of readings kept for each grid"""
_GIVEN_UP = 7.0
"""log-likelihood ratio to the best beyond which a reading is dropped"""
_BEYOND = 100.0
"""log-likelihood penalty of a tempo outside the bounds, per relative excess"""
_SAME_BEAT, _SAME_TEMPO = 0.03, 0.01
"""distance in beats, and relative distance in tempo, within which two readings are merged"""
_AGREE = 0.17
"""distance within which readings count as agreeing [beats]"""
SURE = 0.2
"""share of the weight that must agree before the band follows"""
_AHEAD = 0.9
"""look-ahead of the goal's line [beats], since the band can only bend towards its next beat"""
_TRUSTED = 4.0
"""time without an onset for which an acceleration is extrapolated [beats]"""
_PERIOD = 24
"""period of all grids [steps]"""
_LIKELIHOODS = np.array(
    [[log_likelihood(step, after) for after in range(1, LONGEST + 2)] for step in range(STEPS_PER_BEAT)]
)
"""[step of the beat, 16ths to the next onset - 1]; the last column is anything longer"""


def straight(step: float) -> float:
    return step / STEPS_PER_BEAT


def triplets(step: float) -> float:
    """The beat of a step on a triplet grid: three triplets, and a fourth step in the middle of the last of them."""
    beat, within = divmod(step, STEPS_PER_BEAT)
    return beat + (within / 3 if within <= 2 else (within + 2) / 6)


def grids_of(feel: Feel) -> tuple[BeatOf, ...]:
    """The grids on which the player may place steps: the genre's swing and straight, or straight and triplets."""
    return (lambda step: swung(step, feel), straight) if feel.swing else (straight, triplets)


class _ModelBank:
    """Every (grid, tempo model) pair, as arrays of shape (models,)."""

    def __init__(self, grids: Sequence[BeatOf]) -> None:
        pairs = list(product(range(len(grids)), range(len(PLAYERS))))
        self.grid = np.array([grid for grid, _ in pairs])
        self.bending = np.array([PLAYERS[player][0] for _, player in pairs])
        self.trend = np.array([PLAYERS[player][1] for _, player in pairs])
        self._late = np.array([[grid(step) - straight(step) for step in range(_PERIOD)] for grid in grids])
        self.change = np.array([[_change(one, other, len(grids)) for other in pairs] for one in pairs])
        """(from, to): log-probability of a switch between two onsets"""

    def __len__(self) -> int:
        return len(self.grid)

    def beats(self, pair: Ints, steps: Ints) -> Floats:
        """The beats on which `steps` sound, per grid."""
        found: Floats = steps / STEPS_PER_BEAT + self._late[self.grid[pair], steps % _PERIOD]
        return found


def _change(one: tuple[int, int], other: tuple[int, int], grids: int) -> float:
    model = 1 - _SWITCH_MODEL if one[1] == other[1] else _SWITCH_MODEL / (len(PLAYERS) - 1)
    grid = 1 - _SWITCH_GRID if one[0] == other[0] else _SWITCH_GRID / (grids - 1)
    return log(model * grid)


@dataclass(slots=True)
class _Readings:
    """Readings of the onsets (hypotheses of beat and tempo) as arrays, a row each, the likeliest first."""

    weight: Floats
    """(n,): log probability, up to a constant"""
    state: Floats
    """(n, 3): the player's beat at the last onset, speed, and change of speed in a beat"""
    spread: Floats
    """(n, 3, 3): the state's covariance"""
    step: Ints
    """(n,): step of the last onset"""
    pair: Ints
    """(n,): index of the (grid, tempo model) pair"""

    def __getitem__(self, rows: Ints | npt.NDArray[np.bool_]) -> _Readings:
        arrays = (self.weight, self.state, self.spread, self.step, self.pair)
        return _Readings(*(array[rows] for array in arrays))  # type: ignore[arg-type]  # as they stand above


class Follower:
    """Estimates the player's tempo line in one performance, from the onset at second `at` on, which lies on `line`."""

    def __init__(self, line: Tempo, at: float, bounds: float, grids: Sequence[BeatOf] = (straight,)) -> None:
        """The tempo stays within `bounds` (0.12: ±12 %) of the line's. `grids`: with and without swing, say."""
        self._rate, self._bounds, self._at = line.bpm / 60, bounds, at
        self._bank = _ModelBank(grids)
        self._most = _READINGS * len(grids)
        self._uneven = (_UNEVEN * self._rate) ** 2
        self._readings = self._first(line.beat_at(at))

    def add(self, at: float) -> None:
        """Update the estimate with a key pressed at second `at`."""
        if at - self._at < _CHORD:
            return
        elapsed, self._at = (at - self._at) * self._rate, at
        expected = self._expected(self._split(), elapsed)
        found = [self._stray(expected)]
        found += [self._read_as(expected, _step(expected) + by) for by in range(-_SPAN, _SPAN + 1)]
        likely = expected[expected.weight > expected.weight.max() - _LIKELY]
        found += [self._waited(likely, _step(likely) - by) for by in range(1, int(_LONGEST_WAIT * STEPS_PER_BEAT) + 1)]
        self._readings = _best(_joined(found), self._most)

    def goal(self, now: float | None = None) -> Tempo | None:
        """The player's tempo line at second `now` (the last onset's), or None while readings contradict each other."""
        weight, state = np.exp(self._readings.weight), self._readings.state
        near = np.abs(state[:, 0] - state[0, 0]) < _AGREE
        if weight[near].sum() < SURE * weight.sum():
            return None
        beat, speed, change = (float(one) for one in weight[near] @ state[near] / weight[near].sum())
        since = 0.0 if now is None else min(_TRUSTED, max(0.0, (now - self._at) * self._rate))
        lasting = exp(-since / (2 * LASTING))
        beat += speed * since + change * lasting * since * since / 2
        speed += change * (since * lasting + _AHEAD)
        speed = min(1 + self._bounds, max(1 - self._bounds, speed))
        return Tempo(60 * self._rate * speed, self._at + since / self._rate, beat)

    def _first(self, beat: float) -> _Readings:
        count = len(self._bank)
        spread = np.zeros((count, 3, 3))
        spread[:, 0, 0], spread[:, 1, 1], spread[:, 2, 2] = self._uneven, _FIRST_TEMPO**2, self._bank.trend**2
        state = np.tile((beat, 1.0, 0.0), (count, 1))
        step = np.full(count, round(beat * STEPS_PER_BEAT))
        return _Readings(np.zeros(count), state, spread, step, np.arange(count))

    def _split(self) -> _Readings:
        """Combine the readings with every tempo model that is likely enough (interacting multiple model)."""
        old, count = self._readings, len(self._bank)
        pair = np.tile(np.arange(count), len(old.weight))
        new = old[np.repeat(np.arange(len(old.weight)), count)]
        new.weight = new.weight + self._bank.change[new.pair, pair]
        trend, before = self._bank.trend[pair], self._bank.trend[new.pair]
        ends, begins = trend == 0, (trend > 0) & (before == 0)
        new.state[ends, 2] = new.spread[ends, 2] = new.spread[ends, :, 2] = 0.0
        new.spread[begins, 2, 2] = trend[begins] ** 2
        new.pair = pair
        return new[new.weight > new.weight.max() - 2 * _GIVEN_UP]

    def _expected(self, old: _Readings, elapsed: float) -> _Readings:
        """Kalman prediction of the readings over `elapsed` seconds with their tempo models."""
        beat, speed, change = old.state.T
        kept = np.exp(-elapsed * speed / LASTING)
        gained = np.minimum(elapsed, LASTING * (1 - kept))
        move = np.zeros_like(old.spread)
        move[:, 0, 0] = move[:, 1, 1] = 1.0
        move[:, 0, 1], move[:, 0, 2], move[:, 1, 2], move[:, 2, 2] = elapsed, elapsed**2 / 2, gained, kept
        spread = move @ old.spread @ move.transpose(0, 2, 1)
        drift = (self._bank.bending[old.pair] * speed) ** 2 * speed
        turn = self._bank.trend[old.pair] ** 2 * (1 - kept**2)
        spread[:, 0, 0] += drift * elapsed**3 / 3
        spread[:, 0, 1] += drift * elapsed**2 / 2
        spread[:, 1, 0] += drift * elapsed**2 / 2
        spread[:, 1, 1] += drift * elapsed + turn * elapsed**2 / 3
        spread[:, 1, 2] += turn * elapsed / 2
        spread[:, 2, 1] += turn * elapsed / 2
        spread[:, 2, 2] += turn
        moved = beat + speed * elapsed + change * elapsed**2 / 2
        state = np.stack((moved, speed + change * gained, change * kept), axis=1)
        return _Readings(old.weight, state, spread, old.step, old.pair)

    def _stray(self, expected: _Readings) -> _Readings:
        return _Readings(expected.weight + _STRAY, expected.state, expected.spread, expected.step, expected.pair)

    def _read_as(self, expected: _Readings, step: Ints) -> _Readings:
        """Kalman update of the readings with the onset on `step`, where that is possible."""
        miss = self._bank.beats(expected.pair, step) - expected.state[:, 0]
        can = (step > expected.step) & (np.abs(miss) < _NEAR)
        old, step, miss = expected[can], step[can], miss[can]
        variance = old.spread[:, 0, 0] + self._uneven * old.state[:, 1] ** 2
        gain = old.spread[:, :, 0] / variance[:, None]
        state = old.state + gain * miss[:, None]
        spread = old.spread - gain[:, :, None] * old.spread[:, None, 0, :]
        beyond = np.maximum(0.0, np.abs(state[:, 1] - 1) - self._bounds)
        state[:, 1] = np.clip(state[:, 1], 1 - self._bounds, 1 + self._bounds)
        after = np.minimum(step - old.step, LONGEST + 1) - 1
        weight = old.weight + _RHYTHM * _LIKELIHOODS[old.step % STEPS_PER_BEAT, after]
        weight = weight - 0.5 * miss**2 / variance - 0.5 * np.log(variance) - _BEYOND * beyond
        return _Readings(weight, state, spread, step, old.pair)

    def _waited(self, expected: _Readings, step: Ints) -> _Readings:
        """Readings in which the player has waited before the onset on `step`: the beat restarts there."""
        late = expected.state[:, 0] - self._bank.beats(expected.pair, step)
        can = (step > expected.step) & (late > _SHORTEST_WAIT) & (late < _LONGEST_WAIT)
        old, step = expected[can], step[can]
        state, spread = old.state.copy(), old.spread.copy()
        state[:, 0] = self._bank.beats(old.pair, step)
        spread[:, 0, :] = spread[:, :, 0] = 0.0
        spread[:, 0, 0] = self._uneven
        after = np.minimum(step - old.step, LONGEST + 1) - 1
        weight = old.weight + _RHYTHM * _LIKELIHOODS[old.step % STEPS_PER_BEAT, after] + _WAITED
        return _Readings(weight, state, spread, step, old.pair)


def _step(readings: _Readings) -> Ints:
    """The nearest step of each reading."""
    return np.round(readings.state[:, 0] * STEPS_PER_BEAT).astype(np.intp)


def _joined(readings: Sequence[_Readings]) -> _Readings:
    return _Readings(
        np.concatenate([one.weight for one in readings]),
        np.concatenate([one.state for one in readings]),
        np.concatenate([one.spread for one in readings]),
        np.concatenate([one.step for one in readings]),
        np.concatenate([one.pair for one in readings]),
    )


def _best(readings: _Readings, most: int) -> _Readings:
    """The likeliest readings, merged where they agree, with weights relative to the best."""
    order = np.argsort(-readings.weight, kind="stable")
    order = order[readings.weight[order] >= readings.weight[order[0]] - _GIVEN_UP]
    beat, speed = readings.state[order, 0], readings.state[order, 1]
    places = np.stack((readings.pair[order], np.round(beat / _SAME_BEAT), np.round(speed / _SAME_TEMPO)), axis=1)
    _, first = np.unique(places, axis=0, return_index=True)
    best = readings[order[np.sort(first)][:most]]
    best.weight = best.weight - best.weight[0]
    return best
