"""`composerd-export evaluate`: a model's music beside human music and baselines, as a table, JSON and pictures."""

from __future__ import annotations

import argparse
import shlex
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from composerd.app.bands import PLAIN
from composerd.contract.card import Card
from composerd.engine.ports import Generator
from composerd.errors import ConfigError
from composerd.model_files import INT8
from composerd.music.genre import Genre
from composerd.music.roll import Cells
from composerd_export.data.corpus import Corpus, read_corpus
from composerd_export.data.folder import DATA_VARIABLE, data_folder
from composerd_export.data.show import draw_rolls
from composerd_export.describe import training
from composerd_export.evaluation.baselines import NearestNeighbour
from composerd_export.evaluation.opening import Opened, band_for, opened
from composerd_export.evaluation.reading import bar_by_bar
from composerd_export.evaluation.report import Bench, Row, as_json, table
from composerd_export.evaluation.running import MODES, baselines, bench_of, system_row
from composerd_export.evaluation.songs import choose, tracks_of
from composerd_export.evaluation.systems import Bold
from composerd_export.evaluation.trials import tried
from composerd_export.nets.datasets import DATASETS

FEWEST_SONGS, MOST_SONGS, MOST_TAKES = 2, 400, 50
MODE_CHOICES = {"both": tuple(MODES), **{name: (name,) for name in MODES}}
SWEEP = (0.0, 0.25, 0.5, 0.75, 1.0)
_DEFAULTS: dict[str, Any] = {
    "dataset": None, "split": "valid", "songs": 16, "bars": 8, "takes": 1, "mode": "both", "seed": 0,
    "creativity": None,
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("model", metavar="MODEL", help=".onnx file, checkpoint (.pt), `plain`, or a genre: what its page names")
    add("--dataset", metavar="NAME", help="corpus and band: rock, pop, jazz, symphony, bach, your own (the model's)")
    add("--data", type=Path, metavar="DIR", help=f"folder of the corpora (default: ${DATA_VARIABLE} or ../shared/data)")
    add("--split", choices=("valid", "train", "test"), default="valid", help="part of the corpus (default: valid)")
    add("--songs", type=int, default=_DEFAULTS["songs"], metavar="N", help="clips to play, 2 to 400 (default: 16)")
    add("--bars", type=int, default=_DEFAULTS["bars"], metavar="N", help="bars of 4/4 of a clip, 4 to 64 (default: 8)")
    add(
        "--takes", type=int, default=1, metavar="N", help="times that a clip is played, each a little else (default: 1)"
    )
    add("--mode", choices=tuple(MODE_CHOICES), default="both", help="(default: both)")
    add("--beside", nargs="+", default=[], metavar="[NAME=]MODEL", help="further models for the same table")
    add("--seed", type=int, default=0, metavar="N", help="choice of songs, timing noise and sampling (default: 0)")
    add("--seeds", action="store_true", help="play twice and compare: column `seeds`")
    add("--creativity", type=float, metavar="X", help="0 safe to 1 bold (default: the daemon's)")
    add("--sweep", action="store_true", help="a row for each of five creativities from 0 to 1")
    add(
        "--trials",
        action="store_true",
        help="also play held notes, silence, runs and extremes",
    )
    add("--genuine", action="store_true", help="only pieces without parts generated from chords")
    add("--as-written", action="store_true", help="leave generated notes that were never ended as they are")
    add("--no-baselines", action="store_true", help="only human, another song and the model")
    add("--no-unguarded", action="store_true", help="leave out the model's rows without the guard")
    add("--read", type=int, default=0, metavar="N", help="print the first N songs bar by bar: melody, chords, bass")
    add("--json", type=Path, metavar="FILE", help="write every figure")
    add("--plot", type=Path, metavar="FILE", help="draw the table (PNG, SVG or PDF)")
    add("--rolls", type=Path, metavar="DIR", help="draw the piano rolls of the first songs")


@dataclass(slots=True)
class _Session:
    """One evaluation on its way."""

    args: argparse.Namespace
    dataset: str
    genre: Genre
    models: list[Opened]
    bench: Bench
    nearest: NearestNeighbour | None
    rows: list[Row] = field(default_factory=list)
    played: dict[str, list[Cells]] = field(default_factory=dict)


def run(args: argparse.Namespace) -> int:
    """Prints the table; writes what was asked for. ConfigError, ModelError for what cannot be used."""
    began = time.perf_counter()
    _check(args)
    with TemporaryDirectory(prefix="composerd-evaluate-") as folder:
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


def _check(args: argparse.Namespace) -> None:
    for option, value, low, high in (
        ("--songs", args.songs, FEWEST_SONGS, MOST_SONGS),
        ("--bars", args.bars, 4, 64),
        ("--takes", args.takes, 1, MOST_TAKES),
        ("--creativity", 0 if args.creativity is None else args.creativity, 0, 1),
    ):
        if not low <= value <= high:
            raise ConfigError(f"{option}: found {value}, expected {low} to {high}")


def _prepared(args: argparse.Namespace, folder: Path) -> _Session:
    data = data_folder(args.data)
    models = [opened(text, folder, data) for text in dict.fromkeys([args.model, *args.beside])]
    card = models[0].card
    dataset = args.dataset or (card.genre if card else args.model)
    genre = band_for(dataset, card)
    corpus = _corpus(args, dataset, args.split)
    songs = choose(corpus, genre, tracks_of(genre, corpus), args.songs, args.bars, args.seed, args.genuine)
    if len({song.work for song in songs}) < FEWEST_SONGS:
        raise ConfigError(f"{dataset} {args.split}: found {len(songs)} clips, expected clips of two works or more")
    nearest = None
    if not args.no_baselines:
        training = _corpus(args, dataset, "train")
        nearest = NearestNeighbour.learn(training, genre, tracks_of(genre, training))
        models = models if args.model == PLAIN else [Opened(PLAIN), *models]
    return _Session(args, dataset, genre, models, bench_of(songs, genre), nearest)


def _corpus(args: argparse.Namespace, dataset: str, split: str) -> Corpus:
    return read_corpus(folder_of(dataset, data_folder(args.data)) / f"{split}.npz", args.as_written)


def folder_of(dataset: str, data: Path) -> Path:
    """Where a dataset's splits lie."""
    return data / (DATASETS[dataset].folder if dataset in DATASETS else dataset)


def _play(session: _Session) -> None:
    args, bench = session.args, session.bench
    session.rows += baselines(bench, session.nearest)
    session.played["human"] = [song.cells for song in bench.songs]
    for label, generator in _systems(session):
        for mode in MODE_CHOICES[args.mode]:
            row, cells = system_row(label, generator, session.genre, bench, mode, args.seed, args.seeds, args.takes)
            session.rows.append(row)
            session.played[row.label] = cells


def _systems(session: _Session) -> Iterator[tuple[str, Generator]]:
    """What plays: every model as the daemon plays it and without the guard, or over the range of creativity."""
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
        **{name: getattr(args, name) for name in ("split", "seed", "takes", "creativity", "genuine", "as_written")},
        "songs": [song.name for song in session.bench.songs], "command": _command(args),
        "trained": {one.label: _made(one, one.card) for one in session.models if one.card and one.called},
    }  # fmt: skip
    if args.json is not None:
        args.json.write_text(as_json(session.rows, about), encoding="utf-8")
    if args.plot is not None:
        from composerd_export.evaluation.plot import plot

        title = f"{Path(args.model).name} on {session.dataset}, {len(session.bench.songs)} songs"
        plot(session.rows, title, args.plot)
    if args.rolls is not None:
        _draw(args.rolls, session)


def _command(args: argparse.Namespace) -> str:
    """The command line that gives the same figures, but for the machine's own folders."""
    words = ["composerd-export evaluate", args.model]
    for option in ("dataset", "split", "songs", "bars", "takes", "mode", "seed", "creativity"):
        if getattr(args, option) != _DEFAULTS[option]:
            words += [f"--{option}", str(getattr(args, option))]
    for option in ("seeds", "sweep", "genuine", "as_written", "no_baselines", "no_unguarded"):
        if getattr(args, option):
            words.append("--" + option.replace("_", "-"))
    if args.beside:
        words += ["--beside", *(shlex.quote(model) for model in args.beside)]
    return " ".join(words)


def _made(model: Opened, card: Card) -> str:
    """The command that made a checkpoint, or an exported file, of whose training its own section tells."""
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
