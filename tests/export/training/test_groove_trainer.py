"""The groove net's examples: bars of performances that began somewhere, single steps, and what is hidden of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from composerd.contract.groove import COPY, DRUM_STEPS, LAGS, NEW, VARY, step_blocks
from composerd_export.data.bars import BarSet, read_bars
from composerd_export.datasets import DATASETS
from composerd_export.nets.groove import GrooveSize
from composerd_export.training.groove_trainer import (
    FARTHEST,
    GrooveHyper,
    GrooveTrainer,
    Steps,
    draw,
    forgotten,
    heard,
    possible,
    steps_of,
    validate,
)
from layouts import BAND
from make_models import tiny_corpora
from trainings import goes_on_bit_for_bit

POP = replace(DATASETS["pop"], tracks=BAND)
SMALL = GrooveHyper(epochs=1, epoch_updates=40, plan_bars=24, rows=64, forget=0.0, size=GrooveSize((8, 8, 8, 8), 0.0))


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> BarSet:
    return read_bars([POP], tiny_corpora(tmp_path_factory.mktemp("data")), "train")


def dice(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


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


def test_drawn_bars_belong_to_performances_that_began_before_them(bars: BarSet) -> None:
    drawn = draw(bars, 2000, dice(), np.cumsum(bars.weight))
    age = bars.index[drawn.rows] - drawn.since
    assert age.min() >= 0
    assert age.max() <= FARTHEST
    assert (drawn.since[age < bars.index[drawn.rows]] > 0).all()
    assert (age == 0).mean() > 0.05, "some have only begun"
    assert (drawn.bars.known_from == drawn.bars.start - 16 * age).all()


def test_bars_are_drawn_by_their_weight(bars: BarSet) -> None:
    weight = np.zeros(len(bars))
    weight[[3, 7]] = (0.75, 0.25)
    rows = draw(bars, 2000, dice(), np.cumsum(weight)).rows
    assert set(rows.tolist()) == {3, 7}
    assert (rows == 3).mean() == pytest.approx(0.75, abs=0.04)


def test_only_bars_that_are_known_can_be_repeated(bars: BarSet) -> None:
    drawn = draw(bars, 300, dice(), np.cumsum(bars.weight))
    allowed = possible(drawn.bars)
    assert allowed[:, NEW].all()
    for place, lag in enumerate(LAGS):
        reached = bars.index[drawn.rows] - drawn.since >= lag
        assert (allowed[:, COPY + place] == reached).all()
        assert (allowed[:, VARY + place] == reached).all()
    assert np.take_along_axis(allowed[:, None], drawn.plans[..., None], 2).all(), "the truth is always possible"


def test_steps_are_of_bars_that_play_and_are_no_copies(bars: BarSet) -> None:
    drawn = draw(bars, 200, dice(), np.cumsum(bars.weight))
    found = steps_of(bars, drawn, slice(0, 1), 10**6, dice())
    copies = (drawn.plans >= COPY) & (drawn.plans < VARY)
    wanted = (bars.present[drawn.rows] & ~copies)[:, 0]
    assert len(found.place) == 16 * wanted.sum()
    assert sorted(set(found.place.tolist())) == list(range(16))
    assert not ((found.plans[:, 0] >= COPY) & (found.plans[:, 0] < VARY)).any()
    now = found.bars.start + found.place
    assert (found.cells.numpy() == bars.tape.cells[now]).all()
    assert len(steps_of(bars, drawn, slice(0, 1), 7, dice()).place) == 7


def test_without_a_bar_to_learn_from_there_are_no_steps(bars: BarSet) -> None:
    silent = replace(bars, present=np.zeros_like(bars.present))
    drawn = draw(silent, 20, dice(), np.cumsum(bars.weight))
    assert len(steps_of(silent, drawn, slice(0, 3), 99, dice()).place) == 0
    trainer = GrooveTrainer(silent, SMALL)
    assert trainer.update()["band"] == 0.0


def some_steps(bars: BarSet) -> Steps:
    drawn = draw(bars, 200, dice(), np.cumsum(bars.weight))
    return steps_of(bars, drawn, slice(1, 3), 1000, dice())


def test_the_melody_is_known_up_to_the_step_or_so_many_earlier(bars: BarSet) -> None:
    steps = some_steps(bars)
    ahead = heard(steps, 0.5, 4, dice()) - (steps.bars.start + steps.place)
    assert set(ahead.tolist()) == {1, 0, -1, -2, -3}
    assert (ahead == 1).mean() == pytest.approx(0.5, abs=0.06)
    assert set((heard(steps, 1.0, 4, dice()) - steps.bars.start - steps.place).tolist()) == {1}


def test_blocks_are_forgotten_whole_and_nothing_else_is(bars: BarSet) -> None:
    blocks = step_blocks(bars.layout, DRUM_STEPS)
    frames = np.ones((400, sum(blocks) + 30), np.float32)
    found = forgotten(frames.copy(), blocks, 0.25, dice()).numpy()
    edges = np.cumsum([0, *blocks])
    kept = np.stack([found[:, first:end].mean(1) for first, end in pairwise(edges.tolist())], 1)
    assert set(np.unique(kept).tolist()) == {0.0, 1.0}
    assert kept.mean() == pytest.approx(0.75, abs=0.03)
    assert found[:, sum(blocks) :].all()
    assert (forgotten(frames.copy(), blocks, 0.0, dice()).numpy() == frames).all()
