"""Options of `composerd-export evaluate`."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from composerd_export.commands.bounds import check_seed, within
from composerd_export.data.folder import DATA_VARIABLE
from composerd_export.datasets import DATASETS
from composerd_export.evaluation.halves import HALVES
from composerd_export.evaluation.rows import MODES

FEWEST_SONGS, MOST_SONGS, MOST_TAKES = 2, 400, 50
MODE_CHOICES = {"both": tuple(MODES), **{name: (name,) for name in MODES}}
JUDGED_SONGS = 32
_DEFAULTS: dict[str, Any] = {
    "dataset": None, "split": "valid", "half": None, "songs": 16, "bars": 8, "takes": 1, "mode": "both", "seed": 0,
    "creativity": None,
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("model", metavar="MODEL", help=".onnx file, checkpoint (.pt), `plain`, or a genre: what its page names")
    add("--dataset", metavar="NAME", help="corpus and band: rock, pop, jazz, symphony, bach, your own (the model's)")
    add("--data", type=Path, metavar="DIR", help=f"folder of the corpora (default: ${DATA_VARIABLE} or ./data)")
    add("--split", choices=("valid", "train", "test"), default="valid", help="part of the corpus (default: valid)")
    add(
        "--half", choices=HALVES,
        help="works of the split: those that figures are reported of, those to tune on, or both (default: reported of "
        "the five genres' valid and of the songs of --chords, else both)",
    )  # fmt: skip
    add("--songs", type=int, metavar="N", help=f"clips to play, 2 to 400 (default: 16; --judge: {JUDGED_SONGS})")
    add(
        "--bars", type=int, metavar="N",
        help="bars of 4/4 of a clip, 4 to 64 (default: 8; --judge: 16, for chorales 8)",
    )  # fmt: skip
    add(
        "--takes",
        type=int,
        default=1,
        metavar="N",
        help="times that each clip is played, with varied timing and seeds (default: 1)",
    )
    add("--mode", choices=tuple(MODE_CHOICES), help="(default: both; --judge: jam)")
    add("--beside", nargs="+", default=[], metavar="[NAME=]MODEL", help="further models for the same table")
    add("--seed", type=int, default=0, metavar="N", help="choice of songs, timing noise and sampling (default: 0)")
    add("--seeds", action="store_true", help="play twice with different seeds, and compare: column `seeds`")
    add("--creativity", type=float, metavar="X", help="creativity, 0 safe to 1 bold (default: the daemon's)")
    add("--sweep", action="store_true", help="a row for each of five creativities from 0 to 1")
    add(
        "--trials",
        action="store_true",
        help="also play held notes, silence, runs and extremes",
    )
    add(
        "--judge",
        action="store_true",
        help="only train classifiers to distinguish the band from people, and list the features they use",
    )
    add("--real-bands", type=Path, metavar="FILE", help="with --judge: figures of further bands (real_bands.npz)")
    add("--genuine", action="store_true", help="only pieces without parts generated from chords")
    add("--as-written", action="store_true", help="do not repair generated notes that were never ended")
    add("--no-baselines", action="store_true", help="only the human music, another song and the model")
    add("--no-unguarded", action="store_true", help="leave out the model's rows without the guard")
    add("--chords", type=Path, metavar="FILE", help="only compare planned chords with those of songs (songs/*.npz)")
    add(
        "--people",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="with --chords: also measure how far the songs of these files agree",
    )
    add("--read", type=int, default=0, metavar="N", help="print the first N songs bar by bar: melody, chords, bass")
    add("--json", type=Path, metavar="FILE", help="write all figures as JSON")
    add("--plot", type=Path, metavar="FILE", help="draw the table (PNG, SVG or PDF)")
    add("--rolls", type=Path, metavar="DIR", help="draw the piano rolls of the first songs")


def complete(args: argparse.Namespace) -> None:
    """Set the defaults that depend on other options."""
    args.songs = args.songs if args.songs is not None else JUDGED_SONGS if args.judge else _DEFAULTS["songs"]
    args.mode = args.mode or ("jam" if args.judge else _DEFAULTS["mode"])
    args.bars = args.bars if args.bars is not None or args.judge else _DEFAULTS["bars"]


def half_of(args: argparse.Namespace, dataset: str) -> str:
    """The half of the split whose works are played: one of HALVES."""
    return args.half or ("reported" if dataset in DATASETS and args.split == "valid" else "both")


def check(args: argparse.Namespace) -> None:
    """Raises ConfigError for a number out of its range."""
    check_seed(args.seed)
    for option, value, low, high in (
        ("--songs", args.songs, FEWEST_SONGS, MOST_SONGS),
        ("--bars", args.bars or 4, 4, 64),
        ("--takes", args.takes, 1, MOST_TAKES),
        ("--creativity", 0 if args.creativity is None else args.creativity, 0, 1),
    ):
        within(option, value, low, high)


def command_of(args: argparse.Namespace) -> str:
    """The command line that gives the same figures, but for the machine's own folders."""
    words = ["composerd-export evaluate", args.model]
    usual = {**_DEFAULTS, "songs": JUDGED_SONGS, "bars": None, "mode": "jam"} if args.judge else _DEFAULTS
    for option in ("dataset", "split", "half", "songs", "bars", "takes", "mode", "seed", "creativity"):
        if getattr(args, option) != usual[option]:
            words += [f"--{option}", str(getattr(args, option))]
    for option in ("judge", "seeds", "sweep", "genuine", "as_written", "no_baselines", "no_unguarded"):
        if getattr(args, option):
            words.append("--" + option.replace("_", "-"))
    if args.real_bands is not None:
        words += ["--real-bands", args.real_bands.name]
    if args.beside:
        words += ["--beside", *(shlex.quote(model) for model in args.beside)]
    return " ".join(words)
