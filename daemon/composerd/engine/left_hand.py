"""The left hand of one performance: keys below the split point, and the chords that they call for."""

from __future__ import annotations

from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.left_hand import chord_of

FAR = 4096
"""steps: a chord holds until the next, however long that takes"""


class LeftHand:
    def __init__(self) -> None:
        self._held: set[int] = set()
        self.plan = ChordPlan()
        self.last_step = -1
        """step of the last key"""

    @property
    def held(self) -> bool:
        return bool(self._held)

    def press(self, step: int, pitch: int) -> bool:
        """A key for `step`; whether another chord is meant from there on."""
        self._held.add(pitch)
        self.last_step = max(self.last_step, step)
        chord, now = chord_of(self._held), self.plan.at(step)
        if chord is None or (now is not None and now.chord == chord):
            return False
        self.plan = self.plan.with_chord(PlannedChord(step, FAR, chord))
        return True

    def release(self, pitch: int) -> None:
        """The chord stays: it holds until another is played."""
        self._held.discard(pitch)
