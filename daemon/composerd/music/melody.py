"""Melody extraction: turns key presses on steps into a monophonic roll."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np

from composerd.music.roll import REST, MelodyRoll
from composerd.music.voice import Voice

HAND_SPAN = 12
"""semitones: a key farther than this inside the outer voice that is still held belongs to the other hand"""


@dataclass(slots=True)
class _MelodyKey:
    pitch: int
    step: int
    end: int | None = None

    def sounds(self, step: int) -> bool:
        return self.step <= step and (self.end is None or step < self.end)


class MelodyRecorder:
    """Records one pitch per step from key presses: the outer voice's, or the last key's.

    A player who binds notes holds the one before a little into the next; one who plays in several voices holds it on.
    When an inner key comes while an outer one is held, either may be meant: the guess is what it was last time, and
    a step written on a wrong guess is corrected when the next one closes. Else a closed step is changed only
    by a key that came late for it. Steps are closed in order.
    """

    def __init__(self, first: int, voice: Voice = "top", split: int = 0) -> None:
        """`split`: the lowest pitch that can be melody where `voice` is split."""
        self._first, self._voice, self._split = first, voice, split
        self._pitch, self._onset = array("h"), bytearray()
        """of the closed steps"""
        self._keys: list[_MelodyKey] = []
        self._last_heard = first - 1
        self._binds = True
        """whether an outer key held at an inner one's onset is assumed to be released soon (legato)"""

    @property
    def end(self) -> int:
        """The first step that is not closed yet."""
        return self._first + len(self._pitch)

    @property
    def last_heard(self) -> int:
        """The last closed step at which any key sounded; the step before the first one if none did."""
        return self._last_heard

    @property
    def held(self) -> bool:
        return any(key.end is None for key in self._keys)

    def sung(self, step: int) -> int | None:
        """The melody's pitch so far at an open step, or at the last closed one; None for a rest."""
        key = self._melody(step)
        return key.pitch if key else None

    def struck(self, step: int) -> bool:
        """Whether the melody had an onset at the closed step."""
        return self._first <= step < self.end and bool(self._onset[step - self._first])

    def press(self, step: int, pitch: int) -> bool:
        """Record a key press on `step`. Returns True if it changes the melody of that step."""
        before = self._melody(step)
        self.release(step, pitch)
        self._keys.append(_MelodyKey(pitch, step))
        after = self._melody(step)
        if step < self.end:
            self._write(step, after)
            self._last_heard = max(self._last_heard, step)
        return after is not before

    def release(self, end: int, pitch: int) -> None:
        """Record a key release; `end` is the first step without the key (a note lasts at least a step)."""
        for key in self._keys:
            if key.pitch == pitch and key.end is None:
                key.end = max(key.step + 1, end)
                self._binds |= any(self._came_inside(other, key) and other.step >= key.end - 1 for other in self._keys)

    def close(self, step: int) -> None:
        """Close `step`: no more keys will come for it. Steps are closed in order, without gaps."""
        if self._voice != "last" and self._two_voices(step):
            self._binds = False
            self._write(step - 1, self._melody(step - 1))
        self._pitch.append(REST)
        self._onset.append(0)
        self._write(step, self._melody(step))
        if any(key.sounds(step) for key in self._keys):
            self._last_heard = step
        self._keys = [key for key in self._keys if key.end is None or key.end > step]

    def roll(self, end: int, length: int) -> MelodyRoll:
        """The melody of the last `length` steps before `end`; `end` may be one past the closed steps."""
        first = max(self._first, end - length)
        low, high = first - self._first, end - self._first
        pitch, onset = self._pitch[low:high], self._onset[low:high]
        if end > self.end:
            key = self._melody(end - 1)
            pitch.append(key.pitch if key else REST)
            onset.append(key is not None and key.step == end - 1)
        return MelodyRoll(first, np.array(pitch, np.int16), np.frombuffer(onset, np.bool_))

    def _write(self, step: int, key: _MelodyKey | None) -> None:
        index = step - self._first
        self._pitch[index] = key.pitch if key else REST
        self._onset[index] = key is not None and key.step == step

    def _melody(self, step: int) -> _MelodyKey | None:
        """The melody's key at `step`."""
        keys = self._eligible(step)
        if self._voice == "last":
            return sorted(keys, key=lambda key: key.step)[-1] if keys else None
        outer: _MelodyKey | None = None
        for key in sorted(keys, key=lambda key: (key.step, self._height(key))):
            if outer is None or not self._stays(outer, key, step):
                outer = key
        return outer

    def _eligible(self, step: int) -> list[_MelodyKey]:
        lowest = self._split if self._voice == "split" else 0
        return [key for key in self._keys if key.sounds(step) and key.pitch >= lowest]

    def _height(self, key: _MelodyKey) -> int:
        return -key.pitch if self._voice == "bottom" else key.pitch

    def _stays(self, outer: _MelodyKey, key: _MelodyKey, step: int) -> bool:
        """Whether `outer` is still the melody at `step` although `key` has come since."""
        inside = self._height(outer) - self._height(key)
        return inside > 0 and (inside > HAND_SPAN or step > key.step or not self._binds)

    def _two_voices(self, step: int) -> bool:
        """Whether a key of the step before came inside an outer one that still sounds."""
        new = [key for key in self._eligible(step - 1) if key.step == step - 1]
        return step > self._first and any(
            self._came_inside(key, outer) for key in new for outer in self._eligible(step)
        )

    def _came_inside(self, key: _MelodyKey, outer: _MelodyKey) -> bool:
        return outer.step < key.step and self._height(key) < self._height(outer)
