"""`composerd-export evaluate`: compares a model's music with human music and baselines; a table, JSON, pictures."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from composerd.app.generator_bank import PLAIN
from composerd.contract.card import Card
from composerd.engine.ports import Generator
from composerd.errors import ConfigError
from composerd.files.atomic import write_text
from composerd.library.model_files import INT8
from composerd.music.genre import Genre
from composerd.music.roll import Cells
from composerd_export.commands.chords import chord_table, people_lines
from composerd_export.commands.evaluate_options import (
    FEWEST_SONGS,
    MODE_CHOICES,
    add_arguments,
    check,
    command_of,
    complete,
    half_of,
)
from composerd_export.data.corpus import Corpus, read_corpus
from composerd_export.data.folder import data_folder
from composerd_export.data.harmony.songs import read_file
from composerd_export.data.show import draw_rolls
from composerd_export.datasets import DATASETS
from composerd_export.evaluation.bar_text import bar_by_bar
from composerd_export.evaluation.baselines import NearestNeighbour
from composerd_export.evaluation.generators import Opened, band_for, opened
from composerd_export.evaluation.halves import HALVES, OTHER_HALF
from composerd_export.evaluation.provenance import training
from composerd_export.evaluation.report import Bench, Row, as_json, table
from composerd_export.evaluation.rows import baselines, bench_of, system_row
from composerd_export.evaluation.songs import SongClip, choose, tracks_of
from composerd_export.evaluation.systems import Bold
from composerd_export.evaluation.trials import tried

__all__ = ["add_arguments", "run"]
SWEEP = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(slots=True)
class _Session:
    """The inputs of one evaluation, and its results so far."""

    args: argparse.Namespace
    dataset: str
    genre: Genre
    models: list[Opened]
    bench: Bench
    nearest: NearestNeighbour | None
    other_people: list[SongClip]
    """clips of the other half, as many and chosen in the same way"""
    rows: list[Row] = field(default_factory=list)
    played: dict[str, list[Cells]] = field(default_factory=dict)


def run(args: argparse.Namespace) -> int:
    """Prints the table and writes the files asked for. Raises ConfigError or ModelError for what cannot be used."""
    began = time.perf_counter()
    complete(args)
    check(args)
    if args.chords is not None:
        print(chord_table(args.model, read_file(args.chords), args.mode, args.half or HALVES[0]))
        if args.people:
            print(people_lines(args.people))
        return 0
    with TemporaryDirectory(prefix="composerd-evaluate-") as folder:
        if args.judge:
            print(_judged(args, Path(folder)))
            print(f"{time.perf_counter() - began:.0f} s")
            return 0
        session = _prepared(args, Path(folder))
        _play(session)
        print(table(session.rows))
        print(f"{len(session.bench.songs)} songs of {args.bars} bars, {time.perf_counter() - began:.0f} s")
        _write(session)
        if args.read:
            _read(session)
        if args.trials:
            _try(session)
    return 0


def _judged(args: argparse.Namespace, folder: Path) -> str:
    from composerd_export.commands.judge import judge

    models, dataset, genre = _models(args, folder)
    about = {
        "model": Path(args.model).name,
        "dataset": dataset,
        "half": half_of(args, dataset),
        "command": command_of(args),
    }
    return judge(args, genre, dataset, models, data_folder(args.data), about)


def _models(args: argparse.Namespace, folder: Path) -> tuple[list[Opened], str, Genre]:
    """The models, the dataset's name, and its band."""
    models = [opened(text, folder) for text in dict.fromkeys([args.model, *args.beside])]
    card = models[0].card
    dataset = args.dataset or (card.genre if card else args.model)
    return models, dataset, band_for(dataset, card)


def _prepared(args: argparse.Namespace, folder: Path) -> _Session:
    models, dataset, genre = _models(args, folder)
    corpus = _corpus(args, dataset, args.split)
    half = half_of(args, dataset)
    songs = _chosen(args, corpus, genre, half)
    if len({song.work for song in songs}) < FEWEST_SONGS:
        raise ConfigError(f"{dataset} {args.split}: found {len(songs)} clips, expected clips of two works or more")
    nearest = None
    if not args.no_baselines:
        training = _corpus(args, dataset, "train")
        nearest = NearestNeighbour.learn(training, genre, tracks_of(genre, training))
        models = models if args.model == PLAIN else [Opened(PLAIN), *models]
    strangers = _chosen(args, corpus, genre, OTHER_HALF[half]) if half in OTHER_HALF else []
    return _Session(args, dataset, genre, models, bench_of(songs, genre), nearest, strangers)


