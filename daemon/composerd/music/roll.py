"""Piano rolls on the grid of 16ths: the player's melody and the band's past notes, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PITCHES = 128
REST = -1
SILENT, HELD, ONSET = 0, 1, 2
"""Values of a band roll's cells. Onsets are marked, so that repeated notes are not merged."""

Steps = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]
Cells = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class MelodyRoll:
    """A monophonic melody: index 0 is step `first`; `pitch` (steps,) is MIDI or REST, `onset` (steps,) flags."""

    first: int
    pitch: Steps
    onset: Flags

    @property
    def end(self) -> int:
        """The step after the last one in the roll."""
        return self.first + len(self.pitch)

    def window(self, first: int, end: int) -> MelodyRoll:
        """Steps [first, end); those outside this roll are silent."""
        pitch = np.full(max(0, end - first), REST, np.int16)
        onset = np.zeros(len(pitch), np.bool_)
        low, high = max(first, self.first), min(end, self.end)
        if low < high:
            here, there = slice(low - first, high - first), slice(low - self.first, high - self.first)
            pitch[here], onset[here] = self.pitch[there], self.onset[there]
        return MelodyRoll(first, pitch, onset)


@dataclass(frozen=True, slots=True, eq=False)
class BandRoll:
    """The parts' notes: `cells` (parts, steps, 128) of SILENT, HELD, ONSET; index 0 is step `first`."""

    first: int
    cells: Cells

    @classmethod
    def silent(cls, parts: int, first: int = 0, steps: int = 0) -> BandRoll:
        return cls(first, np.zeros((parts, steps, PITCHES), np.uint8))

    @property
    def end(self) -> int:
        return self.first + int(self.cells.shape[1])

    def window(self, first: int, end: int) -> BandRoll:
        """Steps [first, end); those outside this roll are silent."""
        cells = np.zeros((self.cells.shape[0], max(0, end - first), PITCHES), np.uint8)
        low, high = max(first, self.first), min(end, self.end)
        if low < high:
            cells[:, low - first : high - first] = self.cells[:, low - self.first : high - self.first]
        return BandRoll(first, cells)

    def sounding(self, part: int, step: int) -> tuple[int, ...]:
        """Pitches of `part` that sound at `step`."""
        if not self.first <= step < self.end:
            return ()
        return tuple(int(pitch) for pitch in np.flatnonzero(self.cells[part, step - self.first]))
