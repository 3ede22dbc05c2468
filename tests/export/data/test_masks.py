"""Windows that are drawn, and the situations that the net is put in with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composerd.contract.layout import DRUMS
from composerd.music.roll import REST
from composerd_export.data.batches import WINDOW, WindowBatch, Windows
from composerd_export.data.masks import CAUSAL, ORDERLESS, PHRASE, MaskMix, Task, make_task
from composerd_export.data.rolls import Rolls, load
from composerd_export.datasets import DATASETS
from layouts import BAND
from make_models import tiny_corpora

POP = replace(DATASETS["pop"], tracks=BAND)
BAR = 16
TIME = np.arange(WINDOW)[None]
EXACT = MaskMix(no_plan=0.0, plan_noise=0.0, future_noise=0.0, forget=0.0)
JAM = replace(EXACT, phrase=0.0, causal=1.0)


@pytest.fixture(scope="module")
def rolls(tmp_path_factory: pytest.TempPathFactory) -> Rolls:
    return load(POP, tiny_corpora(tmp_path_factory.mktemp("data")), "train")


@pytest.fixture(scope="module")
def batch(rolls: Rolls) -> WindowBatch:
    return Windows(rolls, BAND).draw(200, np.random.default_rng(2))


def task(batch: WindowBatch, mix: MaskMix, seed: int = 3) -> Task:
    return make_task(batch, BAND, mix, np.random.default_rng(seed))


def test_a_window_ends_where_its_piece_does(rolls: Rolls) -> None:
    lines = np.flatnonzero((rolls.piece == 0) & (rolls.phase == 0))
    late = lines[-3:-2]
    found = Windows(rolls, BAND).at(late, np.array([0]))
    assert found.valid[0].tolist() == [True] * 48 + [False] * 16
    assert (found.window.melody[0, 48:] == REST).all()
    assert not found.window.melody_onset[0, 48:].any()
    assert not any(cells[0, 48:].any() for cells in found.window.cells)
    assert not found.window.known[0, 48:].any()


def test_a_window_ends_for_good_where_a_bar_has_no_place_in_the_grid(rolls: Rolls) -> None:
    phase = rolls.phase.copy()
    phase[32:48] = -1
    found = Windows(replace(rolls, phase=phase), BAND).at(np.array([0]), np.array([0]))
    assert found.valid[0].tolist() == [True] * 32 + [False] * 32


def test_windows_that_are_mostly_rest_or_lie_in_two_pieces_are_not_drawn(rolls: Rolls) -> None:
    steps = len(rolls.melody) // 4
    whole = Windows(rolls, BAND)
    assert {int(start) % steps for start in whole.starts} == set(range(0, steps - 2 * BAR, BAR))
    melody = rolls.melody.copy()
    melody[: steps - 4 * BAR] = REST
    rests = Windows(replace(rolls, melody=melody), BAND).starts
    first = min(rests.tolist())
    assert (melody[first : first + WINDOW] != REST).mean() >= 0.3
    assert (melody[first - BAR : first - BAR + WINDOW] != REST).mean() < 0.3


def test_a_piece_of_thrice_the_weight_is_drawn_thrice_as_often(rolls: Rolls) -> None:
    marks = np.array([(True, True, False), (True, False, True), (False, True, True), (False, False, False)])
    weighted = replace(rolls, weights=np.array([3.0, 1.0, 0.0, 0.0]), present=marks)
    drawn = Windows(weighted, BAND).draw(3000, np.random.default_rng(1)).present
    shares = [float((drawn == mark).all(1).mean()) for mark in marks]
    assert shares == pytest.approx([0.75, 0.25, 0.0, 0.0], abs=0.03)


def test_notes_that_leave_a_parts_range_are_dropped_and_come_back_with_the_key(rolls: Rolls) -> None:
    windows = Windows(rolls, BAND)
    start = windows.starts[:1]
    keys = [windows.at(start, np.array([shift])).window.cells[2][0] for shift in (0, 5, -6)]
    rows = np.flatnonzero(keys[0].any(0))
    assert np.flatnonzero(keys[1].any(0)).tolist() == [row + 5 for row in rows if row + 5 < BAND[2].rows]
    assert np.flatnonzero(keys[2].any(0)).tolist() == [row - 6 for row in rows if row >= 6]


def test_equal_seeds_give_equal_tasks_and_others_others(batch: WindowBatch) -> None:
    one, again, other = (task(batch, MaskMix(), seed) for seed in (1, 1, 2))
    assert (one.weight == again.weight).all()
    assert (one.window.known == again.window.known).all()
    assert (one.window.chord_known == again.window.chord_known).all()
    assert (one.weight != other.weight).any()


def test_situations_have_their_shares(batch: WindowBatch) -> None:
    kinds = np.concatenate([task(batch, MaskMix(phrase=0.2, causal=0.5), seed).kind for seed in range(8)])
    shares = [float((kinds == kind).mean()) for kind in (PHRASE, CAUSAL, ORDERLESS)]
    assert shares == pytest.approx([0.2, 0.5, 0.3], abs=0.05)


@pytest.mark.parametrize(
    ("mix", "fewest", "most"),
    [
        (replace(JAM, reactive=0.0, ahead=0.0), 0, 0),
        (replace(JAM, reactive=1.0, ahead=0.0), 1, 1),
        (replace(JAM, reactive=0.0, ahead=1.0), 2, 16),
    ],
)
def test_live_the_melody_is_known_so_far(batch: WindowBatch, mix: MaskMix, fewest: int, most: int) -> None:
    found = task(batch, mix)
    heard = np.where(batch.valid, found.window.melody_known, found.moment[:, None] > TIME)
    beyond = heard.sum(1) - found.moment
    whole = batch.valid.all(1)
    assert [int(beyond[whole].min()), int(beyond[whole].max())] == [fewest, most]


def test_live_the_drums_are_known_to_the_moment_or_to_the_next_bar_line(batch: WindowBatch) -> None:
    found = task(batch, JAM)
    drums = [i for i, track in enumerate(BAND) if track.kind == DRUMS]
    known = found.window.known[batch.valid.all(1)][:, :, drums[0]].sum(1)
    moment = found.moment[batch.valid.all(1)]
    line = BAR * (moment // BAR + 1)
    assert ((known == moment) | (known == line)).all()
    assert 0.7 < (known == line).mean() < 0.95
    others = found.window.known[batch.valid.all(1)][:, :, 1:].sum(1)
    assert (others == moment[:, None]).all()


def test_the_next_quarter_counts_most_in_a_live_task_and_the_known_nothing(batch: WindowBatch) -> None:
    found = task(batch, JAM)
    row = int(np.flatnonzero(batch.valid.all(1) & (found.moment < 40))[0])
    moment = int(found.moment[row])
    weight = found.weight[row, :, 1]
    assert not weight[:moment].any()
    assert weight[moment : moment + 4].tolist() == [2.0] * 4
    assert weight[moment + 4 : moment + 16] == pytest.approx(np.full(12, 0.8))
    assert weight[moment + 16 :] == pytest.approx(np.full(WINDOW - moment - 16, 0.15))


def test_in_a_phrase_each_undecided_cell_counts_the_same_and_some_parts_are_given(batch: WindowBatch) -> None:
    found = task(batch, replace(EXACT, phrase=1.0, causal=0.0))
    assert set(np.unique(found.weight).tolist()) == {0.0, 1.0}
    whole = batch.valid.all(1)
    given = found.window.known[whole].all(1)
    assert 0.02 < given.mean() < 0.2, "a quarter of the parts, in three of ten windows"
    assert (found.window.known[whole].sum(1)[~given] == np.repeat(found.moment[whole][:, None], 3, 1)[~given]).all()
    assert (found.moment == 0).mean() > 0.4


def test_without_an_order_any_cell_may_be_known(batch: WindowBatch) -> None:
    found = task(batch, replace(EXACT, phrase=0.0, causal=0.0))
    assert (found.kind == ORDERLESS).all()
    assert (found.window.melody_known == batch.valid).all()
    late, early = (found.window.known[batch.valid.all(1)][:, part].mean() for part in (slice(48, 64), slice(0, 16)))
    assert late == pytest.approx(early, abs=0.1)


def test_nothing_is_both_known_and_asked_for_nor_asked_for_outside_the_music(batch: WindowBatch) -> None:
    for seed in range(4):
        found = task(batch, MaskMix(), seed)
        assert not (found.window.known & (found.weight > 0)).any()
        assert not found.weight[~batch.valid].any()
        assert not found.window.chord_known[~batch.valid].any()
        assert not found.window.melody_known[~batch.valid].any()


def test_some_beats_of_the_past_are_forgotten_whole(batch: WindowBatch) -> None:
    found = task(batch, replace(JAM, forget=1.0))
    past = (found.moment[:, None] > TIME)[..., None] & batch.window.known
    known = found.window.known & past
    beats = past.reshape(len(past), -1, 4, 3).all(2)
    kept = known.reshape(len(past), -1, 4, 3)
    whole, some = np.asarray(kept.all(2)), np.asarray(kept.any(2))
    assert (whole == some)[beats].all(), "a beat is known as a whole or not at all"
    assert 0.10 < 1 - whole[beats].mean() < 0.20
    assert (task(batch, JAM).window.known & past == past).all()


def test_a_plan_without_noise_is_the_truth_and_basses_are_roots_in_half_of_the_windows(batch: WindowBatch) -> None:
    chord = batch.window.chord
    thirds = np.where(chord >= 0, (chord + 4) % 12, -1)
    found = task(replace(batch, window=replace(batch.window, chord_bass=thirds)), EXACT).window
    assert (found.chord == chord).all()
    roots = ((found.chord_bass == chord % 12) | (chord < 0)).all(1)
    assert ((found.chord_bass == thirds).all(1) | roots).all()
    assert roots.mean() == pytest.approx(0.5, abs=0.12)


def test_without_a_plan_no_chord_is_known_and_in_a_phrase_all_are(batch: WindowBatch) -> None:
    assert not task(batch, replace(EXACT, no_plan=1.0)).window.chord_known.any()
    assert (task(batch, replace(EXACT, phrase=1.0, causal=0.0)).window.chord_known == batch.valid).all()


def test_live_a_plan_reaches_the_decided_step_at_least(batch: WindowBatch) -> None:
    found = task(batch, JAM)
    row = np.arange(len(found.moment))
    inside = batch.valid[row, found.moment]
    assert found.window.chord_known[row, found.moment][inside].all()
    some = found.window.chord_known.sum(1)[batch.valid.all(1)]
    assert (some == WINDOW).mean() == pytest.approx(0.5, abs=0.12)


def test_predicted_chords_are_wrong_where_they_lie_ahead_and_only_there(batch: WindowBatch) -> None:
    found = task(batch, replace(JAM, future_noise=1.0))
    wrong = found.window.chord != batch.window.chord
    cell = batch.cell
    now = np.take_along_axis(cell, found.moment[:, None], 1)
    assert not wrong[cell <= now].any()
    assert wrong[(cell > now) & batch.valid].mean() > 0.3
    phrase = task(batch, replace(EXACT, phrase=1.0, causal=0.0, future_noise=1.0)).window
    assert (phrase.chord == batch.window.chord).all(), "whole melodies have no chords ahead of them"


def test_a_planned_chord_is_wrong_for_as_long_as_it_lasts(batch: WindowBatch) -> None:
    found = task(batch, replace(EXACT, plan_noise=0.5)).window.chord
    assert (found != batch.window.chord).mean() > 0.1
    together = (batch.cell[:, 1:] == batch.cell[:, :-1]) & (batch.window.chord[:, 1:] == batch.window.chord[:, :-1])
    assert (found[:, 1:] == found[:, :-1])[together].all()
