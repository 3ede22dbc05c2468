"""`composerd-export train-groove`: trains a groove net on datasets with like parts and writes checkpoints."""

from __future__ import annotations

import argparse

from composerd_export.commands.small_training import add_training_arguments, train, training_of
from composerd_export.data.bars import absent, read_bars, textures
from composerd_export.nets.groove import GrooveNet
from composerd_export.training.groove_checkpoint import GrooveCheckpoint
from composerd_export.training.groove_trainer import GrooveHyper, GrooveTrainer, validate

_MORE = {
    "rows": "steps in an update",
    "moved": "share of each part's past notes that are missing in the input, and of those that are added, on average",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_training_arguments(parser, "groove", GrooveHyper(), _MORE)


def run(args: argparse.Namespace) -> int:
    """Trains to the last epoch. Raises ConfigError for options or files that cannot be used."""
    training = training_of(args, "groove", GrooveHyper(), _MORE, GrooveCheckpoint)
    bars = read_bars(training.datasets, training.data, "train")
    valid = read_bars(training.datasets, training.data, "valid")
    trainer = GrooveTrainer(bars, training.hyper)
    point = training.point(trainer, bars.layout.genres, {"absent": absent(bars), "textures": textures(bars)})

    def judge() -> dict[str, float]:
        net = GrooveNet(point.layout, training.hyper.size)
        net.load_state_dict(point.weights)
        return validate(net, valid, training.hyper)

    return train(trainer, point, training.out, len(bars), judge)
