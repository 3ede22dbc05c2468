"""Finds the player's left hand among the keys, and the chords that it plays."""

from __future__ import annotations

from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.harmony.left_hand import chord_of

SPAN, OWN = 12, 5
"""[semitones] reach of a hand above its lowest key; distance within which a key belongs to the melody"""
FAR = 4096
"""steps: length of a chord, which in fact lasts until the next one"""


class LeftHand:
    """Tracks the left hand's held keys and the chord plan that they make."""

    def __init__(self) -> None:
        self._held: set[int] = set()
        self.plan = ChordPlan()
        self.last_step = -1
        """step of the last key"""

    @property
    def held(self) -> bool:
        return bool(self._held)

    def takes(self, pitch: int, split: int, melody: int | None) -> bool:
        """Whether a key is the left hand's: below `split`, or within the reach of the keys that it holds.

        `melody` is the latest pitch of the right hand, if recent; a key nearer to it belongs to the right hand.
        """
        near_melody = (
            melody is not None
            and (not self._held or abs(melody - pitch) < pitch - max(self._held))
            and abs(melody - pitch) <= OWN
        )
        if pitch < split:
            return not (near_melody and pitch >= split - OWN)
        within = bool(self._held) and pitch <= min(self._held) + SPAN
        return within and not (melody is not None and abs(melody - pitch) <= pitch - max(self._held))

    def press(self, step: int, pitch: int) -> bool:
        """Record a key for `step`; whether it changes the chord."""
        self._held.add(pitch)
        self.last_step = max(self.last_step, step)
        chord, now = chord_of(self._held), self.plan.at(step)
        if chord is None or (now is not None and now.chord == chord):
            return False
        self.plan = self.plan.with_chord(PlannedChord(step, FAR, chord))
        return True

    def release(self, pitch: int) -> None:
        """Record the release of a key; the chord stays until another is played."""
        self._held.discard(pitch)
