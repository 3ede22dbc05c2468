"""Chord labels, cells and keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.chords import QUALITIES, Chord
from composerd.music.harmony import labelling
from composerd.music.metre import BarGrid, Metre
from composerd.music.roll import HELD, ONSET


def roll(*chords: tuple[int, ...], steps: int = 8) -> np.ndarray:
    cells = np.zeros((1, steps * len(chords), 128), np.uint8)
    for index, chord in enumerate(chords):
        for pitch in chord:
            cells[0, index * steps : (index + 1) * steps, pitch] = HELD
            cells[0, index * steps, pitch] = ONSET
    return cells


@pytest.mark.parametrize("quality", labelling.QUALITY_NAMES)
@pytest.mark.parametrize("root", range(12))
def test_every_chord_in_root_position_is_labelled_as_itself(root: int, quality: str) -> None:
    pitches = tuple(36 + root + interval for interval in QUALITIES[quality])
    label = labelling.label_cells(roll((24 + root, *pitches)), [0])[0]
    assert labelling.chord_of(int(label)) == Chord(root, quality)


def test_an_inversion_of_a_triad_keeps_its_root() -> None:
    assert str(labelling.chord_of(int(labelling.label_cells(roll((52, 60, 67)), [0])[0]))) == "C"


def test_cells_are_labelled_one_by_one_and_silence_has_no_chord() -> None:
    labels = labelling.label_cells(roll((48, 52, 55), (), (43, 55, 59, 62)), [0, 8, 16])
    assert [str(labelling.chord_of(int(label))) if label >= 0 else None for label in labels] == ["C", None, "G"]


def test_a_passing_note_does_not_change_the_chord() -> None:
    cells = roll((48, 52, 55))
    cells[0, 4:6, 53] = HELD
    assert str(labelling.chord_of(int(labelling.label_cells(cells, [0])[0]))) == "C"


def test_parts_left_out_do_not_count() -> None:
    cells = np.concatenate([roll((48, 52, 55)), roll((42, 46))])
    assert str(labelling.chord_of(int(labelling.label_cells(cells, [0], pitched=[0])[0]))) == "C"


def test_transposing_moves_roots_and_leaves_silence() -> None:
    labels = np.array([labelling.index_of(Chord(11, "m7")), labelling.NO_CHORD])
    assert labelling.transposed(labels, 3).tolist() == [labelling.index_of(Chord(2, "m7")), labelling.NO_CHORD]


@pytest.mark.parametrize(("tonic", "minor"), [(0, False), (7, False), (9, True), (2, True)])
def test_a_scale_with_its_tonic_triad_gives_its_key(tonic: int, minor: bool) -> None:
    scale, triad = ((0, 2, 3, 5, 7, 8, 11), (0, 3, 7)) if minor else ((0, 2, 4, 5, 7, 9, 11), (0, 4, 7))
    histogram = np.bincount([(tonic + step) % 12 for step in (*scale, *triad)], minlength=12).astype(float)
    key = labelling.key_of(histogram)
    assert (key.tonic, key.minor) == (tonic, minor)


@pytest.mark.parametrize(
    "metre", ["4/4", "3/4", "2/4", "6/8", "12/8", "5/4", "7/8", "9/8", "2/2", "3/2", "1/16", "11/8"]
)
@pytest.mark.parametrize("per_beat", [False, True])
def test_the_cells_of_a_bar_fill_it_exactly(metre: str, per_beat: bool) -> None:
    numerator, denominator = map(int, metre.split("/"))
    lengths = labelling.cell_lengths(Metre(numerator, denominator), per_beat)
    assert sum(lengths) == Metre(numerator, denominator).bar_steps
    assert min(lengths) > 0


def test_cells_start_with_the_one_that_holds_the_first_step_and_follow_a_change_of_metre() -> None:
    grid = BarGrid.of(Metre(4, 4)).changed(16, Metre(3, 4))
    assert labelling.cell_starts(grid, 9, 30) == [8, 16, 28]
    assert labelling.cell_starts(grid, 4, 20, per_beat=True) == [4, 8, 12, 16]


@pytest.mark.parametrize(("quality", "nearest"), [("dim7", "dim"), ("sus2", "sus4"), ("m6", "m"), ("6", "6")])
def test_a_quality_that_is_not_told_apart_counts_as_the_nearest(quality: str, nearest: str) -> None:
    assert labelling.index_of(Chord(4, quality)) == labelling.index_of(Chord(4, nearest))


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_a_lead_sheet_has_the_best_sum_of_scores_less_the_cost_of_its_changes(seed: int, per_beat: bool) -> None:
    rng = np.random.default_rng(seed)
    chroma = rng.random((5, 12)) * (rng.random((5, 12)) < 0.4)
    weights = labelling.CellWeights(chroma, rng.random((5, 12)))
    on_line, scores = rng.random(5) < 0.5, labelling.chord_scores(weights)
    costs = np.where(on_line, *(labelling.BEAT_CHANGE_COSTS if per_beat else labelling.CHANGE_COSTS))
    sounds = chroma.any(1)

    def value(chords: labelling.Indices) -> float:
        return float(scores[np.arange(5), chords][sounds].sum() - costs[1:][np.diff(chords) != 0].sum())

    found = labelling.lead_sheet(weights, on_line, per_beat)
    assert ((found == labelling.NO_CHORD) == ~sounds).all()
    if sounds.all():
        own = labelling.label_weights(weights)
        others = [own, *(np.full(5, chord) for chord in own), np.concatenate([own[:2], np.full(3, own[3])])]
        assert all(value(found) >= value(other) - 1e-9 for other in others)
