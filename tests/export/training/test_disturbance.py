"""The irregular past that a net sees while it is trained."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from composerd.contract.groove import BAND_STEPS, DRUM_STEPS, GrooveLayout, step_blocks
from composerd_export.datasets import DATASETS
from composerd_export.training.disturbance import disturb
from composerd_export.training.groove_trainer import GrooveHyper, seen

LAYOUT = GrooveLayout(DATASETS["rock"].tracks, ("rock",))


def test_the_bands_past_is_disturbed_and_the_melody_is_not() -> None:
    rng = np.random.default_rng(1)
    for question in (DRUM_STEPS, BAND_STEPS):
        blocks = step_blocks(LAYOUT, question)
        ends = np.cumsum(blocks)
        before = (rng.random((400, sum(blocks) + 7)) < 0.3).astype(np.float32)
        shown = seen(before.copy(), blocks, GrooveHyper(dropped=0.2, added=0.05, forget=0.0), rng).numpy()
        assert (shown[:, ends[-1] :] == before[:, ends[-1] :]).all()
        for i, (end, width) in enumerate(zip(ends, blocks, strict=True)):
            was, now = before[:, end - width : end] > 0, shown[:, end - width : end] > 0
            if i in (1, 2) or (i > 2 and i % 2 == 0):
                assert (was == now).all()
            else:
                assert abs((was & ~now).sum() / was.sum() - 0.2) < 0.03
                assert abs((now & ~was).sum() / (~was).sum() - 0.05) < 0.015


def test_a_past_is_disturbed_more_or_less_from_row_to_row_and_not_at_all_where_nothing_is_to_be_dropped() -> None:
    rng = np.random.default_rng(2)
    before = np.ones((200, 300), np.float32)
    cells = before.copy()
    disturb(cells, 0.2, 0.0, rng)
    left = cells.mean(1)
    assert left.min() < 0.68
    assert left.max() > 0.97
    disturb(before, 0.0, 0.0, rng)
    assert before.all()
