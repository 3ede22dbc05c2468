"""Grooves: where in the bar the parts of the corpus's songs strike, by the songs that stand for most of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from composerd.contract.card import GROOVE_STEPS, Groove
from composerd.contract.layout import DRUMS, Layout
from composerd.music.roll import ONSET
from composerd_export.data.rolls import Rolls

Floats = npt.NDArray[np.float64]

COUNT = 16
"""Grooves of a genre."""
BARS = 8
"""They are read off stretches of this many bars."""
ROUNDS = 20
_LEAST = 0.5
"""Onsets a bar below which a part counts as not playing."""
_PRIOR = 0.5
"""Onsets on each step that every stretch is believed to have besides its own; keeps logits finite."""
FURTHEST = 2.5


def song_grooves(rolls: Rolls, layout: Layout, count: int = COUNT, seed: int = 5) -> tuple[Groove, ...]:
    """Up to `count` stretches of songs in 4/4 that stand for all of them; none where the corpus has none."""
    profiles, weights = stretches(rolls, layout)
    if len(profiles) < 2:
        return ()
    chosen, shares = medoids(profiles.reshape(len(profiles), -1), weights, count, np.random.default_rng(seed))
    names = [track.name for track in layout.tracks if track.kind != DRUMS]
    mean = np.average(profiles, 0, weights)
    return tuple(
        _groove(names, profiles[index], mean, share)
        for index, share in zip(chosen.tolist(), shares.tolist(), strict=True)
    )


def stretches(rolls: Rolls, layout: Layout) -> tuple[Floats, Floats]:
    """(stretches, pitched tracks, GROOVE_STEPS) share of bars with an onset there, and how much each stretch counts."""
    lines = np.flatnonzero(rolls.phase == 0)
    length = BARS * GROOVE_STEPS
    lines = lines[lines + length <= len(rolls.phase)]
    inside = (rolls.piece[lines] == rolls.piece[lines + length - 1]) & (rolls.phase[lines + length - 1] == 15)
    starts = _apart(lines[inside], length)
    steps = starts[:, None] + np.arange(length)
    rows = [
        (rolls.cells[i] == ONSET).any(1)[steps].reshape(-1, BARS, GROOVE_STEPS).mean(1)
        for i, track in enumerate(layout.tracks)
        if track.kind != DRUMS
    ]
    profiles = np.stack(rows, 1).astype(np.float64)
    counts = np.bincount(rolls.piece[starts], minlength=len(rolls.meta))
    weights = rolls.weights[rolls.piece[starts]] / np.sqrt(counts[rolls.piece[starts]])
    some = (profiles.sum(2) >= _LEAST).any(1)
    return profiles[some], weights[some]


def _apart(starts: npt.NDArray[np.int64], length: int) -> npt.NDArray[np.int64]:
    """Of sorted starts those that do not overlap."""
    kept: list[int] = []
    for start in starts.tolist():
        if not kept or start >= kept[-1] + length:
            kept.append(start)
    return np.array(kept, np.int64)


def medoids(
    points: Floats, weights: Floats, count: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Points nearest to the centres that weighted k-means finds, and the share of the weight around each."""
    centres = points[rng.choice(len(points), min(count, len(points)), replace=False, p=weights / weights.sum())]
    for _ in range(ROUNDS):
        nearest = _distances(points, centres).argmin(1)
        for k in np.unique(nearest).tolist():
            mine = nearest == k
            centres[k] = np.average(points[mine], 0, weights[mine])
    nearest = _distances(points, centres).argmin(1)
    shares = np.bincount(nearest, weights, len(centres)) / weights.sum()
    chosen = _distances(points, centres).argmin(0)
    return chosen[shares > 0], shares[shares > 0]


def _distances(points: Floats, centres: Floats) -> Floats:
    squared: Floats = (points**2).sum(1)[:, None] - 2 * points @ centres.T + (centres**2).sum(1)[None]
    return squared


def _groove(names: list[str], profile: Floats, mean: Floats, share: float) -> Groove:
    rates, steps = {}, {}
    away = _logit(profile) - _logit(mean)
    for name, own, row in zip(names, profile, away, strict=True):
        if own.sum() >= _LEAST:
            rates[name] = round(float(np.log(own.mean())), 3)
            steps[name] = tuple(round(float(value), 2) for value in np.clip(row, -FURTHEST, FURTHEST))
    return Groove(round(share, 4), rates, steps)


def _logit(share: Floats) -> Floats:
    believed = (share * BARS + _PRIOR) / (BARS + 2 * _PRIOR)
    logits: Floats = np.log(believed) - np.log1p(-believed)
    return logits
