"""Shared by `train-groove` and `train-voicing`: options, start or resumption, and rounds of updates to checkpoints."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from tqdm import tqdm

from composerd.errors import ComposerdError, ConfigError
from composerd_export.commands.bounds import check_seed, check_threads
from composerd_export.data.folder import DATA_VARIABLE, data_folder
from composerd_export.datasets import DATASETS, Dataset, dataset_named
from composerd_export.training.average import weights_of
from composerd_export.training.curves import write_csv
from composerd_export.training.progress import stopped
from composerd_export.training.small_checkpoint import SmallCheckpoint
from composerd_export.training.small_trainer import SmallTrainer

Hyper = TypeVar("Hyper")
Point = TypeVar("Point", bound=SmallCheckpoint)
LAST, BEST = "last.pt", "best.pt"
SHARED = {
    "epochs": "number of epochs", "epoch_updates": "updates in an epoch", "learning_rate": "peak step size",
    "weight_decay": "decay of the weights", "seed": "seed of everything",
}  # fmt: skip


def add_training_arguments(parser: argparse.ArgumentParser, kind: str, usual: Any, more: dict[str, str]) -> None:
    """Add the options; `usual` are the default hyperparameters, `more` the options of this net alone."""
    add = parser.add_argument
    add(
        "--datasets", nargs="+", required=True, metavar="NAME",
        help="one dataset, or several with like parts (rock pop jazz); the genre is an input of the net",
    )  # fmt: skip
    add(
        "--parts",
        choices=tuple(DATASETS),
        default="pop",
        help="the genre whose parts your own corpus has (default: pop)",
    )
    add("--data", type=Path, metavar="DIR", help=f"folder of the corpora (default: ${DATA_VARIABLE} or ./data)")
    add("--out", type=Path, metavar="DIR", help=f"folder for checkpoints and curves (default: runs/{kind}-NAMES)")
    add("--resume", action="store_true", help=f"continue from {LAST} in --out")
    add("--threads", type=int, default=1, metavar="N", help="threads of the processor (default: 1)")
    for name, about in (SHARED | more).items():
        default = getattr(usual, name)
        option = "--" + name.replace("_", "-")
        add(option, type=type(default), metavar="N", help=f"{about} (default: {default:g})")


def hyper_of(args: argparse.Namespace, base: Hyper, more: dict[str, str]) -> Hyper:
    """`base` with the given hyperparameters. Raises ConfigError for a number out of its bounds."""
    given = {name: getattr(args, name) for name in SHARED | more if getattr(args, name) is not None}
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        if (SHARED | more)[name].startswith("share"):
            if not 0 <= value <= 1:
                raise ConfigError(f"{option}: found {value}, expected a number from 0 to 1")
        elif name == "seed":
            check_seed(value)
        elif not 0 < value < math.inf:
            raise ConfigError(f"{option}: found {value}, expected a number above 0")
    return replace(base, **given)  # type: ignore[type-var]


def datasets_of(args: argparse.Namespace, data: Path) -> Sequence[Dataset]:
    """The datasets named. Raises ConfigError if one is named twice or their parts are not alike."""
    for name in args.datasets:
        if args.datasets.count(name) > 1:
            raise ConfigError(f"--datasets: found {name} twice, expected each dataset once")
    datasets = [dataset_named(name, data, args.parts) for name in args.datasets]
    if len({tuple(track.kind for track in dataset.tracks) for dataset in datasets}) > 1:
        raise ConfigError("--datasets: expected datasets whose parts are of like number and kind")
    return datasets


@dataclass(frozen=True, slots=True)
class SmallTraining(Generic[Point]):
    """The inputs of a training: folders, datasets, hyperparameters, and the checkpoint to resume from."""

    data: Path
    out: Path
    datasets: Sequence[Dataset]
    hyper: Any
    kind: type[Point]
    stored: Point | None
    """None: a new training"""

    def point(self, trainer: SmallTrainer[Any], genres: tuple[str, ...], extra: dict[str, Any]) -> Point:
        """The stored checkpoint with `trainer` restored to it, or a new one of the trainer's weights.

        Raises ConfigError if the stored one is of other datasets or parts.
        """
        if self.stored is None:
            weights = weights_of(trainer.average)
            return self.kind(self.datasets[0].tracks, genres, self.hyper, weights, extra=extra)
        path = self.out / LAST
        if tuple(self.stored.genres) != genres:
            found, expected = (" ".join(some) for some in (self.stored.genres, genres))
            raise ConfigError(f"--resume: {path} is a training of {found}, expected one of {expected}")
        if self.stored.tracks != self.datasets[0].tracks:
            raise ConfigError(f"--resume: {path} is a training of other parts: give the same --parts as at first")
        trainer.restore(self.stored.training, self.stored.weights)
        return replace(self.stored, hyper=self.hyper, extra=extra)


def training_of(
    args: argparse.Namespace, name: str, usual: Any, more: dict[str, str], kind: type[Point]
) -> SmallTraining[Point]:
    """The training that the options describe. Raises ConfigError for options or files that cannot be used."""
    check_threads(args.threads)
    torch.set_num_threads(args.threads)
    data, out = data_folder(args.data), args.out or Path("runs") / f"{name}-{'-'.join(args.datasets)}"
    datasets = datasets_of(args, data)
    stored = kind.load(out / LAST) if args.resume else None
    return SmallTraining(data, out, datasets, hyper_of(args, stored.hyper if stored else usual, more), kind, stored)


def train(
    trainer: SmallTrainer[Any], point: SmallCheckpoint, out: Path, bars: int, judge: Callable[[], dict[str, float]]
) -> int:
    """Trains to the last epoch; the exit status. `judge` gives the validation losses of `point.weights`."""
    out.mkdir(parents=True, exist_ok=True)
    size = sum(value.numel() for value in trainer.net.parameters()) / 1e6
    print(f"{bars} bars, {size:.2f} M parameters, to {out}", flush=True)
    try:
        while point.epoch < point.hyper.epochs:
            _epoch(trainer, point, out, judge)
    except OSError as error:
        raise ComposerdError(f"{out}: {error.strerror}; the last whole checkpoint is kept") from None
    except KeyboardInterrupt:
        print(stopped(out / LAST, point.epoch))
        return 130
    print(f"done: {out / BEST}")
    return 0


def _epoch(
    trainer: SmallTrainer[Any], point: SmallCheckpoint, out: Path, judge: Callable[[], dict[str, float]]
) -> None:  # fmt: skip
    sums: dict[str, float] = {}
    updates = tqdm(range(trainer.epoch_updates), f"epoch {point.epoch + 1}", unit="update", leave=False, disable=None)
    for _ in updates:
        for name, value in trainer.update().items():
            sums[name] = sums.get(name, 0.0) + value / trainer.epoch_updates
    point.weights = weights_of(trainer.average)
    found = {f"validation {name}": value for name, value in judge().items()}
    better = point.keep(found)
    point.epoch, point.training = point.epoch + 1, trainer.state()
    point.curves.append({"epoch": float(point.epoch), **sums, **found})
    point.save(out / LAST)
    replace(point, training={}).save(out / BEST)
    write_csv(point.curves, out / "curves.csv")
    text = "  ".join(f"{name} {value:.3f}" for name, value in (sums | found).items())
    best = f"  best: {', '.join(better)}" if better else ""
    print(f"epoch {point.epoch}/{point.hyper.epochs}  {text}{best}", flush=True)
