"""Classifiers that distinguish people from a band, and the features that they do it by (classifier two-sample test).

Gradient boosting and a random forest, averaged, predict windows of works that they were not trained on. The figure is
the area under the ROC curve: .5 the judge cannot tell, 1 it always can (Lopez-Paz & Oquab, 2017).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from composerd_export.evaluation.judge.features import OF_MELODY
from composerd_export.evaluation.judge.rolls import Features

Floats = npt.NDArray[np.float64]

FOLDS = 5
TREES = 150
BOOTSTRAPS = 300
FEWEST_WORKS = 2
GROUPS: Mapping[str, tuple[str, ...]] = {
    "rhythm": (".onsets", ".onsets_sd", ".empty", ".pos", ".lag", ".patterns", "drums.", "sync."),
    "repetition": (".lag", ".patterns"),
    "harmony": ("harm.", "bass.root", "score.pcs", "score.clash", "score.nic", "score.mtriad", "score.inkey",
                "score.intclash", "score.upc", "score.npc", "score.chg"),
    "lines": ("bass.iv_", "bass.mean", "bass.range", "band.poly", "band.pitch", "band.low", "band.chordsize",
              "band.voicelead", "band.samechord", "band.spread", "band.second", "band.overmelody"),
    "lengths": (".dur",),
}  # fmt: skip
"""Parts of the features' names; a feature may be in several groups."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """Windows as rows of features."""

    names: tuple[str, ...]
    values: Floats
    """(windows, features), nan where a window has no such thing"""
    works: tuple[str, ...]
    """of each window"""

    @classmethod
    def of(cls, windows: Sequence[tuple[str, Features]]) -> FeatureTable:
        """Make a table of `windows`: (work, features) of each."""
        names = tuple(sorted(windows[0][1])) if windows else ()
        values = np.array([[found[name] for name in names] for _, found in windows], np.float64)
        return cls(names, values.reshape(len(windows), len(names)), tuple(work for work, _ in windows))

    def __len__(self) -> int:
        return len(self.works)

    def only(self, names: Sequence[str]) -> FeatureTable:
        """The table with these features, as far as it has them."""
        kept = [self.names.index(name) for name in names if name in self.names]
        return FeatureTable(tuple(self.names[index] for index in kept), self.values[:, kept], self.works)

    def rows(self, chosen: Sequence[int]) -> FeatureTable:
        return FeatureTable(self.names, self.values[list(chosen)], tuple(self.works[index] for index in chosen))

    def mean(self, name: str) -> float:
        """Mean over the windows that have the feature; nan without one."""
        column = self.values[:, self.names.index(name)] if name in self.names else np.zeros(0)
        known = column[~np.isnan(column)]
        return float(known.mean()) if len(known) else float("nan")

    def spread(self, name: str) -> float:
        """Standard deviation over the windows that have the feature."""
        column = self.values[:, self.names.index(name)]
        known = column[~np.isnan(column)]
        return float(known.std()) if len(known) else float("nan")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well two sets of windows can be distinguished."""

    auc: float
    low: float
    high: float
    """95 % interval, works drawn again and again (bootstrap)"""
    weights: Mapping[str, float]
    """feature -> its share in the forest's decisions"""


def comparable(one: FeatureTable, two: FeatureTable, same_melodies: bool, without: Sequence[str] = ()) -> list[str]:
    """The features by which two tables may be compared; those of the melody only if both have the same melodies."""
    left_out = {*without, *(() if same_melodies else OF_MELODY)}
    return [name for name in one.names if name in two.names and name not in left_out]


def of_group(names: Sequence[str], group: str) -> list[str]:
    """The features of one of GROUPS."""
    parts = GROUPS[group]
    return [name for name in names if any(name.startswith(part) or (part[0] == "." and part in name) for part in parts)]


