"""Records what a player plays: the melody, and chords and basses below it."""

from __future__ import annotations

from composerd.music.chords import ChordPlan
from composerd.music.harmony.encoding import BelowRoll
from composerd.music.harmony.lower_voices import LowerVoices
from composerd.music.melody import MelodyRecorder
from composerd.music.metre import BarGrid
from composerd.music.roll import MelodyRoll
from composerd.music.voice import Voice

NEAR_STEPS = 16
"""age from which a melody note no longer shows where the hand is [steps]"""
BELOW = 5
"""semitones below the melody from which on a key may be of another hand"""


class PlayerRecorder:
    """A MelodyRecorder that records the lower voices as well. Same calls; steps are closed in order."""

    def __init__(self, first: int, voice: Voice = "top", split: int = 0) -> None:
        """`split`: the lowest pitch that can be melody where `voice` is split."""
        self._melody = MelodyRecorder(first, voice, split)
        self._lower = LowerVoices(first)
        self._hears_lower = voice != "bottom"
        self._latest: tuple[int, int] | None = None
        self.end = self._melody.end
        """the first step still open"""

    @property
    def last_heard(self) -> int:
        return self._melody.last_heard

    @property
    def held(self) -> bool:
        return self._melody.held

    def struck(self, step: int) -> bool:
        return self._melody.struck(step)

    def press(self, step: int, pitch: int) -> bool:
        """Record a key press on `step`. Returns True if it changes the melody, or the chord or bass below it."""
        changed = self._melody.press(step, pitch)
        sung = self._melody.sung(step)
        if sung is not None:
            self._latest = (step, sung)
        if self._hears_lower:
            changed = self._lower.press(step, pitch, sung) or changed
        return changed

    def may_begin_chord(self, step: int, pitch: int, split: int) -> bool:
        """Whether a key that comes on `step` may be the first of a chord below the melody: low, and not near to it."""
        near = self.melody_near(step)
        return self._hears_lower and pitch < split and (near is None or near - pitch >= BELOW)

    def release(self, end: int, pitch: int) -> None:
        self._melody.release(end, pitch)
        self._lower.release(end, pitch)

    def close(self, step: int) -> None:
        if self._hears_lower:
            self._lower.close(step, self._melody.sung(step))
        self._melody.close(step)
        self.end = self._melody.end

    def roll(self, end: int, length: int) -> MelodyRoll:
        return self._melody.roll(end, length)

    def below(self, end: int, length: int) -> BelowRoll | None:
        """What sounded below the melody in the last `length` steps before `end`; None where nothing did."""
        return self._lower.sounding(end, length, self._melody.sung(end - 1)) if self._hears_lower else None

    def chords(self, grid: BarGrid) -> ChordPlan | None:
        """The chords that were played; None if there were none."""
        return self._lower.plan(grid)

    def melody_near(self, step: int) -> int | None:
        """The melody's last pitch; None if it is long ago at `step`."""
        return self._latest[1] if self._latest is not None and step - self._latest[0] <= NEAR_STEPS else None
