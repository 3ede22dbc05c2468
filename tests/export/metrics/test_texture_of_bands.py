"""Texture and form of small bands, worked out by hand, and the distance from people's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.music.notes import PartNote, notes_to_cells
from composerd.music.roll import HELD, ONSET, Cells
from composerd_export.metrics.form import bar_features, groove, in_bars, likeness, novelty, self_similarity
from composerd_export.metrics.texture import (
    SMALLEST_SPREAD,
    TEXTURE,
    bass_on_one,
    classes_per_bar,
    classes_per_step,
    crossings,
    deviations,
    drum_pattern,
    empty_bars,
    human_distance,
    in_range,
    mean_duration,
    note_list,
    onset_positions,
    onset_sync,
    onsets_per_bar,
    qualified_notes,
    semitones_inside,
    texture,
    tonal_distance,
    used_classes,
)

Row = tuple[int, int, int, int]
"""step, part, pitch, length"""
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def band(*rows: Row, steps: int = 32, parts: int = 2) -> Cells:
    return notes_to_cells(
        tuple(PartNote(step, part, pitch, 90, length) for step, part, pitch, length in rows), 0, steps, parts
    )


SILENCE = band()
MELODY = np.arange(32) % 4 == 0


def test_of_silence_every_figure_is_a_number_and_every_bar_is_empty() -> None:
    found = texture(MELODY, SILENCE)
    assert tuple(found) == TEXTURE
    assert found["empty_bars"].tolist() == [1.0, 1.0]
    assert found["positions"].tolist() == [0.0] * 16
    rest = {name: values.tolist() for name, values in found.items() if name not in ("empty_bars", "positions")}
    assert set(map(tuple, rest.values())) == {(0.0,)}


def test_a_note_that_is_tied_over_the_rolls_beginning_is_no_onset_and_one_beyond_its_end_is_cut() -> None:
    cells = SILENCE.copy()
    cells[0, :8, 60] = HELD
    cells[1, 28, 40], cells[1, 29:, 40] = ONSET, HELD
    assert note_list(cells).tolist() == [[1, 28, 40, 4]]


def test_notes_side_by_side_in_other_parts_and_pitches_do_not_run_together() -> None:
    cells = band((31, 0, 60, 1), (0, 1, 60, 2), (0, 0, 61, 32))
    assert sorted(note_list(cells).tolist()) == [[0, 0, 61, 32], [0, 31, 60, 1], [1, 0, 60, 2]]


@pytest.mark.parametrize(("lengths", "qualified"), [((1, 1), 0.0), ((1, 2), 0.5), ((2, 9), 1.0)])
def test_a_qualified_note_lasts_an_eighth(lengths: tuple[int, int], qualified: float) -> None:
    notes = note_list(band(*[(8 * at, 0, 60, length) for at, length in enumerate(lengths)]))
    assert qualified_notes(notes) == qualified
    assert mean_duration(notes) == sum(lengths) / 2
    assert qualified_notes(notes, shortest=3) == sum(length >= 3 for length in lengths) / 2


def test_densities_are_counted_by_the_bars_of_the_metre() -> None:
    notes = note_list(band((0, 0, 60, 1), (11, 0, 60, 1), (12, 0, 60, 1), steps=24))
    assert onsets_per_bar(notes, 24, 12) == 1.5
    assert onsets_per_bar(notes, 24) == 2.0
    assert onset_positions(notes, 12).tolist() == [2 / 3, *[0.0] * 10, 1 / 3]


def test_pitch_classes_are_counted_a_bar_a_step_and_a_part() -> None:
    cells = band((0, 0, 60, 4), (4, 0, 72, 4), (8, 0, 64, 4), (0, 1, 36, 16), (16, 1, 43, 8))
    assert classes_per_bar(cells) == (2 + 1) / 2
    assert classes_per_step(cells) == (8 * 1 + 4 * 2 + 4 * 1 + 8 * 1) / 24
    assert used_classes(cells) == (2 + 1 + 1) / 3, "over the three bars in which a part sounds"
    assert used_classes(SILENCE) == 0.0


def test_empty_bars_are_a_share_by_part_and_a_held_note_fills_its_bars() -> None:
    cells = band((0, 0, 60, 20), (40, 1, 40, 1), steps=64)
    assert empty_bars(cells).tolist() == [0.5, 0.75]


@pytest.mark.parametrize(("steps", "share"), [((), 0.0), ((0,), 1 / 8), ((1, 2, 3), 0.0), ((0, 4, 8, 12), 0.5)])
def test_sync_is_the_share_of_the_melodys_onsets_that_a_part_joins(steps: tuple[int, ...], share: float) -> None:
    assert onset_sync(MELODY, band(*[(step, step % 2, 50, 1) for step in steps])) == share
    assert onset_sync(np.zeros(32, np.bool_), band((0, 0, 50, 1))) == 0.0


@pytest.mark.parametrize(
    ("pitches", "rubs"), [((60, 61), 1.0), ((60, 71), 1.0), ((59, 60), 1.0), ((60, 62), 0.0), ((60, 72), 0.0)]
)
def test_a_semitone_inside_is_one_over_any_octave_and_from_b_to_c(pitches: tuple[int, int], rubs: float) -> None:
    assert semitones_inside(band(*[(0, part, pitch, 16) for part, pitch in enumerate(pitches)])) == rubs


def test_semitones_inside_are_a_share_of_the_steps_with_two_notes() -> None:
    assert semitones_inside(band((0, 0, 60, 32), (8, 1, 61, 4), (16, 1, 67, 12))) == 0.25
    assert semitones_inside(band((0, 0, 60, 32))) == 0.0


def test_the_drum_pattern_counts_strokes_and_not_steps() -> None:
    assert drum_pattern(band((0, 0, 36, 1), (0, 0, 42, 1), (1, 0, 42, 1))) == pytest.approx(2 / 3)
    assert drum_pattern(band((1, 0, 36, 1), (3, 1, 42, 1))) == 0.0


def test_tonal_distance_is_of_half_bars_in_which_both_parts_sound() -> None:
    here = band((0, 0, 60, 16), (0, 1, 66, 8))
    both = band((0, 0, 60, 8), (0, 1, 66, 8))
    assert tonal_distance(here) == pytest.approx(tonal_distance(both)) != 0
    assert np.isnan(tonal_distance(band((0, 0, 60, 8), (8, 1, 60, 8))))
    assert np.isnan(tonal_distance(band((0, 0, 60, 8), parts=1)))


def test_a_tritone_is_the_farthest_in_the_tonal_space_and_a_fifth_the_nearest() -> None:
    apart = {by: tonal_distance(band((0, 0, 60, 8), (0, 1, 60 + by, 8))) for by in range(12)}
    assert apart[0] == pytest.approx(0.0, abs=1e-9)
    assert apart[7] == pytest.approx(apart[5])
    assert min(list(apart)[1:], key=apart.__getitem__) in (5, 7)
    assert max(apart, key=apart.__getitem__) == 6


def test_bass_on_one_asks_for_an_onset_where_the_true_bass_has_one() -> None:
    truth = band((0, 0, 40, 4), (16, 0, 40, 4))[0]
    held = band((0, 0, 43, 32))[0]
    assert bass_on_one(held, truth) == 0.5, "a note held over the line does not begin on it"
    assert bass_on_one(truth, truth) == 1.0
    assert np.isnan(bass_on_one(truth, band((4, 0, 40, 4))[0]))


def test_both_ends_of_a_range_belong_to_it_and_each_part_has_its_own() -> None:
    cells = band((0, 0, 40, 4), (4, 0, 60, 4), (0, 1, 60, 4), (4, 1, 61, 4))
    assert in_range(cells, [(40, 60), (0, 60)]) == 0.75
    assert in_range(cells, [(41, 60), (0, 127)]) == 0.75
    assert in_range(SILENCE, [(60, 50), (60, 50)]) == 1.0


def test_voices_cross_where_a_higher_one_lies_below_and_not_in_unison_or_where_one_rests() -> None:
    high = [(0, 0, 60, 8), (8, 0, 50, 8), (16, 0, 40, 8)]
    low = [(0, 1, 50, 8), (8, 1, 50, 8), (24, 1, 90, 8)]
    assert crossings(band(*high, *low)) == 0.0
    assert crossings(band(*high, (0, 1, 61, 4))) == 4 / 32
    assert crossings(band(*high, parts=1)) == 0.0


# -- form

VERSE = [(0, 0, 60, 4), (8, 0, 64, 4)]
CHORUS = [(2, 0, 66, 2), (5, 0, 70, 1)]


def bars(*each: list[Row], parts: int = 1) -> Cells:
    rows = [(16 * bar + step, *rest) for bar, one in enumerate(each) for step, *rest in one]
    return band(*rows, steps=16 * len(each), parts=parts)  # type: ignore[arg-type]


def test_a_bars_features_have_unit_length_or_are_nothing() -> None:
    rows = bar_features(bars(VERSE, [], CHORUS))
    assert rows.shape == (3, 12 * 4 + 16)
    assert np.linalg.norm(rows, axis=1).tolist() == pytest.approx([1.0, 0.0, 1.0])
    assert bar_features(bars(VERSE), 12).shape == (1, 12 * 3 + 12)


def test_the_octave_and_the_part_of_a_note_are_no_feature_of_its_bar() -> None:
    higher = [(step, part, pitch + 12, length) for step, part, pitch, length in VERSE]
    moved = [(step, 1, pitch, length) for step, _, pitch, length in VERSE]
    plain = bar_features(bars(VERSE, parts=2))
    assert np.allclose(bar_features(bars(higher, parts=2)), plain)
    assert np.allclose(bar_features(bars(moved, parts=2)), plain)


@pytest.mark.parametrize(
    ("form", "alike", "new"),
    [
        ((VERSE, VERSE, VERSE), 1.0, 0.0),
        ((VERSE, CHORUS), 0.0, 1.0),
        ((VERSE, CHORUS, VERSE), 1 / 3, 0.5),
        ((VERSE, CHORUS, VERSE, CHORUS), 1 / 3, 1 / 3),
        ((VERSE,), 0.0, 0.0),
    ],
)
def test_a_form_is_as_alike_and_as_new_as_its_bars(form: tuple[list[Row], ...], alike: float, new: float) -> None:
    assert self_similarity(bars(*form)) == pytest.approx(alike)
    assert novelty(bars(*form)) == pytest.approx(new)


def test_rhythms_of_neighbours_are_compared_by_part_where_either_plays() -> None:
    one, other = [(0, 0, 60, 1), (8, 0, 60, 1)], [(0, 0, 64, 1), (4, 0, 60, 1)]
    assert groove(bars(one, other)) == pytest.approx(1 / 3), "one onset of three in common"
    assert groove(bars(one, [])) == 0.0
    assert np.isnan(groove(bars([], [])))
    in_two = [*one, (0, 1, 40, 1)]
    assert groove(bars(in_two, one, parts=2)) == pytest.approx((1.0 + 0.0) / 2), "the other part has gone"


def test_two_songs_are_compared_bar_by_bar_as_far_as_both_go() -> None:
    assert likeness(bars(VERSE, CHORUS), bars(VERSE, CHORUS, VERSE)) == pytest.approx(1.0)
    assert likeness(bars(VERSE, CHORUS), bars(CHORUS, VERSE)) == pytest.approx(0.0)
    assert likeness(bars(VERSE, CHORUS), bars(VERSE, VERSE)) == pytest.approx(0.5)


def test_less_than_a_bar_has_no_form() -> None:
    short = bars(VERSE)[:, :8]
    assert bar_features(short).shape == (0, 64)
    assert (self_similarity(short), novelty(short), likeness(short, bars(VERSE))) == (0.0, 0.0, 0.0)
    assert np.isnan(groove(short))


def test_only_whole_bars_are_counted() -> None:
    assert in_bars(np.arange(35), 16).tolist() == [list(range(16)), list(range(16, 32))]
    assert in_bars(np.zeros((24, 3)), 12).shape == (2, 12, 3)


_ROWS = st.lists(
    st.tuples(st.integers(0, 31), st.integers(0, 1), st.integers(40, 80), st.integers(1, 8)), min_size=1, max_size=16
)


@settings(max_examples=20)
@given(_ROWS, st.integers(-24, 24))
def test_the_texture_is_the_same_in_every_key_but_for_chords_that_are_ambiguous(rows: list[Row], by: int) -> None:
    moved = [(step, part, pitch + by, length) for step, part, pitch, length in rows]
    here, there = texture(MELODY, band(*rows)), texture(MELODY, band(*moved))
    for name in TEXTURE:
        if name != "changes":
            assert here[name] == pytest.approx(there[name]), name
    assert tonal_distance(band(*rows)) == pytest.approx(tonal_distance(band(*moved)), nan_ok=True)
    assert used_classes(band(*rows)) == used_classes(band(*moved))


@settings(max_examples=20)
@given(_ROWS)
def test_a_band_played_twice_is_as_dense_and_no_newer(rows: list[Row]) -> None:
    once, twice = (band(*rows, *more, steps=steps) for more, steps in
                   (((), 32), ([(step + 32, *rest) for step, *rest in rows], 64)))  # type: ignore[misc]  # fmt: skip
    clean = band(*[row for row in rows if row[0] + row[3] <= 32])
    again = np.concatenate([clean, clean], 1)
    for figure in (classes_per_bar, classes_per_step, semitones_inside):
        assert figure(again) == pytest.approx(figure(clean))
    assert onsets_per_bar(note_list(twice), 64) >= onsets_per_bar(note_list(once), 32) - 1e-9
    assert novelty(again) <= novelty(clean) + 1e-9


# -- distance


def figures(**values: list[list[float]]) -> dict[str, Floats]:
    """(songs, values) of each metric; all others are 0 for two songs."""
    return {name: np.array(values.get(name, [[0.0], [0.0]]), np.float64) for name in TEXTURE}


def test_a_deviation_is_in_standard_deviations_of_people() -> None:
    people = figures(onsets=[[10.0], [14.0]])
    found = deviations(figures(onsets=[[15.0], [19.0]]), people)
    assert found["onsets"] == pytest.approx(5 / 2)
    assert set(found.values()) == {found["onsets"], 0.0}
    assert human_distance(figures(onsets=[[15.0], [19.0]]), people) == pytest.approx(2.5 / len(TEXTURE))


@pytest.mark.parametrize("name", TEXTURE)
def test_where_people_hardly_differ_the_smallest_spread_is_the_unit(name: str) -> None:
    people = figures(**{name: [[1.0], [1.0]]})
    off = figures(**{name: [[1.0 + SMALLEST_SPREAD[name]], [1.0 + SMALLEST_SPREAD[name]]]})
    assert deviations(off, people)[name] == pytest.approx(1.0)


def test_a_figure_with_several_values_deviates_by_the_length_of_the_difference() -> None:
    people = figures(empty_bars=[[0.0, 0.0], [0.6, 0.8]])  # spreads .3 and .4: .5 together
    off = figures(empty_bars=[[0.6, 0.8], [0.6, 0.8]])  # .3 and .4 beside the means
    assert deviations(off, people)["empty_bars"] == pytest.approx(1.0)