def verdict(people: FeatureTable, band: FeatureTable, seed: int = 0, trees: int = TREES) -> Verdict | None:
    """Judges `band` against `people`; None if there are too few works to judge unseen ones."""
    values = np.concatenate([people.values, band.values])
    labels = np.repeat([0, 1], [len(people), len(band)])
    works = np.unique([*people.works, *band.works], return_inverse=True)[1]
    if len(np.unique(works)) < FEWEST_WORKS or not len(people) or not len(band) or not values.shape[1]:
        return None
    with threadpool_limits(1):  # so few rows are not worth a second thread, which costs much on a busy machine
        likely, weights = _predicted(values, labels, works, seed, trees)
    low, high = _interval(labels, likely, works, seed)
    return Verdict(area(labels, likely), low, high, dict(zip(people.names, weights, strict=True)))


def _predicted(
    values: Floats, labels: npt.NDArray[np.int64], works: npt.NDArray[np.int64], seed: int, trees: int
) -> tuple[Floats, list[float]]:
    """(windows,) predicted probability that each is the band's, its work left out; and the weights of the features."""
    values = np.where(_varied(values), values, 0.0)
    filled = np.nan_to_num(values, nan=-1.0)
    order = np.random.default_rng(seed).permutation(works.max() + 1)
    likely, weights = np.full(len(labels), 0.5), np.zeros(values.shape[1])
    folds = GroupKFold(min(FOLDS, len(np.unique(works))))
    for seen, unseen in folds.split(values, labels, order[works]):
        if len(np.unique(labels[seen])) < 2:
            continue
        boosted, forest = boosting(seed, max(1, trees // 2)), forest_of(seed, trees)
        boosted.fit(values[seen], labels[seen])
        forest.fit(filled[seen], labels[seen])
        likely[unseen] = (boosted.predict_proba(values[unseen])[:, 1] + forest.predict_proba(filled[unseen])[:, 1]) / 2
        with np.errstate(invalid="ignore"):  # of trees that gain nothing by their splits
            weights += np.nan_to_num(forest.feature_importances_)
    return likely, (weights / max(1e-12, weights.sum())).tolist()


def boosting(seed: int, rounds: int) -> HistGradientBoostingClassifier:
    """Gradient boosting for some hundred rows; it treats nan as a value."""
    return HistGradientBoostingClassifier(
        max_iter=rounds,
        learning_rate=0.1,
        max_leaf_nodes=8,
        min_samples_leaf=5,
        l2_regularization=1.0,
        random_state=seed,
    )


def forest_of(seed: int, trees: int) -> RandomForestClassifier:
    return RandomForestClassifier(trees, min_samples_leaf=2, random_state=seed, n_jobs=1)


def _varied(values: Floats) -> npt.NDArray[np.bool_]:
    """(features,): those with more than two values."""
    return np.array([len(np.unique(column[~np.isnan(column)])) > 2 for column in values.T])


def area(labels: npt.NDArray[np.int64], likely: Floats, weights: Floats | None = None) -> float:
    """Area under the ROC curve: share of the pairs of a 1 and a 0 whose 1 is likelier (ties half); nan without one."""
    share = np.ones(len(labels)) if weights is None else weights
    ones, zeros = labels == 1, labels == 0
    higher = np.sign(likely[ones][:, None] - likely[zeros][None]) / 2 + 0.5
    total = share[ones].sum() * share[zeros].sum()
    return float(share[ones] @ higher @ share[zeros] / total) if total else float("nan")


def _interval(
    labels: npt.NDArray[np.int64], likely: Floats, works: npt.NDArray[np.int64], seed: int
) -> tuple[float, float]:
    rng, count = np.random.default_rng(seed), int(works.max()) + 1
    drawn = [np.bincount(rng.integers(0, count, count), minlength=count)[works] for _ in range(BOOTSTRAPS)]
    found = np.array([area(labels, likely, weights.astype(np.float64)) for weights in drawn])
    low, high = np.percentile(found[~np.isnan(found)], (2.5, 97.5)).tolist()
    return low, high


def giveaways(
    people: FeatureTable, band: FeatureTable, found: Verdict, count: int = 12
) -> list[tuple[str, float, float, float]]:
    """(feature, weight, people's mean, the band's mean) of the features with the greatest weights."""
    ranked = sorted(found.weights, key=lambda name: -found.weights[name])[:count]
    return [(name, found.weights[name], people.mean(name), band.mean(name)) for name in ranked]
