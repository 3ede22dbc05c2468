"""Training of the voicing net: its losses, trainings that go on, validation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from composerd.contract.voicing_layout import CHORDS, LINE, ROWS
from composerd_export.data.notes import NoteSet, read_notes
from composerd_export.data.voicing_examples import GENUINE, NoteDraw, VoicingExamples, running_weights
from composerd_export.datasets import DATASETS
from composerd_export.nets.voicing import VoicingNet, VoicingSize
from composerd_export.training.voicing_trainer import VoicingHyper, VoicingTrainer, validation, voicing_losses
from layouts import BAND
from make_models import tiny_corpora
from trainings import goes_on_bit_for_bit

POP = replace(DATASETS["pop"], tracks=BAND)
SMALL = VoicingHyper(epochs=1, epoch_updates=40, bars=24, rows=96, forget=0.0, size=VoicingSize(4, 8, 0.0))


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> NoteSet:
    return read_notes([POP], tiny_corpora(tmp_path_factory.mktemp("data")), "train")


def test_the_loss_falls_on_a_small_set(notes: NoteSet) -> None:
    trainer = VoicingTrainer(notes, replace(SMALL, learning_rate=2e-2))
    losses = [sum(trainer.update().values()) for _ in range(40)]
    assert np.mean(losses[-5:]) < 0.4 * np.mean(losses[:3])


def test_a_restored_training_goes_on_bit_for_bit(notes: NoteSet) -> None:
    hyper = replace(SMALL, forget=0.3)
    goes_on_bit_for_bit(VoicingTrainer(notes, hyper), VoicingTrainer(notes, replace(hyper, seed=9)))


def test_a_perfect_answer_costs_nothing_and_an_impossible_row_no_net(notes: NoteSet) -> None:
    class Sure(torch.nn.Module):
        def __init__(self, rows: torch.Tensor) -> None:
            super().__init__()
            self.rows = rows

        def forward(self, frames: torch.Tensor) -> torch.Tensor:
            return self.rows[: len(frames)]

    draw = NoteDraw(notes, 24, 96, running_weights(notes, GENUINE), None)
    line = draw(np.random.default_rng(1)).notes[LINE]
    logits = torch.full((len(line.target), ROWS), 0.0)
    logits[torch.arange(len(line.target)), torch.from_numpy(line.target)] = 50.0
    wild = logits.masked_fill(~torch.from_numpy(line.possible[:, :ROWS]), 90.0)
    net = VoicingNet(notes.layout, SMALL.size)
    for said in (logits, wild):
        net.nets[LINE] = Sure(said)
        assert float(voicing_losses(net, VoicingExamples({LINE: line}, None))[LINE]) == pytest.approx(0.0, abs=1e-4)


def test_validation_says_the_same_of_the_same_net(notes: NoteSet) -> None:
    measured = validation(notes, SMALL, 2)
    net = VoicingTrainer(notes, SMALL).net
    first = measured(net)
    assert set(first) == {LINE, CHORDS}
    assert measured(net) == first
