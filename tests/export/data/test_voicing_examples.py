"""The voicing net's examples: notes chosen one by one from the lowest up, and notes that last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

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
    bass_columns,
    following_columns,
    plane,
    stage_columns,
)
from composerd.music.harmony.labelling import NO_CHORD
from composerd_export.data.notes import NoteSet, read_notes
from composerd_export.data.voicing_examples import GENUINE, NoteDraw, NoteNoise, VoicingExamples, running_weights
from composerd_export.datasets import DATASETS
from layouts import BAND
from make_models import tiny_corpora

POP = replace(DATASETS["pop"], tracks=BAND)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_corpora(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def notes(data: Path) -> NoteSet:
    return read_notes([POP], data, "train")


def drawn(notes: NoteSet, seed: int = 1, forget: float = 0.0, free_bass: float = 0.0) -> VoicingExamples:
    noise = NoteNoise(forget, 0.2, 0.004) if forget else None
    draw = NoteDraw(notes, 24, 96, running_weights(notes, GENUINE), noise, free_bass)
    return draw(np.random.default_rng(seed))


def test_the_true_note_is_always_one_of_those_that_are_possible(notes: NoteSet) -> None:
    for seed in range(6):
        for some in drawn(notes, seed).notes.values():
            assert some.possible[np.arange(len(some.target)), some.target].all()


def test_a_line_has_one_note_and_a_chord_may_end_but_not_before_its_first(notes: NoteSet) -> None:
    found = drawn(notes).notes
    line, chords = found[LINE], found[CHORDS]
    assert not line.possible[:, ROWS].any()
    assert not line.frames[:, plane(CHOSEN)].any()
    begun = chords.frames[:, plane(TOP)].any(1)
    assert (chords.possible[:, ROWS] == begun).all()
    assert (chords.target == ROWS).any()
    assert (chords.target < ROWS).any()


def test_the_notes_of_a_chord_are_chosen_from_the_lowest_up(notes: NoteSet) -> None:
    chords = drawn(notes).notes[CHORDS]
    top = np.where(chords.frames[:, plane(TOP)].any(1), chords.frames[:, plane(TOP)].argmax(1), -1)
    assert (chords.target > top).all()
    possible = chords.possible[:, :ROWS]
    assert not (possible & (np.arange(ROWS) <= top[:, None])).any()
    chosen = chords.frames[:, plane(CHOSEN)] > 0
    assert not (possible & chosen).any()
    assert (chosen[np.arange(len(top)), top][top >= 0]).all(), "the highest note so far is one of the chosen"


def test_the_three_notes_of_a_triad_are_asked_for_as_often_as_its_end(notes: NoteSet) -> None:
    chosen = np.concatenate([drawn(notes, seed).notes[CHORDS].frames[:, plane(CHOSEN)].sum(1) for seed in range(12)])
    shares_of = [float((chosen == count).mean()) for count in range(4)]
    assert shares_of == pytest.approx([0.25] * 4, abs=0.08)


def test_notes_that_last_sounded_before_and_sound_on(notes: NoteSet) -> None:
    """In these songs chords begin on bar lines, all notes at once: nothing lasts over a new chord."""
    lasting = drawn(notes).lasting
    assert lasting is not None
    assert not (lasting.target & ~lasting.sounding).any()
    assert lasting.sounding.any(1).all()
    assert not lasting.target.any()
    assert (lasting.frames[:, plane(CHOSEN)] == lasting.sounding).all()
    assert (lasting.frames[:, stage_columns(notes.layout)].argmax(1) == LASTING).all()


def test_questions_for_notes_are_of_their_stage(notes: NoteSet) -> None:
    for some in drawn(notes).notes.values():
        assert (some.frames[:, stage_columns(notes.layout)].argmax(1) == NOTE).all()


def test_planes_are_forgotten_whole_but_for_what_is_chosen_now(notes: NoteSet) -> None:
    plain, forgetful = (drawn(notes, 3, forget=share).notes[CHORDS].frames for share in (0.0, 1.0))
    history = slice(0, (len(PLANES) - 2) * ROWS)
    assert plain[:, history].any()
    assert not forgetful[:, history].any()
    assert forgetful[:, plane(CHOSEN)].any()
    half = np.concatenate([drawn(notes, seed, forget=0.5).notes[CHORDS].frames for seed in range(4)])
    foreseen = half[:, following_columns()].any(1).mean()
    assert 0.5 < foreseen < 0.9, "the next chord is hidden in a quarter of the questions"


def test_genuine_bars_have_their_share_in_each_genre_that_has_both_kinds(notes: NoteSet) -> None:
    bars = notes.bars
    generated = np.arange(len(bars)) % 4 == 0
    mixed = replace(notes, bars=replace(bars, generated=generated))
    weight = np.diff(running_weights(mixed, 0.7), prepend=0.0)
    assert weight[~generated].sum() == pytest.approx(0.7 * weight.sum())
    assert weight.sum() == pytest.approx(bars.weight.sum())
    alone = np.diff(running_weights(notes, 0.7), prepend=0.0)
    assert alone == pytest.approx(bars.weight)
    only = np.diff(running_weights(mixed, 1.0), prepend=0.0)
    assert not only[generated].any()


def test_every_genre_asks_with_its_own_ranges(data: Path) -> None:
    higher = (*BAND[:2], type(BAND[2])("keys", "comp", BAND[2].kind, 55, 90, polyphony=4, sources=("bass",)))
    both = read_notes([POP, replace(POP, name="high", tracks=higher)], data, "train")
    assert both.layout.genres == ("pop", "high")
    assert [part.low for part in (both.tracks[0][2], both.tracks[1][2])] == [43, 55]
    steps = len(both.tape.chord) // 2
    assert (both.tape.chord[:steps] == both.tape.chord[steps:]).all()
    assert both.struck(1, np.array([steps]))[0, :55].sum() == 0
    found = NoteDraw(both, 24, 96, running_weights(both, GENUINE), None)(np.random.default_rng(1)).notes
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


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_free_bass_is_what_no_note_sees(notes: NoteSet, share: float) -> None:
    some = drawn(notes, free_bass=share).notes
    assert [one.frames[:, bass_columns()].any() for one in some.values()] == [share == 0.0] * len(some)
