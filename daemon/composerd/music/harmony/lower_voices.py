"""Recognises the player's notes below the melody: chords, held or broken, and single notes, which are the bass.

There is no setting and no split point: the melody is the outer voice, all other keys are below it. Recognised chords
are the plan's chords.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.harmony.encoding import Below, BelowRoll
from composerd.music.harmony.naming import DOUBTFUL, chord_named, chord_of_notes
from composerd.music.harmony.tonic import relative_major
from composerd.music.metre import STEPS_PER_BEAT, BarGrid

LEAST_TONES = 3
"""different tones that make a broken chord"""
LINGERS = 4
"""overlap after which a melody note held below the next one counts as a lower voice [steps]"""
RECENT = 16
"""longest stretch of the tones of one broken chord [steps]"""
STRIDE = 8
"""time for which a low note is the bass of chords struck above it, held or not [steps]"""
ENOUGH = 12
"""number of keys from which on the scale is estimated"""
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
MEMORY = 512
"""length of the past that is kept [steps]"""


@dataclass(slots=True)
class _Key:
    pitch: int
    step: int
    led: bool = False
    """whether it was the melody at the end of its step"""
    end: int | None = None

    def sounds(self, step: int) -> bool:
        return self.step <= step and (self.end is None or step < self.end)


@dataclass(slots=True)
class _Stated:
    """A chord that the player played from `step` on; `touched`: the last step on which one of its keys was down."""

    step: int
    chord: Chord
    touched: int


@dataclass(slots=True)
class LowerVoices:
    """Collects keys by step. Steps are closed in order; a late key counts for the step that it is given with."""

    first: int
    _keys: list[_Key] = field(default_factory=list)
    _stated: list[_Stated] = field(default_factory=list)
    _recent: list[_Key] = field(default_factory=list)
    """all keys of the last RECENT steps, in order"""
    _counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(12, np.int64))
    """keys so far, by pitch class"""
    _since: int = 0
    """the step from which on lower notes may be one broken chord"""
    _tones: dict[int, tuple[frozenset[int], int]] = field(default_factory=dict)
    """by closed step on which they sounded: pitch classes, and the lowest"""

    def press(self, step: int, pitch: int, sung: int | None) -> bool:
        """Add a key for `step`, on which the melody has pitch `sung`. Returns whether the chord or bass has changed."""
        before, scale = self._meaning(step), self._scale()
        self._counts[pitch % 12] += 1
        self.release(step, pitch)
        key = _Key(pitch, step)
        self._keys.append(key)
        self._recent = [*(one for one in self._recent if step - one.step < RECENT), key]
        low = self._lower(step, sung)
        chord = self._held_chord(low, step, sung, scale) or self._broken_chord(step, sung, scale)
        if chord is not None:
            self._state(step, chord)
        return self._meaning(step) != before or (chord is None and low == {pitch})

    def release(self, end: int, pitch: int) -> None:
        for key in self._keys:
            if key.pitch == pitch and key.end is None:
                key.end = max(key.step + 1, end)

    def close(self, step: int, sung: int | None) -> None:
        """End `step`, on which the melody's pitch was `sung`."""
        low = self._lower(step, sung)
        if low:
            self._tones[step] = (frozenset(pitch % 12 for pitch in low), min(low) % 12)
            self._tones.pop(step - MEMORY, None)
        if self._stated and self._holds(self._stated[-1], low):
            self._stated[-1].touched = step
        for key in self._keys:
            key.led = key.led or (key.step == step and key.pitch == sung)
        self._keys = [key for key in self._keys if key.end is None or key.end > step]

    def sounding(self, end: int, length: int, sung: int | None = None) -> BelowRoll | None:
        """The notes below the melody in the last `length` steps before `end`; None if there were none.

        The last step may still be open; the melody has pitch `sung` on it.
        """
        first = max(self.first, end - length)
        rows = {step: tones for step, tones in self._tones.items() if first <= step < end}
        low = self._lower(end - 1, sung) if end - 1 not in rows else set()
        if low:
            rows[end - 1] = (frozenset(pitch % 12 for pitch in low), min(low) % 12)
        if not rows:
            return None
        tones, bass = np.zeros((end - first, 12), np.bool_), np.full(end - first, -1, np.int16)
        for step, (classes, lowest) in rows.items():
            tones[step - first, sorted(classes)] = True
            bass[step - first] = lowest
        for stated in self._stated:
            span = slice(max(0, stated.step - first), max(0, stated.touched + 1 - first))
            tones[span, list(stated.chord.pitch_classes)] = True
            bass[span] = stated.chord.bass_class
        return BelowRoll(first, Below(tones, bass))

    def plan(self, grid: BarGrid) -> ChordPlan | None:
        """The chords played so far, each until the next one or the end of the bar in which it was last touched."""
        entries = []
        for index, stated in enumerate(self._stated):
            end = grid.next_bar_line(stated.touched)
            if index + 1 < len(self._stated):
                end = min(end, self._stated[index + 1].step)
            entries.append(PlannedChord(stated.step, end - stated.step, stated.chord))
        return ChordPlan(tuple(entries)) if entries else None

    def _scale(self) -> frozenset[int]:
        """The scale's pitch classes; empty before ENOUGH keys."""
        if self._counts.sum() < ENOUGH:
            return frozenset()
        tonic = relative_major(self._counts, int(self._counts.argmax()))
        return frozenset((tonic + degree) % 12 for degree in MAJOR_SCALE)

    def _lower(self, step: int, sung: int | None) -> set[int]:
        """Pitches that sound below the melody at `step`, without melody notes that overlap the next one."""
        keys = [key for key in self._keys if key.sounds(step) and (sung is None or key.pitch < sung)]
        many = len({key.pitch for key in keys}) >= LEAST_TONES
        return {key.pitch for key in keys if many or not key.led or step - key.step >= LINGERS}

    def _held_chord(self, low: set[int], step: int, sung: int | None, scale: Collection[int]) -> Chord | None:
        if len({pitch % 12 for pitch in low}) < 2:
            return None
        together = any(key.pitch == sung and key.step == step for key in self._keys)
        melody = None if sung is None else sung % 12
        tones, lowest = {pitch % 12 for pitch in low}, min(low)
        deep = min((key.pitch for key in self._below(step, sung) if step - key.step <= STRIDE), default=lowest)
        if deep < lowest:
            chord, cost = chord_named({*tones, deep % 12}, deep % 12, melody, scale)
            if cost <= DOUBTFUL:
                return chord
        return chord_of_notes(tones, lowest % 12, melody, together, scale)

    def _below(self, step: int, sung: int | None) -> list[_Key]:
        """The keys of the last RECENT steps that were played below the melody, in order."""
        return [key for key in self._recent if not key.led and (key.step < step or sung is None or key.pitch < sung)]

    def _broken_chord(self, step: int, sung: int | None, scale: Collection[int]) -> Chord | None:
        """The chord of the lower notes that were played one after the other; None before LEAST_TONES of them."""
        below = self._below(step, sung)
        now = self._stated[-1] if self._stated else None
        own = set(now.chord.pitch_classes) if now is not None else set()
        new = {key.pitch % 12 for key in below if key.step == step}
        if not new:
            return None
        if now is not None and new <= own:
            now.touched = max(now.touched, step)
        elif step % STEPS_PER_BEAT == 0 and self._group_is_over(below, step, own):
            self._since = step
        below = [key for key in below if key.step >= self._since]
        tones = {key.pitch % 12 for key in below}
        if len(tones) < LEAST_TONES or tones <= own:
            return None
        chord = chord_of_notes(tones, min(key.pitch for key in below) % 12, None, False, scale)
        whole = chord is not None and tones <= set(chord.pitch_classes)
        return chord if whole else None

    def _group_is_over(self, below: list[_Key], step: int, own: set[int]) -> bool:
        """Whether a note outside the current chord begins another group; not if one has already begun."""
        group = {key.pitch % 12 for key in below if self._since <= key.step < step}
        return group <= own or step - self._since >= STRIDE

    def _state(self, step: int, chord: Chord) -> None:
        last = self._stated[-1] if self._stated else None
        if last is not None and step >= last.step and _goes_on(last.chord, chord):
            last.touched = max(last.touched, step)
            return
        self._stated = [one for one in self._stated if one.step < step and step - one.step < MEMORY]
        self._stated.append(_Stated(step, chord, step))

    def _holds(self, stated: _Stated, low: set[int]) -> bool:
        return len({pitch % 12 for pitch in low} & set(stated.chord.pitch_classes)) >= 2

    def _meaning(self, step: int) -> tuple[Chord | None, int]:
        """The current chord and bass."""
        sounding = [key.pitch for key in self._keys if key.sounds(step)]
        return (self._stated[-1].chord if self._stated else None, min(sounding, default=-1) % 12)


def _goes_on(now: Chord, chord: Chord) -> bool:
    """Whether `chord` is the same as before, but perhaps for an alternating bass on the fifth."""
    same = (now.root, now.quality) == (chord.root, chord.quality)
    return same and (now.bass == chord.bass or (now.bass is None and chord.bass_class == (now.root + 7) % 12))
