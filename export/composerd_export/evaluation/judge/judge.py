"""One run of the judge: a band against people, people against people, the genre test, and each part alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from composerd.engine.messages import Mode
from composerd.engine.ports import Generator
from composerd.music.genre import Genre
from composerd_export.evaluation.judge.classify import (
    GROUPS,
    TREES,
    FeatureTable,
    Verdict,
    comparable,
    giveaways,
    of_group,
)
from composerd_export.evaluation.judge.classify import verdict as told_apart
from composerd_export.evaluation.judge.genres import GenreShares, GenreTest
from composerd_export.evaluation.judge.people import People, table_of
from composerd_export.evaluation.judge.performances import played
from composerd_export.evaluation.judge.real_bands import ROWS, UNLIKE
from composerd_export.evaluation.judge.solo import Figures, solos
from composerd_export.evaluation.judge.windows import JudgedWindow

WITHOUT_DRUMS = ("bach", "symphony")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One set of windows against another."""

    who: str
    against: str
    windows: int
    against_windows: int
    all: Verdict | None
    groups: Mapping[str, Verdict | None]
    """by the names of GROUPS"""
    gives_away: list[tuple[str, float, float, float]] = field(default_factory=list)
    """(feature, weight, mean of `against`, mean of `who`)"""


@dataclass(frozen=True, slots=True, eq=False)
class JudgeResult:
    """The results of one system, or of people."""

    name: str
    mode: str
    """jam, phrase, or nothing for people"""
    judgements: list[Judgement]
    means: Mapping[str, float]
    """features of ROWS"""
    genre: GenreShares | None
    solo: Mapping[str, Figures]


class Judge:
    """Compares systems of one genre with the same people."""

    def __init__(
        self,
        genre: Genre,
        dataset: str,
        people: People,
        real: FeatureTable | None,
        genres: GenreTest | None = None,
        seed: int = 0,
        trees: int = TREES,
    ) -> None:
        self.genre, self.dataset, self.people, self.real = genre, dataset, people, real
        self._genres, self._seed, self._trees = genres, seed, trees
        self._windows, self._others = table_of(people.windows), table_of(people.others)

    def humans(self) -> list[JudgeResult]:
        """Results of the people, of the other people and of real bands, each judged against people.

        The genre test is left out for those it was trained on.
        """
        people, others, real = self._windows, self._others, self.real
        found = []
        if len(people):
            judged = [] if real is None else [self._judged("people", people, "real bands", real, False)]
            found.append(self._of_people("people", self.people.windows, people, judged, self._named(people)))
        if len(others):
            judged = [self._judged("other people", others, "people", people, False)] if len(people) else []
            named = None if real is None else self._named(others)
            found.append(self._of_people("other people", self.people.others, others, judged, named))
        if real is not None:
            one, two = halves(real)
            judged = [self._judged("half", one, "the other half", two, False)]
            found.append(self._of_people("real bands", [], real, judged, None))
        return found

    def band(self, name: str, generator: Generator, mode: Mode) -> JudgeResult:
        """Plays the melodies with a generator and judges the result."""
        windows = played(generator, self.genre, self.people.melodies, mode, self._seed)
        table = table_of(windows)
        shared = table.rows(range(self.people.shared))
        judgements = []
        if len(self._windows):
            same = self.people.same_melodies
            judgements.append(self._judged(name, shared, "people", self._windows, same))
        if self.real is not None:
            judgements.append(self._judged(name, table, "real bands", self.real, False))
        return JudgeResult(
            name, mode.value, judgements, _means(table), self._named(table), solos(windows, self.genre)
        )  # fmt: skip

    def _of_people(
        self,
        name: str,
        windows: list[JudgedWindow],
        table: FeatureTable,
        judgements: list[Judgement],
        named: GenreShares | None,
    ) -> JudgeResult:
        return JudgeResult(name, "", judgements, _means(table), named, solos(windows, self.genre))

    def _named(self, table: FeatureTable) -> GenreShares | None:
        return self._genres.name(table, self.dataset) if self._genres is not None and len(table) else None

    def _judged(
        self, who: str, band: FeatureTable, against: str, people: FeatureTable, same_melodies: bool
    ) -> Judgement:
        names = comparable(people, band, same_melodies, UNLIKE)
        if self.dataset in WITHOUT_DRUMS:
            names = [name for name in names if not name.startswith("drums")]

        def verdict(kept: list[str], trees: int) -> Verdict | None:
            return told_apart(people.only(kept), band.only(kept), self._seed, trees)

        every = verdict(names, self._trees)
        groups = {group: verdict(of_group(names, group), max(1, self._trees // 3)) for group in GROUPS}
        away = giveaways(people, band, every) if every is not None else []
        return Judgement(who, against, len(band), len(people), every, groups, away)


def halves(table: FeatureTable) -> tuple[FeatureTable, FeatureTable]:
    """Every second work of the table, and the others."""
    works = sorted(set(table.works))
    first = set(works[::2])
    chosen = [index for index, work in enumerate(table.works) if work in first]
    left = [index for index, work in enumerate(table.works) if work not in first]
    return table.rows(chosen), table.rows(left)


def _means(table: FeatureTable) -> dict[str, float]:
    return {name: table.mean(name) for name in ROWS}
