"""The band's pulse in a performance: a tempo line that bends but never jumps or turns back."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, inf

from composerd.engine.tempo.follow import BeatOf, Follower
from composerd.music.tempo import Tempo

SLOWEST, FASTEST = 0.6, 1.6
"""limits of the bend, relative to the tempo aimed at"""
SHORTEST = 0.3
"""shortest bend [beats]"""


class Pulse:
    """The tempo line of a performance and its planned changes."""

    def __init__(self, line: Tempo) -> None:
        self.line = line
        self.nominal = line.bpm
        """the set tempo [quarter notes a minute], without the bend"""
        self._coming: tuple[float, float] | None = None
        self._follower: Follower | None = None

    def set(self, bpm: float, now: float) -> None:
        self.nominal = bpm
        self.line = self.line.changed(bpm, now)
        self._follower = None

    def scale_later(self, factor: float, beat: float) -> None:
        """Schedule a change to `factor` times the set tempo at `beat`."""
        self._coming = (beat, factor)

    @property
    def coming(self) -> float:
        """The scheduled factor; 1 for none."""
        return self._coming[1] if self._coming is not None else 1.0

    def next_change(self) -> float:
        """The beat of the next scheduled change; infinity for none."""
        return self._coming[0] if self._coming is not None else inf

    def reach(self, beat: float, now: float) -> None:
        """Carry out the scheduled changes up to the current `beat`."""
        if self._coming is not None and self._coming[0] <= beat:
            self.set(self._coming[1] * self.nominal, now)
            self._coming = None

    def bend(self, factor: float, now: float) -> None:
        """Play at `factor` times the set tempo."""
        if abs(self.line.bpm - factor * self.nominal) > 1e-9:
            self.line = self.line.changed(factor * self.nominal, now)

    def follow(self, at: float, now: float, bounds: float, grids: Sequence[BeatOf]) -> None:
        """Follow an onset of the player's at second `at`, within `bounds` of the set tempo (0.12: ±12 %)."""
        if self._follower is None:
            self._follower = Follower(Tempo(self.nominal, at, self.line.beat_at(at)), at, bounds, grids)
        else:
            self._follower.add(at)
        self.keep_up(now)

    def keep_up(self, now: float) -> None:
        """Bend further towards the follower's estimate of the player's beat."""
        goal = self._follower.goal(now) if self._follower is not None else None
        if goal is not None:
            self.aim(goal, now)

    def stop_following(self) -> None:
        """Stop following; the tempo stays as it is."""
        if self._follower is not None:
            self._follower = None
            self.nominal = self.line.bpm

    def aim(self, goal: Tempo, now: float) -> None:
        """Bend so that the next beat falls at its moment on the line `goal`."""
        here = self.line.beat_at(now)
        beat = floor(here) + 1.0
        if beat - here < SHORTEST:
            beat += 1.0
        left = goal.second_at(beat) - now
        bpm = 60 * (beat - here) / left if left > 0 else FASTEST * goal.bpm
        self.line = Tempo(min(FASTEST * goal.bpm, max(SLOWEST * goal.bpm, bpm)), now, here)
