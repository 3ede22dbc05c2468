"""The people that a band is judged by: windows of both splits of a corpus, and figures of real bands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from composerd_export.data.corpus import Corpus
from composerd_export.datasets import DATASETS
from composerd_export.evaluation.judge.classify import FeatureTable
from composerd_export.evaluation.judge.features import features
from composerd_export.evaluation.judge.windows import JudgedWindow, usual_bars, windows_of

FEWEST_WINDOWS = 8
"""With fewer genuine windows in the half, the band is judged by people of the training split."""
SETS = ("", "genuine_")
"""Prefixes of a corpus's files: its own pieces, and further pieces that people arranged."""

Reader = Callable[[str, str], Sequence[Corpus]]
"""(dataset, split) -> the corpora of SETS that there are."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """People's windows, and the melodies that a band is given."""

    windows: list[JudgedWindow]
    """windows that the band is compared with"""
    others: list[JudgedWindow]
    """people beside them, of the training split"""
    melodies: list[JudgedWindow]
    """windows whose melodies the band is given: first `windows`, if they are of the half"""
    same_melodies: bool
    """whether the band plays to the melodies of `windows`"""

    @property
    def shared(self) -> int:
        """How many of `melodies` are those of `windows`."""
        return len(self.windows) if self.same_melodies else len(self.melodies)


def people_of(dataset: str, read: Reader, count: int, bars: int | None, half: str, seed: int) -> People:
    """Up to `count` windows of each kind, from works of the half of `valid`, or of `train` if there are too few."""
    valid, train = read(dataset, "valid"), read(dataset, "train")
    melody = valid[0].tracks[valid[0].melody_track]
    bars = bars or usual_bars(melody)
    windows = windows_of(valid, bars, count, half, True, seed)
    enough = len(windows) >= FEWEST_WINDOWS
    others = windows_of(train, bars, count if enough else 2 * count, genuine=True, seed=seed)
    more = windows_of(valid, bars, max(0, count - len(windows)), half, False, seed)
    melodies = [*windows, *more]
    if enough:
        return People(windows, others, melodies, True)
    works = sorted({window.work for window in others})
    taken = set(works[::2])
    return People(
        [window for window in others if window.work in taken],
        [window for window in others if window.work not in taken],
        melodies,
        False,
    )


def table_of(windows: Sequence[JudgedWindow]) -> FeatureTable:
    return FeatureTable.of([(window.work, features(window)) for window in windows])


def genre_people(
    read: Reader, count: int, seed: int, names: Sequence[str] = tuple(DATASETS)
) -> dict[str, FeatureTable]:
    """Genre -> windows of people of its training split."""
    found = {}
    for name in names:
        corpora = read(name, "train")
        if corpora:
            bars = usual_bars(corpora[0].tracks[corpora[0].melody_track])
            found[name] = table_of(windows_of(corpora, bars, count, genuine=True, seed=seed))
    return {name: table for name, table in found.items() if len(table)}