def _chosen(args: argparse.Namespace, corpus: Corpus, genre: Genre, half: str) -> list[SongClip]:
    return choose(corpus, genre, tracks_of(genre, corpus), args.songs, args.bars, args.seed, args.genuine, half)


def _corpus(args: argparse.Namespace, dataset: str, split: str) -> Corpus:
    return read_corpus(folder_of(dataset, data_folder(args.data)) / f"{split}.npz", args.as_written)


def folder_of(dataset: str, data: Path) -> Path:
    """The folder of a dataset's splits."""
    return data / (DATASETS[dataset].folder if dataset in DATASETS else dataset)


def _play(session: _Session) -> None:
    args, bench = session.args, session.bench
    session.rows += baselines(bench, session.nearest, session.other_people)
    session.played["human"] = [song.cells for song in bench.songs]
    for label, generator in _systems(session):
        for mode in MODE_CHOICES[args.mode]:
            row, cells = system_row(label, generator, session.genre, bench, mode, args.seed, args.seeds, args.takes)
            session.rows.append(row)
            session.played[row.label] = cells


def _systems(session: _Session) -> Iterator[tuple[str, Generator]]:
    """(label, generator) of each row: every model, ours also without the guard and over the range of creativity."""
    args = session.args
    for model in session.models:
        generator = model.generator(session.genre, guarded=True)
        yield model.label, generator if args.creativity is None else Bold(generator, args.creativity)
        if model.name == args.model and not args.no_unguarded:
            yield f"{model.label} unguarded", model.generator(session.genre, guarded=False)
        for creativity in SWEEP if args.sweep and model.name == args.model else ():
            yield f"{model.label} at {creativity:g}", Bold(generator, creativity)


def _write(session: _Session) -> None:
    args = session.args
    about: dict[str, Any] = {
        "model": Path(args.model).name, "dataset": session.dataset, "bars": args.bars,
        "half": half_of(args, session.dataset),
        **{name: getattr(args, name) for name in ("split", "seed", "takes", "creativity", "genuine", "as_written")},
        "songs": [song.name for song in session.bench.songs], "command": command_of(args),
        "trained": {one.label: _made(one, one.card) for one in session.models if one.card and one.called},
    }  # fmt: skip
    if args.json is not None:
        write_text(args.json, as_json(session.rows, about))
    if args.plot is not None:
        from composerd_export.evaluation.plot import plot

        title = f"{Path(args.model).name} on {session.dataset}, {len(session.bench.songs)} songs"
        plot(session.rows, title, args.plot)
    if args.rolls is not None:
        _draw(args.rolls, session)


def _made(model: Opened, card: Card) -> str:
    """The command that made a checkpoint or exported file; the training of an exported file has its own section."""
    if Path(model.name).suffix != ".onnx":
        return training(card, str(Path(model.name).parent))
    small = " --int8" if Path(model.name).stem.endswith(INT8) else ""
    return f"composerd-export export runs/{card.genre}-{card.family}/best.pt{small} -o {model.name}"


def _draw(folder: Path, session: _Session, most: int = 4) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    bench = session.bench
    for index, song in enumerate(bench.songs[:most]):
        bands = [(f"{label}: {song.name}, {song.bpm:.0f} bpm", cells[index]) for label, cells in session.played.items()]
        draw_rolls(folder / f"{index + 1:02}.png", song.melody, bands, bench.band.names, bench.band.drums)


def _read(session: _Session) -> None:
    bench = session.bench
    for index, song in enumerate(bench.songs[: session.args.read]):
        for label, cells in session.played.items():
            print(f"\n{label}: {song.name}")
            print("\n".join(bar_by_bar(song, cells[index], bench.band)))


def _try(session: _Session) -> None:
    for model in session.models:
        print(f"{model.label}: jam, from bar 2 on")
        for outcome in tried(model.generator(session.genre, guarded=True), session.genre, session.args.seed):
            print(f"  {outcome}")
