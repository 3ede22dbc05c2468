"""Fit of small bands to a melody, worked out by hand, and what no key, octave or doubling may change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.music.notes import PartNote, notes_to_cells
from composerd.music.roll import HELD, ONSET, REST, Cells, Steps
from composerd_export.metrics.consonance import (
    HARMONY,
    chord_changes,
    chroma,
    clashes,
    closure,
    consonance,
    harmony,
    lowest,
    melody_in_triad,
    note_in_chord,
    triads_heard,
)

MAJOR, MINOR, DIMINISHED = 0, 12, 24
Row = tuple[int, int, int, int]
"""step, part, pitch, length"""
SILENCE = np.zeros((2, 16, 128), np.uint8)


def band(*rows: Row, steps: int = 16, parts: int = 2) -> Cells:
    return notes_to_cells(
        tuple(PartNote(step, part, pitch, 90, length) for step, part, pitch, length in rows), 0, steps, parts
    )


def chord(*pitches: int, at: int = 0, length: int = 16, part: int = 0) -> list[Row]:
    return [(at, part, pitch, length) for pitch in pitches]


def sung(*pitches: int, each: int = 4) -> Steps:
    return np.repeat(np.array(pitches, np.int16), each)


C, F, G, A_MINOR = (48, 52, 55), (53, 57, 60), (55, 59, 62), (57, 60, 64)


@pytest.mark.parametrize(
    ("interval", "score"),
    [(0, 1), (1, -1), (2, -1), (3, 1), (4, 1), (5, 0), (6, -1), (7, 1), (8, 1), (9, 1), (10, -1), (11, -1)],
)
def test_each_interval_above_one_note_has_its_consonance(interval: int, score: int) -> None:
    under = band(*chord(48))
    assert consonance(sung(*[60 + interval] * 4), under) == score
    assert clashes(sung(*[60 + interval] * 4), under) == (interval in (1, 11))
    assert note_in_chord(sung(*[60 + interval] * 4), under) == (interval == 0)


def test_pitches_of_one_class_count_as_one_note_beside_the_melody() -> None:
    once, thrice = band(*chord(48, 53)), band(*chord(36, 48, 60, 53))
    assert consonance(sung(*[60] * 4), once) == consonance(sung(*[60] * 4), thrice) == 1.0
    assert chroma(thrice)[0].tolist() == [3.0, *[0.0] * 4, 1.0, *[0.0] * 6]


def test_a_pitch_that_two_parts_hold_is_one_pitch() -> None:
    assert chroma(band(*chord(60), *chord(60, part=1)))[0, 0] == 1.0


def test_the_share_of_clashes_is_of_steps_and_not_of_notes() -> None:
    melody = sung(61, 62, 67, 72)
    assert clashes(melody, band(*chord(*C))) == 0.25, "only the first of four notes lies beside a tone"
    assert clashes(np.repeat(np.array([61, 67], np.int16), (12, 4)), band(*chord(*C))) == 0.75


def test_what_sounds_while_the_melody_rests_is_not_judged_by_it() -> None:
    under = band(*chord(*C, length=8), *chord(49, 54, at=8, length=8))
    assert clashes(sung(60, 64, REST, REST), under) == 0.0
    assert clashes(sung(60, 64, 60, 60), under) == 0.5


@pytest.mark.parametrize("melody", [sung(60, 64, 67, 72), sung(REST, REST, REST, REST)])
def test_where_nothing_meets_the_figures_are_the_worst(melody: Steps) -> None:
    under = SILENCE if melody[0] != REST else band(*chord(*C))
    assert harmony(melody, under) == {"pcs": -1.0, "clash": 1.0, "nic": 0.0, "mtriad": 0.0, "cover": 0.0}


def test_cover_is_the_share_of_the_melody_that_is_accompanied() -> None:
    assert harmony(sung(60, 62, 64, REST), band(*chord(*C, length=4)))["cover"] == pytest.approx(1 / 3)
    assert harmony(sung(60, 62, 64, REST), band(*chord(*C)))["cover"] == 1.0


def test_the_lowest_pitch_is_of_all_parts_and_a_rest_where_none_sounds() -> None:
    found = lowest(band((0, 0, 60, 8), (4, 1, 40, 8)))
    assert found.tolist() == [60] * 4 + [40] * 8 + [REST] * 4


@pytest.mark.parametrize(
    ("pitches", "heard"),
    [
        (C, MAJOR + 0),
        ((52, 55, 60), MAJOR + 0),  # an inversion
        ((48, 52, 55, 59), MAJOR + 0),  # a major seventh
        ((48, 53, 55), MAJOR + 0),  # a suspended fourth counts as major
        ((48, 51, 55), MINOR + 0),
        ((48, 51, 55, 58), MINOR + 0),
        ((47, 50, 53), DIMINISHED + 11),
        ((36, 43), MAJOR + 0),  # a bare fifth
        ((45, 48, 52, 55), MINOR + 9),
        ((48, 52, 55, 57), MINOR + 9),  # a sixth chord is no template: its notes are the minor seventh's
    ],
)
def test_a_chord_is_heard_as_its_triad(pitches: tuple[int, ...], heard: int) -> None:
    assert triads_heard(band(*chord(*pitches)), 16).tolist() == [heard]


def test_each_block_has_its_triad_and_a_silent_one_none() -> None:
    rows = [*chord(*C, length=4), *chord(*A_MINOR, at=4, length=4), *chord(*G, at=12, length=4)]
    assert triads_heard(band(*rows), 4).tolist() == [0, MINOR + 9, REST, 7]
    assert triads_heard(band(*rows), 8).shape == (2,)
    assert triads_heard(band(*rows, steps=15), 8).shape == (1,), "an incomplete block is left out"


@pytest.mark.parametrize(
    ("melody", "share"),
    [((60, 64, 67, 72), 1.0), ((60, 64, 67, 62), 0.75), ((61, 61, 65, 65), 0.0), ((REST, REST, 60, 61), 0.5)],
)
def test_the_share_of_a_melody_inside_the_triad_is_of_its_sounding_steps(melody: tuple[int, ...], share: float) -> None:
    assert melody_in_triad(sung(*melody), band(*chord(*C))) == share


def test_a_melody_note_under_silence_is_in_no_triad_and_does_not_count() -> None:
    half = band(*chord(*C, length=8))
    assert melody_in_triad(sung(60, 64, 61, 61), half) == 1.0
    assert melody_in_triad(sung(60, 61, 60, 60), half) == 0.5


def test_in_bars_that_are_no_half_bars_a_triad_rules_a_whole_bar() -> None:
    """In 3/4 a block is a bar of twelve steps: the chord that sounds longest rules it."""
    under = band(*chord(*C, length=8), *chord(*G, at=8, length=4), steps=12)
    assert harmony(np.repeat(np.array([60, 62, 62], np.int16), 4), under, 12)["mtriad"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("roots", "changes"),
    [((C, C, C, C), 0), ((C, F, C, F), 3), ((C, C, F, F), 1), ((C, (), F, F), 0), ((C, (), F, G), 1)],
)
def test_changes_are_counted_between_beats_that_both_sound(roots: tuple[tuple[int, ...], ...], changes: int) -> None:
    rows = [row for beat, pitches in enumerate(roots) for row in chord(*pitches, at=4 * beat, length=4)]
    assert chord_changes(band(*rows)) == changes
    twice = band(*rows, *[(step + 16, *rest) for step, *rest in rows], steps=32)  # type: ignore[arg-type]
    last_to_first = int(roots[-1] != roots[0] and bool(roots[-1]) and bool(roots[0]))
    assert chord_changes(twice) == pytest.approx((2 * changes + last_to_first) / 2), "per bar"


def test_another_bar_length_counts_changes_by_its_own_bars() -> None:
    rows = [row for beat, pitches in enumerate((C, F, C)) for row in chord(*pitches, at=4 * beat, length=4)]
    assert chord_changes(band(*rows, steps=12), 12) == 2.0


# -- what may not matter

_ROWS = st.lists(
    st.tuples(st.integers(0, 15), st.integers(0, 1), st.integers(40, 80), st.integers(1, 8)), min_size=1, max_size=12
)
_MELODY = st.lists(st.sampled_from([REST, *range(55, 80)]), min_size=16, max_size=16)


@settings(max_examples=20)
@given(_ROWS, _MELODY, st.integers(-24, 24))
def test_the_fit_is_the_same_in_every_key(rows: list[Row], melody: list[int], by: int) -> None:
    here = np.array(melody, np.int16)
    there = np.where(here == REST, REST, here + by).astype(np.int16)
    moved = [(step, part, pitch + by, length) for step, part, pitch, length in rows]
    for figure in (consonance, clashes, note_in_chord):
        assert figure(here, band(*rows)) == pytest.approx(figure(there, band(*moved)))


@settings(max_examples=20)
@given(_ROWS, _MELODY, st.integers(0, 15))
def test_a_clash_costs_consonance_and_a_doubled_melody_is_in_the_chord(
    rows: list[Row], melody: list[int], at: int
) -> None:
    here = np.array(melody, np.int16)
    doubled = [(step, 1, int(pitch), 1) for step, pitch in enumerate(melody) if pitch != REST]
    both = band(*rows, *doubled)
    assert note_in_chord(here, both) == (1.0 if doubled else 0.0)
    assert consonance(here, both) >= -1.0
    if melody[at] != REST:
        rubbed = band(*rows, *doubled, (at, 0, melody[at] + 1, 1))
        assert clashes(here, rubbed) >= clashes(here, both)
        assert clashes(here, rubbed) > 0


@settings(max_examples=20)
@given(_ROWS, _MELODY)
def test_figures_stay_within_their_ranges_and_onsets_do_not_matter(rows: list[Row], melody: list[int]) -> None:
    here, under = np.array(melody, np.int16), band(*rows)
    found = harmony(here, under)
    assert -1 <= found["pcs"] <= 1
    assert all(0 <= found[name] <= 1 for name in ("clash", "nic", "mtriad", "cover"))
    tied = np.where(under == ONSET, HELD, under).astype(np.uint8)
    assert harmony(here, tied) == found


# -- closure

TRUTH, OTHER = {"pcs": 0.5, "clash": 0.1, "nic": 0.6}, {"pcs": 0.1, "clash": 0.3, "nic": 0.2}


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ({"pcs": 0.3, "clash": 0.2, "nic": 0.4}, 0.5),
        ({"pcs": 0.5, "clash": 0.3, "nic": 0.2}, 1 / 3),
        ({"pcs": 0.1, "clash": 0.0, "nic": 0.2}, 1 / 3),  # fewer clashes than people's count as people's
        ({"pcs": -0.3, "clash": 0.3, "nic": 0.2}, -1 / 3),  # worse than another song
        ({"pcs": 0.9, "clash": 0.3, "nic": 1.0}, 2 / 3),
    ],
)
def test_closure_is_the_mean_way_to_the_truth(system: dict[str, float], expected: float) -> None:
    assert closure(system, TRUTH, OTHER) == pytest.approx(expected)


@pytest.mark.parametrize("name", HARMONY)
def test_a_figure_in_which_truth_and_another_song_agree_is_left_out(name: str) -> None:
    other = {**OTHER, name: TRUTH[name]}
    half = {key: (TRUTH[key] + other[key]) / 2 for key in HARMONY}
    assert closure({**half, name: -5.0}, TRUTH, other) == pytest.approx(0.5)


def test_without_a_difference_between_truth_and_another_song_there_is_no_closure() -> None:
    assert np.isnan(closure(OTHER, TRUTH, TRUTH))
