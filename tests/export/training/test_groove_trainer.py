"""Training of the groove net: losses fall, trainings go on, validation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from composerd_export.data.bars import BarSet, read_bars
from composerd_export.datasets import DATASETS
from composerd_export.nets.groove import GrooveSize
from composerd_export.training.groove_trainer import GrooveHyper, GrooveTrainer, validate
from layouts import BAND
from make_models import tiny_corpora
from trainings import goes_on_bit_for_bit

POP = replace(DATASETS["pop"], tracks=BAND)
SMALL = GrooveHyper(epochs=1, epoch_updates=40, plan_bars=24, rows=64, forget=0.0, size=GrooveSize((8, 8, 8, 8), 0.0))


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> BarSet:
    return read_bars([POP], tiny_corpora(tmp_path_factory.mktemp("data")), "train")


def test_the_loss_falls_on_a_small_set(bars: BarSet) -> None:
    trainer = GrooveTrainer(bars, replace(SMALL, learning_rate=2e-2))
    losses = [sum(trainer.update().values()) for _ in range(40)]
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:3])


def test_a_restored_training_goes_on_bit_for_bit(bars: BarSet) -> None:
    goes_on_bit_for_bit(GrooveTrainer(bars, SMALL), GrooveTrainer(bars, replace(SMALL, seed=9)))


def test_an_update_of_which_nothing_can_be_learned_changes_nothing(bars: BarSet) -> None:
    class Idle(GrooveTrainer):
        def losses(self) -> dict[str, torch.Tensor]:
            return {}

    trainer = Idle(bars, SMALL)
    before = {name: value.clone() for name, value in trainer.net.state_dict().items()}
    assert trainer.update() == {}
    assert all(torch.equal(value, before[name]) for name, value in trainer.net.state_dict().items())
    assert trainer.updates == 1


def test_validation_says_the_same_of_the_same_net_and_leaves_it_alone(bars: BarSet) -> None:
    trainer = GrooveTrainer(bars, SMALL)
    first = validate(trainer.net, bars, SMALL, 1)
    assert set(first) == {"plan", "drums", "band"}
    assert validate(trainer.net, bars, SMALL, 1) == first
    assert all(value.grad is None for value in trainer.net.parameters())


def test_bars_in_which_nothing_plays_cost_nothing(bars: BarSet) -> None:
    silent = replace(bars, present=np.zeros_like(bars.present))
    assert GrooveTrainer(silent, SMALL).update()["band"] == 0.0
