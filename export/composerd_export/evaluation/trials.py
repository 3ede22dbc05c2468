"""Stress tests of a band: held and repeated notes, silence, runs, the ends of the keyboard, slow and fast tempi."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from composerd.engine.ports import Generator
from composerd.music.genre import Genre
from composerd.music.metre import STEPS_PER_BEAT, Metre
from composerd.music.roll import ONSET, Cells
from composerd_export.evaluation.systems import TIMING_NOISE, BandPerformance, keys, perform
from composerd_export.metrics.distance import BandRows
from composerd_export.metrics.texture import in_range

BARS, BAR = 8, 16
FROZEN = 2 * BAR
"""number of steps without a new note of any pitched part after which the band counts as frozen"""
_TUNE = (0, 4, 7, 4, 5, 9, 12, 9, 7, 11, 14, 11, 12, 7, 4, 0)

Runs = list[tuple[int, int, int]]
"""(first step, end, pitch)"""


@dataclass(frozen=True, slots=True)
class Trial:
    name: str
    keys: Runs
    bpm: float = 100.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Figures of the band's playing from bar 2 on."""

    name: str
    onsets: float
    """notes of the pitched parts a bar"""
    longest_wait: int
    """steps without a new note"""
    in_range: float
    """share of notes within the parts' ranges"""
    bars: int
    """bars that are different from each other"""
    blips: int

    @property
    def verdict(self) -> str:
        if self.onsets == 0:
            return "silent"
        if self.longest_wait >= FROZEN:
            return "frozen"
        return "out of range" if self.in_range < 1.0 else "ok"

    def __str__(self) -> str:
        return (
            f"{self.name:<20}{self.verdict:<14}{self.onsets:5.1f} notes a bar, longest wait {self.longest_wait} 16ths, "
            f"{self.bars} different bars of {BARS - 1}, {self.in_range:.0%} in range, {self.blips} blips"
        )


def trials() -> list[Trial]:
    """Eight bars each, at 100 bpm unless the tempo is the trial."""
    steps = BARS * BAR
    chromatic = [(step, step + 1, 48 + abs(step % 48 - 24)) for step in range(steps)]
    return [
        Trial("a tune", _tune(60)),
        Trial("nothing", []),
        Trial("a single note", [(0, 4, 64)]),
        Trial("a held note", [(0, steps, 64)]),
        Trial("a held chord", [(0, steps, pitch) for pitch in (60, 64, 67)]),
        Trial("a repeated note", [(step, step + 2, 67) for step in range(0, steps, 2)]),
        Trial("a chromatic run", chromatic),
        Trial("the lowest octave", _tune(0)),
        Trial("the highest octave", _tune(110)),
        Trial("60 bpm", _tune(60), 60.0),
        Trial("200 bpm", _tune(60), 200.0),
    ]


def _tune(base: int) -> Runs:
    return [(4 * beat, 4 * beat + 4, base + _TUNE[beat % len(_TUNE)]) for beat in range(4 * BARS)]


def tried(generator: Generator, genre: Genre, seed: int = 0) -> Iterator[Outcome]:
    """Every trial in jam mode, with human timing."""
    band = BandRows.of(genre)
    for trial in trials():
        rng = np.random.default_rng(seed)
        pressed = list(keys(trial.keys, 60.0 / trial.bpm / STEPS_PER_BEAT, TIMING_NOISE, rng))
        played = perform(generator, genre, pressed, BARS * BAR, trial.bpm, Metre(), seed)
        yield outcome(trial.name, played, band)


def outcome(name: str, played: BandPerformance, band: BandRows) -> Outcome:
    parts = played.cells[list(band.pitched), BAR:]
    onsets = int((parts == ONSET).sum())
    ranges = in_range(parts, band.ranges)
    return Outcome(name, onsets / (BARS - 1), longest_wait(parts), ranges, different_bars(parts), played.blips)


def longest_wait(parts: Cells) -> int:
    """The largest number of consecutive steps on which no part (parts, steps, 128) begins a note."""
    begins = np.flatnonzero((parts == ONSET).any((0, 2)))
    return int(np.diff(begins, prepend=-1, append=parts.shape[1]).max()) - 1


def different_bars(parts: Cells) -> int:
    """How many bars are not the same as another, notes and onsets taken together."""
    bars = parts.shape[1] // BAR
    return len({parts[:, BAR * bar : BAR * (bar + 1)].tobytes() for bar in range(bars)})
