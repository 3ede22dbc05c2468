"""`composerd-export train`: trains generator and discriminator on a dataset; writes checkpoints and curves."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from composerd.contract.layout import Layout
from composerd.errors import ComposerdError, ConfigError
from composerd.files.atomic import write_text
from composerd_export.commands.bounds import check_threads
from composerd_export.data.batches import Windows
from composerd_export.data.folder import DATA_VARIABLE, data_folder
from composerd_export.data.rolls import Rolls, load
from composerd_export.datasets import DATASETS, Dataset, dataset_named
from composerd_export.nets.players import FAMILIES
from composerd_export.training.average import weights_of
from composerd_export.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from composerd_export.training.curves import draw_curves, write_csv
from composerd_export.training.hyperparameters import Hyper, add_options, from_options, preset
from composerd_export.training.live_metrics import heard
from composerd_export.training.preview import accompany, as_rolls, draw, write_midi
from composerd_export.training.progress import Diverged, Sums, stopped
from composerd_export.training.trainer import Trainer
from composerd_export.training.validation import validate

LAST, BEST = "last.pt", "best.pt"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--dataset", required=True, metavar="NAME", help="bach, rock, pop, jazz, symphony, or a corpus of your own")
    add(
        "--parts",
        choices=tuple(DATASETS),
        default="pop",
        help="the genre whose parts your own corpus has (default: pop)",
    )
    add("--model", choices=FAMILIES, help="family of the generator (default: the dataset's own)")
    add("--data", type=Path, metavar="DIR", help=f"folder of the corpora (default: ${DATA_VARIABLE} or ./data)")
    add("--out", type=Path, metavar="DIR", help="folder for checkpoints and curves (default: runs/DATASET-MODEL)")
    add("--resume", action="store_true", help=f"go on from {LAST} in --out")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="(default: auto)")
    add("--threads", type=int, metavar="N", help="threads of the processor (1 to 256, default: half of the cores)")
    add(
        "--preview-every",
        type=int,
        default=1,
        metavar="N",
        help="epochs from one rendered example to the next (0: none)",
    )
    add_options(parser)


def device_named(name: str) -> str:
    """The torch device: cpu or cuda. Raises ConfigError if there is no such GPU."""
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device: found cuda, but torch sees no such device; expected auto or cpu")
    return "cuda" if name != "cpu" and torch.cuda.is_available() else "cpu"


@dataclass(slots=True)
class _Interrupt:
    """Handles Ctrl-C: the first ends the training after the current update, a second at once."""

    asked: bool = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        old = signal.signal(signal.SIGINT, self._heard)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, old)

    def _heard(self, *_: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@dataclass(slots=True)
class Training:
    """A training: its trainer, checkpoint, validation windows and output folder."""

    trainer: Trainer
    point: Checkpoint
    valid: Windows
    out: Path
    preview_every: int = 1
    interrupt: _Interrupt = field(default_factory=_Interrupt)

    def run(self) -> int:
        """Trains to the last epoch or Ctrl-C and returns the exit status. Raises ComposerdError if the disk fails."""
        left = self.trainer.hyper.epochs - self.point.epoch
        with self.interrupt.listening(), _bar(left * self.trainer.steps_per_epoch) as bar:
            while self.point.epoch < self.trainer.hyper.epochs:
                sums = self._epoch(bar)
                if self.interrupt.asked:
                    print(stopped(self.out / LAST, self.point.epoch))
                    return 130
                self._close_epoch(sums)
        print(f"done: {self.out / BEST}")
        return 0

    def _epoch(self, bar: tqdm) -> Sums:
        trainer, sums = self.trainer, Sums()
        trainer.net.train()
        bar.set_description(f"epoch {self.point.epoch + 1}")
        for sums in trainer.epoch():
            means = sums.means()
            bar.set_postfix({name: means[name] for name in ("generator", "discriminator") if name in means})
            bar.update()
            if self.interrupt.asked:
                break
        return sums

    def _close_epoch(self, sums: Sums) -> None:
        with self.trainer.averaged():
            found = validate(self.trainer, self.valid)
            music = heard(self.trainer.layout, self.trainer.answer, self.valid)
        self.point.epoch += 1
        row = {"epoch": float(self.point.epoch), **sums.means(), **found, **music}
        self.point.curves.append(row)
        score = sum(found.values())
        self.point.weights = weights_of(self.trainer.average)
        self.point.training = self.trainer.state()
        better = score < self.point.best or self.trainer.hyper.reconstruction == 0
        self.point.best = min(score, self.point.best)
        try:
            save_checkpoint(self.point, self.out / LAST)
            if better:
                save_checkpoint(replace(self.point, training={}), self.out / BEST)
            write_csv(self.point.curves, self.out / "curves.csv")
            write_text(self.out / "hyperparameters.json", json.dumps(self.trainer.hyper.to_json()))
            draw_curves(self.point.curves, self.out / "curves.png")
            if self.preview_every and self.point.epoch % self.preview_every == 0:
                self._preview()
        except OSError as error:
            raise ComposerdError(f"{self.out}: {error.strerror}; the last whole checkpoint is kept") from None
        text = "  ".join(f"{name} {value:.3f}" for name, value in (found | music).items())
        line = f"epoch {self.point.epoch}/{self.trainer.hyper.epochs}  {text}{'  best' if better else ''}"
        tqdm.write(line, file=sys.stdout)

    def _preview(self) -> None:
        batch = self.valid.draw(2, np.random.default_rng(3))
        with self.trainer.averaged():
            played = accompany(self.trainer.layout, self.trainer.answer, batch, seed=self.point.epoch)
        layout, name = self.trainer.layout, f"epoch{self.point.epoch:03d}"
        rolls = {"truth": as_rolls(layout, batch.window, 0), "net": as_rolls(layout, played, 0)}
        write_midi(layout, rolls["net"], self.out / f"{name}.mid")
        draw(layout, rolls, self.out / f"{name}.png")


def _bar(updates: int) -> tqdm:
    """A progress bar of the updates with the time left; nothing if stderr is no terminal."""
    return tqdm(total=updates, unit="update", disable=None, dynamic_ncols=True)


def sources(rolls: Rolls) -> list[dict[str, Any]]:
    """The card's entry about the data: pieces by source and licence."""
    counted = Counter((str(meta.get("source", "")), str(meta.get("licence", ""))) for meta in rolls.meta)
    return [
        {"source": source, "licence": licence, "pieces": count} for (source, licence), count in counted.most_common()
    ]


