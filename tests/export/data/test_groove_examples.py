"""The groove net's examples: bars of performances that began somewhere, single steps, and what is hidden of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("torch")

from composerd.contract.groove import BAND_BARS, BAND_STEPS, COPY, DRUM_BARS, DRUM_STEPS, LAGS, NEW, VARY, step_blocks
from composerd.contract.layout import DRUMS
from composerd_export.data.bars import BarSet, read_bars
from composerd_export.data.groove_examples import (
    FARTHEST,
    GrooveDraw,
    GrooveNoise,
    Steps,
    draw_bars,
    melody_known_until,
    possible_plans,
    steps_of,
    zero_blocks,
)
from composerd_export.datasets import DATASETS
from layouts import BAND
from make_models import tiny_corpora

POP = replace(DATASETS["pop"], tracks=BAND)


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> BarSet:
    return read_bars([POP], tiny_corpora(tmp_path_factory.mktemp("data")), "train")


def dice(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_drawn_bars_belong_to_performances_that_began_before_them(bars: BarSet) -> None:
    drawn = draw_bars(bars, 2000, dice(), np.cumsum(bars.weight))
    age = bars.index[drawn.rows] - drawn.since
    assert age.min() >= 0
    assert age.max() <= FARTHEST
    assert (drawn.since[age < bars.index[drawn.rows]] > 0).all()
    assert (age == 0).mean() > 0.05, "some have only begun"
    assert (drawn.bars.known_from == drawn.bars.start - 16 * age).all()


def test_bars_are_drawn_by_their_weight(bars: BarSet) -> None:
    weight = np.zeros(len(bars))
    weight[[3, 7]] = (0.75, 0.25)
    rows = draw_bars(bars, 2000, dice(), np.cumsum(weight)).rows
    assert set(rows.tolist()) == {3, 7}
    assert (rows == 3).mean() == pytest.approx(0.75, abs=0.04)


def test_only_bars_that_are_known_can_be_repeated(bars: BarSet) -> None:
    drawn = draw_bars(bars, 300, dice(), np.cumsum(bars.weight))
    allowed = possible_plans(drawn.bars)
    assert allowed[:, NEW].all()
    for place, lag in enumerate(LAGS):
        reached = bars.index[drawn.rows] - drawn.since >= lag
        assert (allowed[:, COPY + place] == reached).all()
        assert (allowed[:, VARY + place] == reached).all()
    assert np.take_along_axis(allowed[:, None], drawn.plans[..., None], 2).all(), "the truth is always possible"


def test_steps_are_of_bars_that_play_and_are_no_copies(bars: BarSet) -> None:
    drawn = draw_bars(bars, 200, dice(), np.cumsum(bars.weight))
    found = steps_of(bars, drawn, slice(0, 1), 10**6, dice())
    copies = (drawn.plans >= COPY) & (drawn.plans < VARY)
    wanted = (bars.present[drawn.rows] & ~copies)[:, 0]
    assert len(found.place) == 16 * wanted.sum()
    assert sorted(set(found.place.tolist())) == list(range(16))
    assert not ((found.plans[:, 0] >= COPY) & (found.plans[:, 0] < VARY)).any()
    now = found.bars.start + found.place
    assert (found.cells == bars.tape.cells[now]).all()
    assert len(steps_of(bars, drawn, slice(0, 1), 7, dice()).place) == 7


def test_without_a_bar_to_learn_from_there_are_no_steps(bars: BarSet) -> None:
    silent = replace(bars, present=np.zeros_like(bars.present))
    drawn = draw_bars(silent, 20, dice(), np.cumsum(bars.weight))
    assert len(steps_of(silent, drawn, slice(0, 3), 99, dice()).place) == 0


def some_steps(bars: BarSet) -> Steps:
    drawn = draw_bars(bars, 200, dice(), np.cumsum(bars.weight))
    return steps_of(bars, drawn, slice(1, 3), 1000, dice())


def test_the_melody_is_known_up_to_the_step_or_so_many_earlier(bars: BarSet) -> None:
    steps = some_steps(bars)
    ahead = melody_known_until(steps, 0.5, 4, dice()) - (steps.bars.start + steps.place)
    assert set(ahead.tolist()) == {1, 0, -1, -2, -3}
    assert (ahead == 1).mean() == pytest.approx(0.5, abs=0.06)
    assert set((melody_known_until(steps, 1.0, 4, dice()) - steps.bars.start - steps.place).tolist()) == {1}


def test_blocks_are_zeroed_whole_and_nothing_else_is(bars: BarSet) -> None:
    blocks = step_blocks(bars.layout, DRUM_STEPS)
    frames = np.ones((400, sum(blocks) + 30), np.float32)
    zero_blocks(found := frames.copy(), blocks, 0.25, dice())
    edges = np.cumsum([0, *blocks])
    kept = np.stack([found[:, first:end].mean(1) for first, end in pairwise(edges.tolist())], 1)
    assert set(np.unique(kept).tolist()) == {0.0, 1.0}
    assert kept.mean() == pytest.approx(0.75, abs=0.03)
    assert found[:, sum(blocks) :].all()
    zero_blocks(found := frames.copy(), blocks, 0.0, dice())
    assert (found == frames).all()


def test_an_update_learns_from_as_many_bars_and_steps_as_it_is_told(bars: BarSet) -> None:
    found = GrooveDraw(bars, 24, 64, np.cumsum(bars.weight), None)(dice())
    assert set(found.plans.frames) == {DRUM_BARS, BAND_BARS}
    assert {len(rows) for rows in found.plans.frames.values()} == {len(found.plans.plans)} == {24}
    assert found.drums is not None
    for steps, question in ((found.drums, DRUM_STEPS), (found.band, BAND_STEPS)):
        assert steps.frames.shape == (64, bars.layout.inputs(question))
        assert steps.cells.shape == (64, bars.layout.width)


def test_a_band_without_drums_has_examples_of_its_parts_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    pitched = replace(POP, tracks=tuple(track for track in BAND if track.kind != DRUMS))
    bars = read_bars([pitched], tiny_corpora(tmp_path_factory.mktemp("data")), "train")
    found = GrooveDraw(bars, 8, 16, np.cumsum(bars.weight), None)(dice())
    assert found.drums is None
    assert set(found.plans.frames) == {BAND_BARS}
    assert found.band.weight.shape == (16, len(pitched.tracks))


def test_noise_changes_the_input_and_not_the_truth(bars: BarSet) -> None:
    """With probability 1 of being zeroed only the columns behind the blocks are left."""
    found = GrooveDraw(bars, 24, 64, np.cumsum(bars.weight), GrooveNoise(forget=1.0, moved=0.0))(dice())
    assert found.drums is not None
    size = sum(step_blocks(bars.layout, DRUM_STEPS))
    assert not found.drums.frames[:, :size].any()
    assert found.drums.frames[:, size:].any()
    assert found.drums.cells.any()
