"""Encodes windows of melody, chord plan and band as the net's input frames (numpy only)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.contract.layout import DRUMS, MELODY_HIGH, MELODY_LOW, PHASES, Layout
from composerd.music.harmony.labelling import NO_CHORD, TONES
from composerd.music.roll import HELD, ONSET, REST

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

UNKNOWN_PHASE = -1
_TONES = np.concatenate([TONES, np.zeros((1, 12))]).astype(np.float32)
"""chord index -> its 12 pitch classes; row NO_CHORD (-1) is empty"""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """B windows of T steps; encoding masks every value whose `known` flag is off."""

    melody: Ints
    """(B, T) MIDI pitch or REST"""
    melody_onset: Flags
    """(B, T)"""
    melody_known: Flags
    """(B, T)"""
    phase: Ints
    """(B, T) step in the bar: 0-15 in 16-step bars, 16-27 in 12-step bars, UNKNOWN_PHASE off the grid"""
    chord: Ints
    """(B, T) chord index (labelling) or NO_CHORD"""
    chord_bass: Ints
    """(B, T) pitch class of the bass, -1 where no chord"""
    chord_known: Flags
    """(B, T)"""
    cells: tuple[Bytes, ...]
    """per track (B, T, rows) of SILENT, HELD, ONSET; drums have only ONSET"""
    known: Flags
    """(B, T, tracks)"""

    @property
    def shape(self) -> tuple[int, int]:
        """(B, T)"""
        return self.melody.shape[0], self.melody.shape[1]


def phases(bar_steps: int, step: npt.NDArray[np.int64] | int) -> Ints:
    """Phase rows of steps within a bar: 12-step bars have rows of their own, all others count as 16-step bars."""
    place = np.asarray(step, np.int64)
    return place % 12 + 16 if bar_steps in (6, 12) else place % 16


def fold(pitch: Ints, low: int = MELODY_LOW, high: int = MELODY_HIGH) -> Ints:
    """Move pitches by octaves into [low, high]; REST stays."""
    raised = np.where(pitch < low, pitch + 12 * ((low - pitch + 11) // 12), pitch)
    folded = np.where(raised > high, raised - 12 * ((raised - high + 11) // 12), raised)
    return np.where(pitch == REST, REST, folded)


def _one_hot(index: Ints, out: Floats) -> None:
    """Write 1 at `index` (B, T) of out (B, T, rows) wherever the index is not negative."""
    batch, time = np.nonzero(index >= 0)
    out[batch, time, index[batch, time]] = 1.0


def encode(layout: Layout, window: Window) -> Floats:
    """Encode a window as frames (B, T, layout.width)."""
    batch, steps = window.shape
    frames = np.zeros((batch, steps, layout.width), np.float32)
    columns = layout.input_columns
    _encode_melody(frames, columns, window)
    _one_hot(np.where(window.phase < PHASES, window.phase, UNKNOWN_PHASE), frames[..., columns["phase"]])
    _encode_plan(frames[..., columns["plan"]], window)
    for i, track in enumerate(layout.tracks):
        known = window.known[:, :, i, None]
        cells = window.cells[i]
        frames[..., columns[f"{track.name}.onset"]] = (cells == ONSET) & known
        if track.kind != DRUMS:
            frames[..., columns[f"{track.name}.sound"]] = (cells >= HELD) & known
        frames[..., columns[f"{track.name}.known"]] = known
    return frames


def _encode_melody(frames: Floats, columns: dict[str, slice], window: Window) -> None:
    melody = np.where(window.melody_known, fold(window.melody), REST)
    _one_hot(np.where(melody == REST, -1, melody - MELODY_LOW), frames[..., columns["melody.sound"]])
    frames[..., columns["melody.onset"]] = (window.melody_onset & window.melody_known)[..., None]
    frames[..., columns["melody.rest"]] = ((melody == REST) & window.melody_known)[..., None]
    frames[..., columns["melody.known"]] = window.melody_known[..., None]


def _encode_plan(frames: Floats, window: Window) -> None:
    known = window.chord_known & (window.chord != NO_CHORD)
    chord = np.where(known, window.chord, NO_CHORD)
    frames[..., :12] = _TONES[chord]
    _one_hot(np.where(known, window.chord_bass, -1), frames[..., 12:24])
    frames[:, 1:, 24] = (chord[:, 1:] != chord[:, :-1]) & known[:, 1:]
    frames[..., 25] = known
