"""Records the notes of the band's pitched parts, so that they can be repeated with their section."""

from __future__ import annotations

from dataclasses import replace

from composerd.music.notes import PartNote

KEPT_STEPS = 2048
"""length of the recorded past [steps]: four choruses of 32 bars, two to five minutes"""
LONGEST_NOTE = 32
"""how far before a stretch notes are searched that ring into it [steps]"""


class Riffs:
    """The notes of the last KEPT_STEPS steps."""

    def __init__(self) -> None:
        self._notes: dict[int, list[PartNote]] = {}
        """by the step that they begin on, in order"""

    def played(self, note: PartNote) -> None:
        """Record a note that has ended."""
        if note.length > 0:
            self._notes.setdefault(note.step, []).append(note)
        while self._notes and (first := next(iter(self._notes))) < note.step - KEPT_STEPS:
            del self._notes[first]

    def clear(self) -> None:
        self._notes.clear()

    def over(self, first: int, until: int, later: int) -> tuple[PartNote, ...]:
        """The notes of steps [first, until), moved by `later` steps; one that began before is tied."""
        found = []
        for step in range(first - LONGEST_NOTE, until):
            for note in self._notes.get(step, ()):
                end = min(note.end, until)
                if end > first:
                    begins = max(step, first)
                    moved = replace(note, step=begins + later, length=end - begins, tied=begins > step)
                    found.append(moved)
        return tuple(found)
