"""The voicing net's examples: notes chosen one by one from the lowest up, and notes that last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from composerd.contract.layout import MONO
from composerd.contract.voicing_layout import (
    CHORDS,
    CHOSEN,
    LASTING,
    LINE,
    NOTE,
    PLANES,
    ROWS,
    TOP,
    following_columns,
    plane,
    stage_columns,
)
from composerd.music.harmony.labelling import NO_CHORD
from composerd_export.data.notes import NoteSet, read_notes
from composerd_export.datasets import DATASETS
from composerd_export.nets.voicing import VoicingNet, VoicingSize
from composerd_export.training.voicing_trainer import (
    GENUINE,
    Lasting,
    NoteDraw,
    Notes,
    VoicingHyper,
    VoicingTrainer,
    shares,
    validation,
    voicing_losses,
)
from layouts import BAND
from make_models import tiny_corpora
from trainings import goes_on_bit_for_bit

POP = replace(DATASETS["pop"], tracks=BAND)
SMALL = VoicingHyper(epochs=1, epoch_updates=40, bars=24, rows=96, forget=0.0, size=VoicingSize(4, 8, 0.0))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_corpora(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def notes(data: Path) -> NoteSet:
    return read_notes([POP], data, "train")


def drawn(notes: NoteSet, seed: int = 1, **hyper: float) -> tuple[dict[str, Notes], Lasting | None]:
    rng = np.random.default_rng(seed)
    return NoteDraw(notes, replace(SMALL, **hyper), shares(notes, GENUINE))(rng)  # type: ignore[arg-type]


def test_the_loss_falls_on_a_small_set(notes: NoteSet) -> None:
    trainer = VoicingTrainer(notes, replace(SMALL, learning_rate=2e-2))
    losses = [sum(trainer.update().values()) for _ in range(40)]
    assert np.mean(losses[-5:]) < 0.4 * np.mean(losses[:3])


def test_a_restored_training_goes_on_bit_for_bit(notes: NoteSet) -> None:
    hyper = replace(SMALL, forget=0.3)
    goes_on_bit_for_bit(VoicingTrainer(notes, hyper), VoicingTrainer(notes, replace(hyper, seed=9)))


def test_the_true_note_is_always_one_of_those_that_are_possible(notes: NoteSet) -> None:
    for seed in range(6):
        for some in drawn(notes, seed)[0].values():
            assert some.possible[np.arange(len(some.target)), some.target].all()


def test_a_line_has_one_note_and_a_chord_may_end_but_not_before_its_first(notes: NoteSet) -> None:
    found, _ = drawn(notes)
    line, chords = found[LINE], found[CHORDS]
    assert not line.possible[:, ROWS].any()
    assert not line.frames[:, plane(CHOSEN)].any()
    begun = chords.frames[:, plane(TOP)].any(1)
    assert (chords.possible[:, ROWS] == begun).all()
    assert (chords.target == ROWS).any()
    assert (chords.target < ROWS).any()


def test_the_notes_of_a_chord_are_chosen_from_the_lowest_up(notes: NoteSet) -> None:
    chords = drawn(notes)[0][CHORDS]
    top = np.where(chords.frames[:, plane(TOP)].any(1), chords.frames[:, plane(TOP)].argmax(1), -1)
    assert (chords.target > top).all()
    possible = chords.possible[:, :ROWS]
    assert not (possible & (np.arange(ROWS) <= top[:, None])).any()
    chosen = chords.frames[:, plane(CHOSEN)] > 0
    assert not (possible & chosen).any()
    assert (chosen[np.arange(len(top)), top][top >= 0]).all(), "the highest note so far is one of the chosen"


def test_the_three_notes_of_a_triad_are_asked_for_as_often_as_its_end(notes: NoteSet) -> None:
    chosen = np.concatenate([drawn(notes, seed)[0][CHORDS].frames[:, plane(CHOSEN)].sum(1) for seed in range(12)])
    shares_of = [float((chosen == count).mean()) for count in range(4)]
    assert shares_of == pytest.approx([0.25] * 4, abs=0.08)


def test_notes_that_last_sounded_before_and_sound_on(notes: NoteSet) -> None:
    """In these songs chords begin on bar lines, all notes at once: nothing lasts over a new chord."""
    _, lasting = drawn(notes)
    assert lasting is not None
    assert not (lasting.target & ~lasting.sounding).any()
    assert lasting.sounding.any(1).all()
    assert not lasting.target.any()
    assert (lasting.frames[:, plane(CHOSEN)] == lasting.sounding).all()
    assert (lasting.frames[:, stage_columns(notes.layout)].argmax(1) == LASTING).all()


def test_questions_for_notes_are_of_their_stage(notes: NoteSet) -> None:
    for some in drawn(notes)[0].values():
        assert (some.frames[:, stage_columns(notes.layout)].argmax(1) == NOTE).all()


def test_planes_are_forgotten_whole_but_for_what_is_chosen_now(notes: NoteSet) -> None:
    plain, forgetful = (drawn(notes, 3, forget=share)[0][CHORDS].frames for share in (0.0, 1.0))
    history = slice(0, (len(PLANES) - 2) * ROWS)
    assert plain[:, history].any()
    assert not forgetful[:, history].any()
    assert forgetful[:, plane(CHOSEN)].any()
    half = np.concatenate([drawn(notes, seed, forget=0.5)[0][CHORDS].frames for seed in range(4)])
    foreseen = half[:, following_columns()].any(1).mean()
    assert 0.5 < foreseen < 0.9, "the next chord is hidden in a quarter of the questions"


def test_a_perfect_answer_costs_nothing_and_an_impossible_row_no_net(notes: NoteSet) -> None:
    class Sure(torch.nn.Module):
        def __init__(self, rows: torch.Tensor) -> None:
            super().__init__()
            self.rows = rows

        def forward(self, frames: torch.Tensor) -> torch.Tensor:
            return self.rows[: len(frames)]

    line = drawn(notes)[0][LINE]
    logits = torch.full((len(line.target), ROWS), 0.0)
    logits[torch.arange(len(line.target)), torch.from_numpy(line.target)] = 50.0
    wild = logits.masked_fill(~torch.from_numpy(line.possible[:, :ROWS]), 90.0)
    net = VoicingNet(notes.layout, SMALL.size)
    for said in (logits, wild):
        net.nets[LINE] = Sure(said)
        assert float(voicing_losses(net, ({LINE: line}, None))[LINE]) == pytest.approx(0.0, abs=1e-4)


def test_validation_says_the_same_of_the_same_net(notes: NoteSet) -> None:
    measured = validation(notes, SMALL, 2)
    net = VoicingTrainer(notes, SMALL).net
    first = measured(net)
    assert set(first) == {LINE, CHORDS}
    assert measured(net) == first


def test_genuine_bars_have_their_share_in_each_genre_that_has_both_kinds(notes: NoteSet) -> None:
    bars = notes.bars
    generated = np.arange(len(bars)) % 4 == 0
    mixed = replace(notes, bars=replace(bars, generated=generated))
    weight = np.diff(shares(mixed, 0.7), prepend=0.0)
    assert weight[~generated].sum() == pytest.approx(0.7 * weight.sum())
    assert weight.sum() == pytest.approx(bars.weight.sum())
    alone = np.diff(shares(notes, 0.7), prepend=0.0)
    assert alone == pytest.approx(bars.weight)
    only = np.diff(shares(mixed, 1.0), prepend=0.0)
    assert not only[generated].any()


def test_every_genre_asks_with_its_own_ranges(data: Path) -> None:
    higher = (*BAND[:2], type(BAND[2])("keys", "comp", BAND[2].kind, 55, 90, polyphony=4, sources=("bass",)))
    both = read_notes([POP, replace(POP, name="high", tracks=higher)], data, "train")
    assert both.layout.genres == ("pop", "high")
    assert [part.low for part in (both.tracks[0][2], both.tracks[1][2])] == [43, 55]
    steps = len(both.tape.chord) // 2
    assert (both.tape.chord[:steps] == both.tape.chord[steps:]).all()
    assert both.struck(1, np.array([steps]))[0, :55].sum() == 0
    found = NoteDraw(both, SMALL, shares(both, GENUINE))(np.random.default_rng(1))[0]
    assert found[CHORDS].possible[np.arange(len(found[CHORDS].target)), found[CHORDS].target].all()


def test_the_chord_of_one_dataset_does_not_lead_to_the_next_dataset(data: Path) -> None:
    one = replace(POP, name="one")
    both = read_notes([one, replace(POP, name="two")], data, "train", limit=1)
    steps = len(both.tape.chord) // 2
    assert both.tape.begun[steps] == 0
    assert both.tape.following[steps - 1] == NO_CHORD


def test_notes_under_no_chord_are_not_asked_for(notes: NoteSet) -> None:
    for part, track in enumerate(notes.layout.pitched):
        begins = notes.begins[part]
        assert not begins[notes.tape.chord == NO_CHORD].any()
        assert begins.any()
        counts = notes.voices[part][begins]
        assert counts.max() == (1 if track.kind == MONO else 3)
        assert notes.struck(part, np.flatnonzero(begins)[:5]).any(1).all()
