"""Windows, transposition, masks and losses: what the net is taught with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec import structs

from composerd.contract.decoding import Decoder, Style, chance_width
from composerd.contract.layout import DRUMS, MONO, POLY, Layout, Track
from composerd.music.roll import HELD, ONSET, REST
from composerd_export.data.batches import MAX_TRANSPOSITION, WINDOW, Windows, with_wrong_notes
from composerd_export.data.masks import CAUSAL, PHRASE, MaskMix, make_task
from composerd_export.data.rolls import Rolls, load, straighten, track_cells
from composerd_export.datasets import DATASETS
from composerd_export.training.losses import mono_target, poly_targets, reconstruction, teach
from composerd_export.training.rollout import Span, play, rolled
from layouts import BAND
from make_models import tiny_corpora

POP = replace(DATASETS["pop"], tracks=BAND)
LAYOUT = Layout(BAND)


@pytest.fixture(scope="module")
def rolls(tmp_path_factory: pytest.TempPathFactory) -> Rolls:
    return load(POP, tiny_corpora(tmp_path_factory.mktemp("data")), "train")


@pytest.fixture(scope="module")
def windows(rolls: Rolls) -> Windows:
    return Windows(rolls, BAND)


def test_windows_begin_on_bar_lines(windows: Windows) -> None:
    assert set(windows.rolls.phase[windows.starts].tolist()) == {0}


def test_transposing_moves_melody_plan_and_pitched_parts_together(windows: Windows) -> None:
    start = windows.starts[:1]
    plain, moved = (windows.at(start, np.array([shift])).window for shift in (0, 3))
    assert ((moved.melody - plain.melody)[plain.melody != REST] % 12 == 3).all()
    assert ((moved.chord - plain.chord)[plain.chord >= 0] % 12 == 3).all()
    assert ((moved.chord_bass - plain.chord_bass)[plain.chord_bass >= 0] % 12 == 3).all()
    assert np.array_equal(moved.cells[0], plain.cells[0]), "drums stay"
    for i in (1, 2):
        assert np.array_equal(moved.cells[i][:, :, 3:], plain.cells[i][:, :, :-3])


def test_no_window_is_moved_out_of_a_monophonic_parts_range(windows: Windows) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        batch = windows.draw(8, rng)
        sounds = np.asarray((batch.window.cells[1] > 0).any(axis=2))
        assert sounds[batch.valid].mean() > 0.99, "the bass of these songs never rests"


def test_equal_seeds_draw_equal_batches(windows: Windows) -> None:
    one, other = (windows.draw(6, np.random.default_rng(4)).window for _ in range(2))
    assert np.array_equal(one.melody, other.melody)
    assert all(np.array_equal(a, b) for a, b in zip(one.cells, other.cells, strict=True))


def test_wrong_notes_are_a_step_or_two_off_and_last_as_long(windows: Windows) -> None:
    window = windows.draw(8, np.random.default_rng(1)).window
    slipped = with_wrong_notes(window, 0.5, np.random.default_rng(2))
    off = (slipped.melody - window.melody)[window.melody != REST]
    assert set(np.abs(off[off != 0]).tolist()) <= {1, 2}
    assert 0.2 < (off != 0).mean() < 0.8
    changes = np.diff(slipped.melody - window.melody, axis=1) != 0
    assert window.melody_onset[:, 1:][changes].all(), "a slip begins with a note"


def test_a_live_task_knows_nothing_after_its_moment_but_the_note_on_it(windows: Windows) -> None:
    rng = np.random.default_rng(5)
    mix = MaskMix(phrase=0.0, causal=1.0, reactive=1.0, ahead=0.0)
    task = make_task(windows.draw(32, rng), BAND, mix, rng)
    time = np.arange(WINDOW)[None]
    assert (task.kind == CAUSAL).all()
    assert not task.window.melody_known[time > task.moment[:, None]].any()
    for i, track in enumerate(BAND):
        known = task.window.known[:, :, i]
        if track.kind != DRUMS:
            assert not known[time >= task.moment[:, None]].any()
        assert not (known & (task.weight[..., i] > 0)).any(), "nothing known is asked for"


def test_a_phrase_task_knows_the_whole_melody(windows: Windows) -> None:
    rng = np.random.default_rng(5)
    batch = windows.draw(16, rng)
    task = make_task(batch, BAND, MaskMix(phrase=1.0, causal=0.0), rng)
    assert (task.kind == PHRASE).all()
    assert np.array_equal(task.window.melody_known, batch.valid)


def test_a_part_that_a_piece_does_not_have_is_neither_shown_nor_asked_for(rolls: Rolls) -> None:
    absent = replace(rolls, present=rolls.present & np.array([True, True, False]))
    rng = np.random.default_rng(6)
    batch = Windows(absent, BAND).draw(16, rng)
    task = make_task(batch, BAND, MaskMix(), rng)
    assert not task.window.known[..., 2].any()
    assert not task.weight[..., 2].any()
    assert task.weight[..., 1].any()


def test_a_held_note_that_does_not_sound_here_is_taught_as_an_onset() -> None:
    track = Track("bass", "bass", MONO, 40, 51)
    truth = np.zeros((1, 4, 12), np.uint8)
    truth[0, :, 3] = [ONSET, HELD, HELD, 0]
    played = truth.copy()
    played[0, 1] = 0
    played[0, 1, 7] = ONSET
    assert mono_target(teach(track, truth, truth)).tolist() == [[3, 12, 12, 13]]
    assert mono_target(teach(track, truth, played)).tolist() == [[3, 12, 3, 13]]
    begins, struck = poly_targets(teach(structs.replace(track, kind=POLY), truth, played))
    assert begins.tolist() == [[True, False, True, False]]
    assert struck[0, 2].nonzero()[0].tolist() == [3]


def test_the_loss_prefers_logits_of_which_the_truth_is_decoded(windows: Windows) -> None:
    """Logits that say the truth cost nothing, and the decoder reads the truth from them."""
    batch = windows.draw(4, np.random.default_rng(3))
    logits = np.full((4, WINDOW, LAYOUT.out_width), 0.0, np.float32)
    for track, cells in zip(BAND, batch.window.cells, strict=True):
        teacher = teach(track, cells, cells)
        column = {what: LAYOUT.output_columns.get(f"{track.name}.{what}") for what in ("onset", "hold", "rest", "gate")}
        if track.kind == MONO:
            target = mono_target(teacher)
            said = 40.0 * (np.arange(track.rows + 2) == target[..., None])
            logits[..., column["onset"]], logits[..., column["hold"]] = said[..., :-2], said[..., -2:-1]
            logits[..., column["rest"]] = said[..., -1:]
        else:
            logits[..., column["onset"]] = np.where(cells == ONSET, 40.0, -40.0)
            if track.kind == POLY:
                logits[..., column["hold"]] = np.where(cells == HELD, 40.0, -40.0)
                logits[..., column["gate"]] = np.where((cells == ONSET).any(2, keepdims=True), 40.0, -40.0)
    weight = torch.from_numpy(np.repeat(batch.valid[..., None], 3, 2).astype(np.float32))
    losses = reconstruction(LAYOUT, torch.from_numpy(logits), batch.window, batch.window.cells, weight)
    assert all(float(value) < 1e-3 for value in losses.values())
    chance = np.zeros((4, WINDOW, chance_width(LAYOUT)), np.float32)
    found = Decoder(LAYOUT).harmony(logits, batch.window.cells, batch.window.melody, 8, WINDOW, Style(), chance)
    for i, rows in found.items():
        assert np.array_equal(rows, batch.window.cells[i][:, 8:])


def test_a_rollout_replaces_the_past_by_the_nets_own_and_keeps_the_rest(windows: Windows) -> None:
    batch = windows.draw(4, np.random.default_rng(8))
    seen = []

    def forward(window: object) -> np.ndarray:
        seen.append(window)
        return np.random.default_rng(0).normal(0, 3, (4, WINDOW, LAYOUT.out_width)).astype(np.float32)

    span = Span(20, 36)
    played = play(LAYOUT, forward, batch.window, span, np.random.default_rng(1))
    assert not seen[0].known[:, 20:].any()  # type: ignore[attr-defined]
    for before, after in zip(batch.window.cells, played, strict=True):
        assert np.array_equal(before[:, :20], after[:, :20])
        assert np.array_equal(before[:, 36:], after[:, 36:])
        assert not np.array_equal(before[:, 20:36], after[:, 20:36])
    task = rolled(LAYOUT, forward, batch, MaskMix(), np.random.default_rng(1), span)
    assert (task.moment == 36).all()
    assert not task.weight[:, :36].any()


def test_swung_eighths_are_moved_onto_the_grid_and_straight_ones_keep_their_beat() -> None:
    bars = np.array([(0, 4, 4, 96)], np.int32)
    notes = np.array([(0, 16, 60, 80, 0), (16, 8, 62, 80, 0), (24, 24, 64, 80, 0), (64, 8, 65, 80, 0)], np.int32)
    moved = straighten(notes, bars)
    assert moved[:, 0].tolist() == [0, 12, 24, 60]
    assert moved[:, 1].tolist() == [12, 12, 24, 12]


def test_one_voice_is_made_of_several_by_the_lowest_note_of_each_step() -> None:
    track = Track("bass", "bass", MONO, 36, 60)
    notes = np.array([(0, 24, 48, 80, 2), (0, 24, 40, 80, 2), (12, 24, 43, 80, 2)], np.int32)
    cells = track_cells(track, notes, 8)
    assert [(int(np.flatnonzero(row)[0]) + 36 if row.any() else None) for row in cells] == [
        40,
        40,
        43,
        43,
        43,
        43,
        None,
        None,
    ]


def test_margins_never_exceed_what_is_asked(windows: Windows) -> None:
    assert (windows._margins >= -MAX_TRANSPOSITION).all()
    assert (windows._margins < MAX_TRANSPOSITION).all()


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    from composerd.errors import ConfigError

    with pytest.raises(ConfigError, match=r"train\.npz"):
        load(POP, tmp_path, "train")
