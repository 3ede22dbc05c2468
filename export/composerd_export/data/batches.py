"""Batches: random windows of a dataset, transposed, as targets; built with array operations only."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from composerd.contract.frames import UNKNOWN_PHASE, Window, fold
from composerd.contract.layout import DRUMS, MONO, Track
from composerd.music.harmony import labelling
from composerd.music.roll import REST
from composerd_export.data.rolls import Rolls

WINDOW = 64
MAX_TRANSPOSITION = 6
_LEAST_MELODY = 0.3
"""Least share of steps with melody in a window that is drawn (a quarter of pop's bars have none)."""


@dataclass(frozen=True, slots=True, eq=False)
class WindowBatch:
    """Windows with complete melody, parts and plan, and masks of where they hold music."""

    window: Window
    """the complete window, with all flags known; `cells` are the truth"""
    valid: npt.NDArray[np.bool_]
    """(B, T) inside the piece and on the bar grid"""
    present: npt.NDArray[np.bool_]
    """(B, tracks) the piece has this part"""
    cell: npt.NDArray[np.int64]
    """(B, T) running number of the planned chord"""


class Windows:
    """Draws random windows of a split; equal random generators give equal windows."""

    def __init__(self, rolls: Rolls, tracks: tuple[Track, ...]) -> None:
        self.rolls, self.tracks = rolls, tracks
        bar_lines = np.flatnonzero((rolls.phase == 0) | (rolls.phase == 16))
        bar_lines = bar_lines[bar_lines + WINDOW // 2 < len(rolls.melody)]
        sung = np.cumsum(np.pad(rolls.melody != REST, (1, WINDOW)))
        share = (sung[bar_lines + WINDOW] - sung[bar_lines]) / WINDOW
        inside = rolls.piece[bar_lines] == rolls.piece[bar_lines + WINDOW // 2]
        self.starts = bar_lines[(share >= _LEAST_MELODY) & inside]
        chance = np.cumsum(rolls.weights[rolls.piece[self.starts]])
        self._chance = chance / chance[-1] if len(chance) else chance
        self._margins = self._transpositions()

    def __len__(self) -> int:
        return len(self.starts)

    def _transpositions(self) -> npt.NDArray[np.int64]:
        """(pieces, 2): how far a piece may move down and up before a monophonic part leaves its range."""
        pieces = len(self.rolls.meta)
        margins = np.tile(np.array([-MAX_TRANSPOSITION, MAX_TRANSPOSITION - 1]), (pieces, 1))
        for track, cells in zip(self.tracks, self.rolls.cells, strict=True):
            if track.kind != MONO:
                continue
            sounds = np.zeros((pieces, track.rows), np.bool_)
            for piece in range(pieces):
                first, until = np.searchsorted(self.rolls.piece, [piece, piece + 1])
                sounds[piece] = cells[first:until].any(0)
            some = sounds.any(1)
            low = np.argmax(sounds, 1)
            high = track.rows - 1 - np.argmax(sounds[:, ::-1], 1)
            margins[some, 0] = np.maximum(margins[some, 0], -low[some])
            margins[some, 1] = np.minimum(margins[some, 1], track.rows - 1 - high[some])
        return margins

    def draw(self, size: int, rng: np.random.Generator) -> WindowBatch:
        """`size` random windows, each transposed."""
        chosen = np.searchsorted(self._chance, rng.random(size))
        starts = self.starts[np.minimum(chosen, len(self.starts) - 1)]
        low, high = self._margins[self.rolls.piece[starts]].T
        shift = low + (rng.random(size) * (high - low + 1)).astype(np.int64)
        return self.at(starts, shift)

    def at(self, starts: npt.NDArray[np.int64], shift: npt.NDArray[np.int64]) -> WindowBatch:
        """The windows that start at these steps, moved by `shift` semitones each."""
        rolls = self.rolls
        steps = starts[:, None] + np.arange(WINDOW)[None]
        steps = np.minimum(steps, len(rolls.melody) - 1)
        valid = (rolls.piece[steps] == rolls.piece[starts][:, None]) & (rolls.phase[steps] != UNKNOWN_PHASE)
        valid &= np.cumsum(~valid, 1) == 0
        melody = rolls.melody[steps].astype(np.int64)
        melody = fold(np.where(valid & (melody != REST), melody + shift[:, None], REST))
        chord = labelling.transposed(rolls.chord[steps].astype(np.int64), shift[:, None])  # type: ignore[arg-type]
        bass = rolls.chord_bass[steps].astype(np.int64)
        known = np.repeat(valid[..., None], len(self.tracks), 2)
        present = rolls.present[rolls.piece[starts]]
        window = Window(
            melody, rolls.melody_onset[steps] & valid, valid, np.where(valid, rolls.phase[steps], UNKNOWN_PHASE),
            chord, np.where(bass >= 0, (bass + shift[:, None]) % 12, -1), valid,
            tuple(_shifted(track, cells, steps, shift) * valid[..., None] for track, cells in
                  zip(self.tracks, rolls.cells, strict=True)),
            known & present[:, None],
        )  # fmt: skip
        return WindowBatch(window, valid, present, rolls.chord_cell[steps].astype(np.int64))


def _shifted(
    track: Track, cells: npt.NDArray[np.uint8], steps: npt.NDArray[np.int64], shift: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    """Cells (B, T, rows) moved up by `shift` semitones; notes that leave the range are dropped."""
    picked: npt.NDArray[np.uint8] = cells[steps]
    if track.kind == DRUMS:
        return picked
    padded = np.pad(picked, ((0, 0), (0, 0), (MAX_TRANSPOSITION, MAX_TRANSPOSITION)))
    moved = np.empty_like(picked)
    for amount in np.unique(shift).tolist():
        rows = shift == amount
        moved[rows] = padded[rows, :, MAX_TRANSPOSITION - amount : MAX_TRANSPOSITION - amount + track.rows]
    return moved


def with_wrong_notes(window: Window, share: float, rng: np.random.Generator) -> Window:
    """The window with a share of its melody notes moved by a step or two, as players err."""
    slips = (rng.random(window.melody.shape) < share) & window.melody_onset
    group = np.cumsum(window.melody_onset, 1)
    amount = np.where(slips, rng.integers(1, 3, slips.shape) * rng.choice([-1, 1], slips.shape), 0)
    start = np.maximum.accumulate(np.where(window.melody_onset, np.arange(slips.shape[1])[None], 0), 1)
    moved = window.melody + np.where(group > 0, np.take_along_axis(amount, start, 1), 0)
    return replace(window, melody=np.where(window.melody == REST, REST, fold(moved)))
