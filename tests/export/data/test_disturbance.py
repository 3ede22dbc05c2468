"""The irregular past that a net sees while it is trained."""

from __future__ import annotations

import numpy as np
import pytest

from composerd.contract.frames import Floats
from composerd.contract.groove import BAND_STEPS, DRUM_STEPS, GrooveLayout, step_blocks
from composerd_export.data.disturbance import displace, disturb
from composerd_export.data.groove_examples import GrooveNoise, add_noise
from composerd_export.datasets import DATASETS

LAYOUT = GrooveLayout(DATASETS["rock"].tracks, ("rock",))


def test_the_bands_past_is_displaced_and_the_melody_is_not() -> None:
    rng = np.random.default_rng(1)
    for question in (DRUM_STEPS, BAND_STEPS):
        blocks = step_blocks(LAYOUT, question)
        ends = np.cumsum(blocks)
        before = (rng.random((400, sum(blocks) + 7)) < 0.3).astype(np.float32)
        add_noise(shown := before.copy(), blocks, GrooveNoise(forget=0.0, moved=0.2), rng)
        assert (shown[:, ends[-1] :] == before[:, ends[-1] :]).all()
        for i, (end, width) in enumerate(zip(ends, blocks, strict=True)):
            was, now = before[:, end - width : end] > 0, shown[:, end - width : end] > 0
            if i in (1, 2) or (i > 2 and i % 2 == 0):
                assert (was == now).all()
            else:
                assert abs((was & ~now).sum() / was.sum() - 0.2) < 0.03
                assert abs((now & ~was).sum() / was.sum() - 0.2) < 0.03


def shares(rows: int, columns: int, share: float) -> Floats:
    return np.full((rows, 1, columns), share, np.float32)


def test_how_dense_a_part_is_shown_says_little_about_how_dense_it_was() -> None:
    rng = np.random.default_rng(6)
    blocks = step_blocks(LAYOUT, BAND_STEPS)
    before = (rng.random((400, sum(blocks))) < 0.3).astype(np.float32)
    add_noise(shown := before.copy(), blocks, GrooveNoise(forget=0.0, moved=0.3), rng)
    counts = [rows[:, : blocks[0]].reshape(400, -1, LAYOUT.width).sum(1) for rows in (before, shown)]
    ratio = counts[1] / np.maximum(counts[0], 1)
    assert ratio.mean() == pytest.approx(1.0, abs=0.05)
    assert ratio.std() > 0.25
    once, again = (shown[:, start : start + 13 * LAYOUT.width].reshape(400, 13, LAYOUT.width).sum(1)
                   for start in (sum(blocks[:3]), sum(blocks[:5])))  # fmt: skip
    assert np.corrcoef(once[:, 0], again[:, 0])[0, 1] > 0.2, "all of a part's past is as dense"


def test_as_many_notes_of_each_drum_appear_elsewhere_as_vanish() -> None:
    rng = np.random.default_rng(3)
    often = np.array([0.5, 0.25, 0.05, 0.0])
    before = (rng.random((4000, 16, 4)) < often).astype(np.float32).reshape(4000, 64)
    shown = before.copy()
    displace(shown, 4, shares(4000, 4, 0.2), shares(4000, 4, 0.2), rng)
    counts = [cells.reshape(4000, 16, 4).sum((0, 1)) for cells in (before, shown)]
    assert np.abs(counts[1] - counts[0])[:3] == pytest.approx(0, abs=0.02 * float(counts[0].max()))
    assert counts[1][3] == 0, "what is never played appears nowhere"


def test_a_drum_on_every_step_has_no_room_for_notes_elsewhere() -> None:
    cells = np.ones((50, 16), np.float32)
    displace(cells, 1, shares(50, 1, 0.1), shares(50, 1, 0.1), np.random.default_rng(4))
    assert cells.mean() == pytest.approx(0.9, abs=0.03)
    displace(before := np.ones((5, 16), np.float32), 1, shares(5, 1, 0.0), shares(5, 1, 0.0), np.random.default_rng(4))
    assert before.all()


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
