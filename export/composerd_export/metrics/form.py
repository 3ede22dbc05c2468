"""Form of an accompaniment: likeness of its bars to each other.

Shapes: `cells` (parts, steps, 128) of SILENT, HELD, ONSET. `bar_steps` is 16 in 4/4.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from composerd.music.roll import ONSET, Cells
from composerd_export.metrics.consonance import Floats, chroma


def bar_features(cells: Cells, bar_steps: int = 16) -> Floats:
    """(bars, 12 * beats + bar_steps) of unit length: pitch classes of each beat, and the bar's rhythm."""
    bars = cells.shape[1] // bar_steps
    beats = in_bars(chroma(cells), bar_steps).reshape(bars, bar_steps // 4, 4, 12).sum(2) / 4.0
    rhythm = in_bars((cells == ONSET).any((0, 2)), bar_steps).astype(np.float64)
    rows = np.concatenate([beats.reshape(bars, 12 * (bar_steps // 4)), rhythm.reshape(bars, bar_steps)], 1)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def self_similarity(cells: Cells, bar_steps: int = 16) -> float:
    """0 to 1: mean cosine of every two different bars (`bar_features`). Two chords for ever come near 1."""
    rows = bar_features(cells, bar_steps)
    pairs = len(rows) * (len(rows) - 1)
    return float(((rows @ rows.T).sum() - (rows * rows).sum()) / pairs) if pairs else 0.0


def novelty(cells: Cells, bar_steps: int = 16) -> float:
    """0 to 1: how unlike all earlier bars a bar is: 1 - the best cosine of `bar_features`, mean from bar 2 on."""
    rows = bar_features(cells, bar_steps)
    best = np.tril(rows @ rows.T, -1).max(1, initial=0.0)[1:]
    return float(1.0 - best.mean()) if len(best) else 0.0


def groove(cells: Cells, bar_steps: int = 16) -> float:
    """0 to 1: how alike neighbouring bars' rhythms are: onsets in common over onsets in either, by part; nan: none.

    After Wu & Yang's grooving pattern similarity (2020), without its reward for shared silence.
    """
    begins = np.stack([in_bars((part == ONSET).any(1), bar_steps) > 0 for part in cells])
    shared = (begins[:, 1:] & begins[:, :-1]).sum(2)
    either = (begins[:, 1:] | begins[:, :-1]).sum(2)
    return float((shared[either > 0] / either[either > 0]).mean()) if (either > 0).any() else float("nan")


def likeness(one: Cells, two: Cells, bar_steps: int = 16) -> float:
    """0 to 1: mean cosine of the bars of two songs, bar by bar. Bring both into one key first."""
    bars = min(one.shape[1], two.shape[1]) // bar_steps
    a, b = (bar_features(cells[:, : bars * bar_steps], bar_steps) for cells in (one, two))
    return float((a * b).sum(1).mean()) if bars else 0.0


def in_bars(rows: npt.NDArray[np.generic], bar_steps: int) -> Floats:
    """(bars, bar_steps, ...): rows (steps, ...) of the whole bars."""
    bars = len(rows) // bar_steps
    return np.asarray(rows[: bars * bar_steps].reshape(bars, bar_steps, *rows.shape[1:]), np.float64)
