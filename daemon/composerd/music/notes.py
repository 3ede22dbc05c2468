"""Notes on the step grid, and sections: a generator's notes for some parts over some steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter

import numpy as np

from composerd.music.roll import HELD, ONSET, SILENT, BandRoll, Cells

MIDDLING = 90
"""default velocity of the notes of a roll"""


@dataclass(frozen=True, slots=True, order=True)
class PartNote:
    """A note of the band, in steps of a 16th. `tied`: it already sounds at `step` and continues without a new onset."""

    step: int
    part: int
    pitch: int
    velocity: int
    length: int
    tied: bool = False

    @property
    def end(self) -> int:
        return self.step + self.length

    def lasting(self, length: int) -> PartNote:
        """A copy with another length; four times as fast as `dataclasses.replace`."""
        return PartNote(self.step, self.part, self.pitch, self.velocity, length, self.tied)


@dataclass(frozen=True, slots=True)
class Section:
    """All notes of `parts` in steps [first, until).

    It replaces what was planned for them from `first` on. A note of theirs sounding at `first` ends there unless
    a tied note names it; notes may ring beyond `until`.
    """

    parts: frozenset[int]
    first: int
    until: int
    notes: tuple[PartNote, ...]


def remainder(section: Section, first: int) -> Section:
    """The rest of `section` from step `first` on; a note that already sounds at `first` begins there."""
    notes = tuple(
        note if note.step >= first else replace(note, step=first, length=note.end - first, tied=False)
        for note in section.notes
        if note.end > first
    )
    return Section(section.parts, first, max(first, section.until), notes)


def cells_to_notes(
    cells: Cells, first: int, parts: tuple[int, ...], velocities: tuple[int, ...] = ()
) -> tuple[PartNote, ...]:
    """The notes of a roll `cells` (len(parts), steps, 128) starting at step `first`, in order.

    A run that begins with HELD is a tied note. `velocities` are by part, MIDDLING where none are given.
    """
    notes = []
    starts = cells == ONSET
    starts[:, :1] |= cells[:, :1] == HELD
    starts[:, 1:] |= (cells[:, 1:] == HELD) & (cells[:, :-1] == SILENT)
    steps = cells.shape[1]
    for row, step, pitch in zip(*(axis.tolist() for axis in starts.nonzero()), strict=True):
        end = step + 1
        while end < steps and cells[row, end, pitch] == HELD:
            end += 1
        tied = step == 0 and bool(cells[row, 0, pitch] == HELD)
        velocity = velocities[row] if velocities else MIDDLING
        notes.append(PartNote(first + step, parts[row], pitch, velocity, end - step, tied))
    return tuple(sorted(notes))


def notes_to_cells(notes: tuple[PartNote, ...], first: int, until: int, parts: int) -> Cells:
    """The inverse: a roll (parts, until - first, 128) of what sounds in [first, until)."""
    cells = np.zeros((parts, max(0, until - first), 128), np.uint8)
    for note in sorted(notes, key=attrgetter("step")):
        low, high = note.step, note.step + note.length  # without min and max, whose calls take most of the time
        if high > until:
            high = until
        if low < first:
            low = first
        if low >= high:
            continue
        if high - low > 1:
            cells[note.part, low - first : high - first, note.pitch] = HELD
        cells[note.part, low - first, note.pitch] = ONSET if note.step >= first and not note.tied else HELD
    return cells


class NotesRoll(BandRoll):
    """A roll of steps [drawn.first, until): that of `drawn`, then what sounds of `notes`, drawn on first access."""

    def __init__(self, drawn: BandRoll, notes: tuple[PartNote, ...], until: int) -> None:
        object.__setattr__(self, "first", drawn.first)
        vars(self).update(_drawn=drawn, _notes=notes, _until=max(drawn.end, until))  # frozen: set once, here

    _drawn: BandRoll
    _notes: tuple[PartNote, ...]
    _until: int

    @cached_property
    def cells(self) -> Cells:
        return self.window(self.first, self._until).cells

    @property
    def end(self) -> int:
        return self._until

    def window(self, first: int, end: int) -> BandRoll:
        """Steps [first, end) as a roll; only these are drawn."""
        found = self._drawn.window(first, end)
        low, high = max(first, self._drawn.end), min(end, self._until)
        if low < high:
            found.cells[:, low - first : high - first] = notes_to_cells(self._notes, low, high, len(found.cells))
        return found
