"""`composerd-export train-voicing`: trains a voicing net on datasets with like parts and writes checkpoints."""

from __future__ import annotations

import argparse

from composerd_export.commands.small_training import add_training_arguments, train, training_of
from composerd_export.data.notes import manners, read_notes
from composerd_export.nets.voicing import VoicingNet
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint
from composerd_export.training.voicing_trainer import VoicingHyper, VoicingTrainer, validation

_MORE = {
    "bars": "bars in an update",
    "rows": "notes of lines, and of chords, in an update",
    "dropped": "share of the past's notes that are missing in the input, on average",
    "added": "share of empty rows beside the past's notes that have a note in the input, on average",
    "free_bass": "share of notes that do not see their chord's bass (a band without a bass part chooses it)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_training_arguments(parser, "voicing", VoicingHyper(), _MORE)


def run(args: argparse.Namespace) -> int:
    """Trains to the last epoch. Raises ConfigError for options or files that cannot be used."""
    training = training_of(args, "voicing", VoicingHyper(), _MORE, VoicingCheckpoint)
    notes = read_notes(training.datasets, training.data, "train")
    trainer = VoicingTrainer(notes, training.hyper)
    point = training.point(trainer, notes.layout.genres, {"manners": manners(notes)})
    measured = validation(read_notes(training.datasets, training.data, "valid"), training.hyper)

    def judge() -> dict[str, float]:
        net = VoicingNet(point.layout, training.hyper.size)
        net.load_state_dict(point.weights)
        return measured(net)

    return train(trainer, point, training.out, len(notes.bars), judge)
