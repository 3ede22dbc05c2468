"""Biases pitches towards the passage that a bar repeats or varies, transposed from its chord to the current one."""

from __future__ import annotations

import numpy as np

from composerd.contract.frames import Bytes, Flags, Floats
from composerd.contract.layout import DRUMS, MONO, Layout, Track
from composerd.contract.part_decoding import STRIKES
from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.roll import ONSET, BandRoll

SAME_PITCH_BIAS = 3.0
"""Added to the logit of a pitch of the repeated passage."""
BASS_WEIGHT, DISTANCE = 1.0, 0.03
"""Score of a transposition: weight of the bass on the chord's bass, and cost per semitone."""
_MOVES = np.arange(-6, 6)


class RiffPitches:
    """Pitch biases of one request; `band` holds the past, `parts` the genre's part of each track, -1 for none."""

    def __init__(self, layout: Layout, parts: tuple[int, ...], band: BandRoll, plan: ChordPlan) -> None:
        self.layout, self.parts, self.band, self.plan = layout, parts, band, plan
        pitched = [part for track, part in zip(layout.tracks, parts, strict=True) if track.kind != DRUMS and part >= 0]
        self._sounding: Flags = np.asarray((band.cells[pitched] > 0).any(0))
        self._moves: dict[tuple[int, int], int] = {}

    def pitch_bias(self, first: int, rhythm: dict[int, Bytes], sources: dict[int, np.ndarray]) -> dict[int, Floats]:
        """Per track (1, steps, rows): added to the pitch logits of the steps from `first` on.

        `rhythm` per track (steps,) of rhythm states; `sources` per track (steps,) distance to the repeated passage in
        steps, 0 for none.
        """
        return {
            i: self._of(track, self.parts[i], first, rhythm[i], sources[i])[None]
            for i, track in enumerate(self.layout.tracks)
            if i in rhythm and self.parts[i] >= 0
        }

    def _of(self, track: Track, part: int, first: int, rhythm: Bytes, sources: np.ndarray) -> Floats:
        found = np.zeros((len(rhythm), track.rows), np.float32)
        for i in np.flatnonzero((rhythm == STRIKES) & (sources > 0)).tolist():
            step = first + i
            source = step - int(sources[i]) - self.band.first
            planned = self.plan.at(step)
            if planned is None or not 0 <= source < self.band.cells.shape[1]:
                continue
            pitches = np.flatnonzero(self.band.cells[part, source] == ONSET)
            if len(pitches):
                settle = track.kind != MONO or step % STEPS_PER_BEAT == 0
                moved = self._moved(pitches, planned, int(sources[i]), settle)
                rows = _within(moved, track) - track.low
                found[i, rows] = SAME_PITCH_BIAS
        return found

    def _moved(self, pitches: np.ndarray, planned: PlannedChord, back: int, settle: bool) -> np.ndarray:
        """The pitches transposed with the chord; with `settle` those a semitone beside a chord tone move onto it."""
        tones = np.isin(np.arange(12), planned.chord.pitch_classes)
        moved = pitches + self._move(planned, back, tones)
        if not settle:
            return moved
        down, up = tones[(moved - 1) % 12], tones[(moved + 1) % 12]
        return moved + np.where(tones[moved % 12], 0, np.where(down, -1, np.where(up, 1, 0)))

    def _move(self, planned: PlannedChord, back: int, tones: np.ndarray) -> int:
        """Transposition in semitones by which the music `back` steps before a chord fits it best."""
        key = planned.step, back
        if key not in self._moves:
            first = planned.step - back - self.band.first
            sounding = self._sounding[max(0, first) : max(0, first + planned.length)]
            chroma = sounding.sum(0).reshape(-1) if len(sounding) else np.zeros(128)
            folded = np.bincount(np.arange(128) % 12, chroma, 12)
            lowest = np.argmax(sounding[sounding.any(1)], 1) % 12 if len(sounding) else np.zeros(0, np.int64)
            bass = np.bincount(lowest, minlength=12)
            classes = (np.arange(12)[None] + _MOVES[:, None]) % 12
            fit = (folded * tones[classes]).sum(1) / max(1.0, folded.sum())
            fit += BASS_WEIGHT * (bass * (classes == planned.chord.bass_class)).sum(1) / max(1, bass.sum())
            self._moves[key] = int(_MOVES[np.argmax(fit - DISTANCE * np.abs(_MOVES))])
        return self._moves[key]


def _within(pitches: np.ndarray, track: Track) -> np.ndarray:
    """Pitches moved by octaves into the track's range, where they leave it."""
    raised = np.where(pitches < track.low, pitches + 12 * (-((pitches - track.low) // 12)), pitches)
    lowered = np.where(raised > track.high, raised - 12 * (-((track.high - raised) // 12)), raised)
    return np.clip(lowered, track.low, track.high)
