"""The melody as it is heard: key presses on steps become a monophonic roll."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from composerd.music.roll import REST, MelodyRoll

HAND_SPAN = 12
"""A key more than an octave below the melody note still held is the other hand's, not the melody's."""


@dataclass(slots=True)
class _Key:
    pitch: int
    step: int
    end: int | None = None

    def sounds(self, step: int) -> bool:
        return self.step <= step and (self.end is None or step < self.end)


class MelodyRecorder:
    """Follows keys and writes one pitch per step: the last key pressed, the highest of those pressed together.

    Steps are closed in order; a closed step is changed only by a key that came late for it.
    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._pitch: list[int] = []
        self._onset: list[bool] = []
        self._keys: list[_Key] = []

    @property
    def end(self) -> int:
        """The first step still open."""
        return self._first + len(self._pitch)

    @property
    def last_heard(self) -> int:
        """The last closed step at which a key sounded, or the step before the first."""
        sounding = next((i for i in range(len(self._pitch) - 1, -1, -1) if self._pitch[i] != REST), -1)
        return self._first + sounding

    @property
    def held(self) -> bool:
        return any(key.end is None for key in self._keys)

    def struck(self, step: int) -> bool:
        """Whether the melody had an onset at the closed step."""
        return self._first <= step < self.end and self._onset[step - self._first]

    def press(self, step: int, pitch: int) -> bool:
        """A key for `step`; True when it changes the melody of that step."""
        before = self._top(step)
        self.release(step, pitch)
        self._keys.append(_Key(pitch, step))
        after = self._top(step)
        if step < self.end:
            self._write(step, after)
        return after is not before

    def release(self, end: int, pitch: int) -> None:
        """The key goes up; `end` is the first step at which it no longer sounds (a note lasts at least a step)."""
        for key in self._keys:
            if key.pitch == pitch and key.end is None:
                key.end = max(key.step + 1, end)

    def close(self, step: int) -> None:
        """All of `step` has been heard. Steps are closed in order, none left out."""
        top = self._top(step)
        self._pitch.append(REST)
        self._onset.append(False)
        self._write(step, top)
        self._keys = [key for key in self._keys if key.end is None or key.end > step]

    def roll(self, end: int, length: int) -> MelodyRoll:
        """The last `length` steps before `end`; `end` may be one past the closed steps, which then counts as heard."""
        first = max(self._first, end - length)
        low, high = first - self._first, end - self._first
        pitch, onset = self._pitch[low:high], self._onset[low:high]
        if end > self.end:
            top = self._top(end - 1)
            pitch.append(top.pitch if top else REST)
            onset.append(top is not None and top.step == end - 1)
        return MelodyRoll(first, np.array(pitch, np.int16), np.array(onset, np.bool_))

    def _write(self, step: int, top: _Key | None) -> None:
        index = step - self._first
        self._pitch[index] = top.pitch if top else REST
        self._onset[index] = top is not None and top.step == step

    def _top(self, step: int) -> _Key | None:
        """The melody's key at `step`: presses in order, each taking over unless it is the other hand's."""
        top: _Key | None = None
        for key in sorted((key for key in self._keys if key.sounds(step)), key=lambda key: (key.step, key.pitch)):
            if top is None or key.pitch >= top.pitch - HAND_SPAN:
                top = key
        return top
