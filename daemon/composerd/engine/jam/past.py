"""The band's past in a performance as a roll, for requests; what cannot change any more is drawn once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from composerd.engine.output.timeline import Timeline
from composerd.music.notes import NotesRoll, notes_to_cells
from composerd.music.roll import BandRoll

STEPS = 320
"""Length of the past in a request [steps]: what a groove net is shown (18 bars of 4/4), and a bar or two more."""
DRAWN_STEPS = 16
"""Number of steps that are drawn at once, when they are as long past [steps]."""


class BandPast:
    """Keeps the roll of what a timeline played."""

    def __init__(self, parts: int, first: int) -> None:
        self._drawn = BandRoll.silent(parts, first)

    def roll(self, timeline: Timeline, step: int, ends: Sequence[int], until: int) -> BandRoll:
        """A roll up to step `until` of what sounds before step `ends[i]` of part i.

        All before `step` is past, and `step` never goes back from one call to the next.
        """
        notes = timeline.past(self._drawn.end, ends)
        while self._drawn.end + 2 * DRAWN_STEPS <= step:
            end = self._drawn.end + DRAWN_STEPS
            new = notes_to_cells(notes, self._drawn.end, end, len(self._drawn.cells))
            kept = self._drawn.cells[:, -(STEPS - 2 * DRAWN_STEPS) :]
            self._drawn = BandRoll(self._drawn.end - kept.shape[1], np.concatenate([kept, new], 1))
        return NotesRoll(self._drawn, notes, until)
