"""`composerd-export evaluate --judge`: classifiers that try to tell the band from people."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from composerd.engine.messages import Mode
from composerd.errors import ConfigError
from composerd.files.atomic import write_text
from composerd.music.genre import Genre
from composerd_export.data.corpus import Corpus, read_corpus
from composerd_export.datasets import DATASETS
from composerd_export.evaluation.generators import Opened
from composerd_export.evaluation.judge.genres import GenreTest
from composerd_export.evaluation.judge.judge import Judge, JudgeResult
from composerd_export.evaluation.judge.people import SETS, genre_people, people_of
from composerd_export.evaluation.judge.real_bands import read_real_bands
from composerd_export.evaluation.judge.report import as_text, giveaways, sheets, values

GENRE_WINDOWS = 120
"""number of people's windows of each genre that train the genre test, where there are no real bands of it"""


def judge(
    args: argparse.Namespace, genre: Genre, dataset: str, models: Sequence[Opened], data: Path, about: dict[str, Any]
) -> str:
    """Plays and judges every model; writes `--json`. Returns the tables. Raises ConfigError if there are no people to
    compare with."""
    heard = _heard(args, genre, dataset, models, data, about["half"])
    found = values(heard, about)
    if args.json is not None:
        write_text(args.json, json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return as_text([*sheets(dataset, found["judge"]), *giveaways(found["judge"])])


def _heard(
    args: argparse.Namespace, genre: Genre, dataset: str, models: Sequence[Opened], data: Path, half: str
) -> list[JudgeResult]:  # fmt: skip
    def read(name: str, split: str) -> list[Corpus]:
        folder = data / (DATASETS[name].folder if name in DATASETS else name)
        files = [folder / f"{prefix}{split}.npz" for prefix in SETS]
        return [read_corpus(file) for file in files if file.is_file()]

    if not read(dataset, args.split):
        raise ConfigError(f"{data}: found no {args.split}.npz of {dataset}")
    real = read_real_bands(args.real_bands) if args.real_bands is not None else {}
    people = people_of(dataset, read, args.songs, args.bars, half, args.seed)
    if len({window.work for window in people.melodies}) < 2:
        raise ConfigError(f"{dataset} {args.split}: found {len(people.melodies)} windows, expected some of two works")
    judge_ = Judge(genre, dataset, people, real.get(dataset), _genre_test(args, dataset, read, real), args.seed)
    modes = [Mode.JAM, Mode.PHRASE] if args.mode == "both" else [Mode(args.mode)]
    bands = [judge_.band(model.label, model.generator(genre, guarded=True), mode) for model in models for mode in modes]
    return [*judge_.humans(), *bands]


def _genre_test(args: argparse.Namespace, dataset: str, read: Any, real: dict[str, Any]) -> GenreTest | None:
    """The genre test; None for a dataset of the user, and if there are corpora of fewer than two genres."""
    if dataset not in DATASETS:
        return None
    people = {**genre_people(read, GENRE_WINDOWS, args.seed, [name for name in DATASETS if name not in real]), **real}
    return GenreTest(people, args.seed) if dataset in people and len(people) > 1 else None
