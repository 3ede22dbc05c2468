"""The genre test: a classifier trained on human bands names the genre of a band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from composerd_export.evaluation.judge.classify import TREES, FeatureTable, comparable, forest_of
from composerd_export.evaluation.judge.real_bands import UNLIKE


@dataclass(frozen=True, slots=True)
class GenreShares:
    """The genres that were predicted for some windows."""

    right: float
    """share of the windows whose genre was named"""
    named: Mapping[str, float]
    """genre -> share of the windows"""


class GenreTest:
    """A classifier trained on people's windows, each genre with the same weight."""

    def __init__(self, people: Mapping[str, FeatureTable], seed: int = 0, trees: int = TREES) -> None:
        """`people` have the same features; those of the melody are left out."""
        tables = list(people.values())
        self._names = [name for name in comparable(tables[0], tables[0], False, UNLIKE)
                       if all(name in table.names for table in tables)]  # fmt: skip
        self._forest = forest_of(seed, trees).set_params(class_weight="balanced")
        labels = np.repeat(list(people), [len(table) for table in tables])
        self._forest.fit(np.concatenate([self._rows(table) for table in tables]), labels)

    def name(self, band: FeatureTable, genre: str) -> GenreShares:
        """Predicts the genre of each window of `band`, whose true genre is `genre`."""
        found = self._forest.predict(self._rows(band))
        kinds, counts = np.unique(found, return_counts=True)
        shares = {str(kind): float(count / len(found)) for kind, count in zip(kinds, counts, strict=True)}
        return GenreShares(shares.get(genre, 0.0), shares)

    def _rows(self, table: FeatureTable) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        return np.nan_to_num(table.only(self._names).values, nan=-1.0)
