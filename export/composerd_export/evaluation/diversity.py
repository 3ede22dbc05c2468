"""Variety: similarity between songs in one key, and between two seeds' accompaniments of one song."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from composerd.music.roll import Cells
from composerd_export.evaluation.baselines import BAR, transposed
from composerd_export.evaluation.songs import SongClip
from composerd_export.metrics.consonance import Floats
from composerd_export.metrics.form import bar_features, likeness


def between_songs(songs: Sequence[SongClip], played: Sequence[Cells], pitched: Sequence[int]) -> float:
    """0 to 1: mean likeness, bar by bar from bar 2 on, of the accompaniments of every two works of one mode in one key.

    nan without two such works.
    """
    features = [_features(song, cells, pitched) for song, cells in zip(songs, played, strict=True)]
    pairs = [
        float((features[a][: len(features[b])] * features[b][: len(features[a])]).sum(1).mean())
        for a, b in combinations(range(len(songs)), 2)
        if songs[a].work != songs[b].work and songs[a].key.minor == songs[b].key.minor
    ]
    return float(np.mean(pairs)) if pairs else float("nan")


def _features(song: SongClip, cells: Cells, pitched: Sequence[int]) -> Floats:
    in_c = transposed(cells, 5 - (song.key.tonic + 5) % 12, pitched)
    return bar_features(in_c[list(pitched), BAR:])


def between_seeds(one: Sequence[Cells], two: Sequence[Cells], pitched: Sequence[int]) -> float:
    """0 to 1: mean likeness of the same songs' accompaniments under two seeds; 1 means the seed changes nothing."""
    rows = list(pitched)
    return float(np.mean([likeness(a[rows, BAR:], b[rows, BAR:]) for a, b in zip(one, two, strict=True)]))
