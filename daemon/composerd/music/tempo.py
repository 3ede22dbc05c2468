"""Tempo as a straight line between clock seconds and quarter-note beats."""

from __future__ import annotations

from dataclasses import dataclass

MIN_BPM, MAX_BPM = 30.0, 300.0


@dataclass(frozen=True, slots=True)
class Tempo:
    """`beat` sounds at clock second `second`, and `bpm` quarter notes a minute follow."""

    bpm: float
    second: float = 0.0
    beat: float = 0.0

    def beat_at(self, second: float) -> float:
        return self.beat + (second - self.second) * self.bpm / 60.0

    def second_at(self, beat: float) -> float:
        return self.second + (beat - self.beat) * 60.0 / self.bpm

    def changed(self, bpm: float, second: float) -> Tempo:
        """The line that agrees with this one at `second` and runs at `bpm` from there."""
        return Tempo(bpm, second, self.beat_at(second))
