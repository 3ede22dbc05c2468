"""`composerd-export evaluate`: a model's music beside human music and baselines, as a table, JSON and pictures."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from composerd.engine.ports import Generator
from composerd.errors import ConfigError
from composerd.genre_pages import genre_pages, load_genre
from composerd.music.genre import Genre
from composerd.music.roll import Cells
from composerd_export.data.corpus import Corpus, read_corpus
from composerd_export.data.show import draw_rolls
from composerd_export.evaluation.baselines import NearestNeighbour
from composerd_export.evaluation.opening import named_generator
from composerd_export.evaluation.report import Bench, Row, as_json, table
from composerd_export.evaluation.running import MODES, baselines, bench_of, system_row
from composerd_export.evaluation.songs import choose, tracks_of
from composerd_export.evaluation.systems import Bold
from composerd_export.nets.datasets import DATASETS

FEWEST_SONGS, MOST_SONGS = 2, 400
ABOUT_MODES = {"both": tuple(MODES), **{name: (name,) for name in MODES}}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("model", metavar="MODEL", help="an .onnx file, a checkpoint, `plain`, or a genre: whatever it plays with")
    add("--dataset", metavar="NAME", help="corpus and band: rock, pop, jazz, symphony, bach or your own (the genre's)")
    add("--data", type=Path, default=Path("data"), metavar="DIR", help="folder of the corpora (default: data)")
    add("--split", choices=("valid", "train", "test"), default="valid", help="part of the corpus (default: valid)")
    add("--songs", type=int, default=16, metavar="N", help="clips to play, 2 to 400 (default: 16)")
    add("--bars", type=int, default=8, metavar="N", help="bars of 4/4 of a clip, 4 to 64 (default: 8)")
    add("--mode", choices=tuple(ABOUT_MODES), default="both", help="(default: both)")
    add("--seed", type=int, default=0, metavar="N", help="choice of songs, timing noise and sampling (default: 0)")
    add("--creativity", type=float, metavar="X", help="0 safe to 1 bold (default: the daemon's)")
    add("--genuine", action="store_true", help="only pieces without parts generated from chords")
    add("--as-written", action="store_true", help="leave generated notes that were never ended as they are")
    add("--no-baselines", action="store_true", help="only human, another song and the model")
    add("--json", type=Path, metavar="FILE", help="write every figure")
    add("--plot", type=Path, metavar="FILE", help="draw the table (PNG, SVG or PDF)")
    add("--rolls", type=Path, metavar="DIR", help="draw the piano rolls of the first songs")


def run(args: argparse.Namespace) -> int:
    """Prints the table; writes what was asked for. ConfigError, ModelError for what cannot be used."""
    began = time.perf_counter()
    name = args.dataset or args.model
    genre = band_of(name)
    _check(args)
    bench, nearest = _prepared(args, name, genre)
    rows, played = _rows(args, genre, bench, nearest)
    print(table(rows))
    print(f"{len(bench.songs)} songs of {args.bars} bars, {time.perf_counter() - began:.0f} s")
    _write(args, name, rows, bench, played)
    return 0


def band_of(dataset: str) -> Genre:
    """The genre page of a dataset's name. ConfigError where there is none."""
    if dataset not in genre_pages():
        known = ", ".join(genre_pages())
        raise ConfigError(f"--dataset: found {dataset!r}, expected a genre with a page: {known}")
    return load_genre(dataset)


def _check(args: argparse.Namespace) -> None:
    for option, value, low, high in (
        ("--songs", args.songs, FEWEST_SONGS, MOST_SONGS),
        ("--bars", args.bars, 4, 64),
        ("--creativity", 0 if args.creativity is None else args.creativity, 0, 1),
    ):
        if not low <= value <= high:
            raise ConfigError(f"{option}: found {value}, expected {low} to {high}")


def folder_of(dataset: str, data: Path) -> Path:
    """Where a dataset's splits lie."""
    return data / (DATASETS[dataset].folder if dataset in DATASETS else dataset)


def _corpus(args: argparse.Namespace, name: str, split: str) -> Corpus:
    return read_corpus(folder_of(name, args.data) / f"{split}.npz", args.as_written)


def _prepared(args: argparse.Namespace, name: str, genre: Genre) -> tuple[Bench, NearestNeighbour | None]:
    corpus = _corpus(args, name, args.split)
    tracks = tracks_of(genre, corpus)
    songs = choose(corpus, genre, tracks, args.songs, args.bars, args.seed, args.genuine)
    if len({song.work for song in songs}) < FEWEST_SONGS:
        raise ConfigError(f"{name} {args.split}: found clips of {len(songs)} songs, expected two works or more")
    nearest = None
    if not args.no_baselines:
        training = _corpus(args, name, "train")
        nearest = NearestNeighbour.learn(training, genre, tracks_of(genre, training))
    return bench_of(songs, genre), nearest


def _rows(
    args: argparse.Namespace, genre: Genre, bench: Bench, nearest: NearestNeighbour | None
) -> tuple[list[Row], dict[str, list[Cells]]]:
    rows = list(baselines(bench, nearest))
    played: dict[str, list[Cells]] = {"human": [song.cells for song in bench.songs]}
    for label, generator in _systems(args, genre):
        for mode in ABOUT_MODES[args.mode]:
            row, cells = system_row(label, generator, genre, bench, mode, args.seed)
            rows.append(row)
            played[row.label] = cells
    return rows, played


def _systems(args: argparse.Namespace, genre: Genre) -> list[tuple[str, Generator]]:
    """What plays: `plain` beside the model, each with the guard and without it."""
    names = [args.model] if args.no_baselines or args.model == "plain" else ["plain", args.model]
    found = [
        (f"{Path(name).stem}{'' if guarded else ' unguarded'}", named_generator(name, genre, guarded))
        for name in names
        for guarded in (True, False)
    ]
    return found if args.creativity is None else [(name, Bold(one, args.creativity)) for name, one in found]


def _write(args: argparse.Namespace, name: str, rows: list[Row], bench: Bench, played: dict[str, list[Cells]]) -> None:
    about: dict[str, Any] = {
        "model": Path(args.model).name, "dataset": name, "split": args.split, "songs": [s.name for s in bench.songs],
        "bars": args.bars, "seed": args.seed, "creativity": args.creativity, "genuine": args.genuine,
        "as_written": args.as_written,
    }  # fmt: skip
    if args.json is not None:
        args.json.write_text(as_json(rows, about), encoding="utf-8")
    if args.plot is not None:
        from composerd_export.evaluation.plot import plot

        plot(rows, f"{Path(args.model).name} on {name}, {len(bench.songs)} songs", args.plot)
    if args.rolls is not None:
        _draw(args.rolls, bench, played)


def _draw(folder: Path, bench: Bench, played: dict[str, list[Cells]], most: int = 4) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index, song in enumerate(bench.songs[:most]):
        bands = [(f"{label}: {song.name}, {song.bpm:.0f} bpm", cells[index]) for label, cells in played.items()]
        draw_rolls(folder / f"{index + 1:02}.png", song.melody, bands, bench.band.names, bench.band.drums)