def _started(dataset: Dataset, family: str, hyper: Hyper, args: argparse.Namespace) -> Training:
    """A new training, or with --resume the stored one. Raises ConfigError for missing or empty data."""
    data, out = data_folder(args.data), args.out or Path("runs") / f"{dataset.name}-{family}"
    device = device_named(args.device)
    rolls = load(dataset, data, "train")
    windows, valid = Windows(rolls, dataset.tracks), Windows(load(dataset, data, "valid"), dataset.tracks)
    if not len(windows) or not len(valid):
        raise ConfigError(f"{dataset.name}: found no bars with a melody to train or validate on")
    trainer = Trainer(Layout(dataset.tracks), family, hyper, windows, device)
    point = Checkpoint(dataset.name, family, dataset.tracks, hyper, weights_of(trainer.average), data=sources(rolls))
    if args.resume:
        stored = load_checkpoint(out / LAST)
        _resume(trainer, stored, point, out / LAST)
        point = replace(stored, hyper=hyper)
    out.mkdir(parents=True, exist_ok=True)
    size = sum(value.numel() for value in trainer.net.parameters()) / 1e6
    print(f"{dataset.name}: {len(windows)} windows, {family} of {size:.2f} M parameters on {device}, to {out}")
    return Training(trainer, point, valid, out, args.preview_every)


def _resume(trainer: Trainer, stored: Checkpoint, asked: Checkpoint, path: Path) -> None:
    """Restores the training `stored`. Raises ConfigError if it is not of the dataset and net that are asked for."""
    found, expected = (f"{point.dataset}, {point.family}" for point in (stored, asked))
    if found != expected:
        raise ConfigError(f"--resume: {path} is a training of {found}, expected one of {expected}")
    try:
        trainer.restore(stored.training, stored.weights)
    except (RuntimeError, ValueError):  # other shapes of weights
        raise ConfigError(
            f"--resume: {path} is a training of nets of another size or loss: leave out --width, --middle and --loss"
        ) from None


def run(args: argparse.Namespace) -> int:
    """Trains. Returns 0, or 130 after Ctrl-C. Raises ConfigError for invalid options, ComposerdError if it diverges."""
    dataset = dataset_named(args.dataset, data_folder(args.data), args.parts)
    family = args.model or dataset.family
    if family != dataset.family:
        print(f"note: {dataset.name} is usually trained with {dataset.family}")
    threads = max(1, (os.cpu_count() or 2) // 2) if args.threads is None else args.threads
    check_threads(threads)
    torch.set_num_threads(threads)
    base = preset(args.recipe, dataset.name)
    if args.resume:
        out = args.out or Path("runs") / f"{dataset.name}-{family}"
        base = load_checkpoint(out / LAST).hyper.to_json()
    try:
        return _started(dataset, family, from_options(args, base), args).run()
    except Diverged as error:
        raise ComposerdError(
            f"stopped: {error}; {BEST} holds the best epoch so far, a smaller --learning-rate may help"
        ) from None
