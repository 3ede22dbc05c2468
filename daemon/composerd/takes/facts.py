"""A take's length, bars and tempo for listings, kept as a text at the beginning of its file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from composerd.files.midi_reader import read_midi
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.midi_tracks import Axis

_TEXT = re.compile(rb"composerd take: ([0-9.]+) s, (\d+) bars, ([0-9.]+) bpm")
_BEGINNING = 256
"""bytes at the beginning of a file that are searched for the text"""


@dataclass(frozen=True, slots=True)
class Facts:
    """Length, bars and tempo of a take."""

    seconds: float
    bars: int
    bpm: float
    """quarter notes a minute: the tempo of most beats"""

    @property
    def text(self) -> str:
        """The text for the file."""
        return f"composerd take: {self.seconds:.1f} s, {self.bars} bars, {self.bpm:.1f} bpm"

    def __str__(self) -> str:
        """The text for people."""
        bars = f"{self.bars} bar{'' if self.bars == 1 else 's'}"
        return f"{self.seconds / 60:.1f} min, {bars}, {self.bpm:.0f} bpm"


def facts_of(axis: Axis, end_tick: int) -> Facts:
    """Compute the facts of music that ends at `end_tick`."""
    last_step = max(0, end_tick - 1) * STEPS_PER_BEAT // axis.ticks_per_beat
    return Facts(axis.second_at(end_tick), axis.bar_grid().place(last_step).bar + 1, _tempo(axis, end_tick))


def facts_in(path: Path) -> Facts | None:
    """Read the facts of a take, or compute them if its file has none; None if it is no MIDI file."""
    try:
        with path.open("rb") as file:
            found = _TEXT.search(file.read(_BEGINNING))
        if found:
            return Facts(float(found[1]), int(found[2]), float(found[3]))
        read = read_midi(path)
    except (OSError, ValueError):
        return None
    ends = [track.events[-1][0] for track in read.tracks if track.events]
    return facts_of(Axis(read.ticks_per_beat, read.tempos, read.metres), max(ends)) if ends else None


def _tempo(axis: Axis, end_tick: int) -> float:
    """The tempo that holds for most ticks [quarter notes a minute]; 120 if there is none."""
    ticks: dict[float, int] = {}
    for change, until in zip(axis.tempos, [*(c.tick for c in axis.tempos[1:]), end_tick], strict=False):
        ticks[change.bpm] = ticks.get(change.bpm, 0) + max(0, min(until, end_tick) - change.tick)
    return max(ticks, key=ticks.__getitem__) if ticks else 120.0
