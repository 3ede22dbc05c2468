"""The groove net's inputs, column by column, on tapes made by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.contract.groove import (
    AFTER,
    BAND_BARS,
    BAND_STEPS,
    BEFORE,
    CHANGES,
    CHOICES,
    COPY,
    DRUM_BARS,
    DRUM_STEPS,
    GROUP,
    HISTORY,
    LAGS,
    LEAST_LIKENESS,
    NEW,
    QUESTIONS,
    REACH,
    TEXTURE,
    UNKNOWN,
    UNKNOWN_PLAN,
    VARY,
    Bars,
    GrooveLayout,
    Tape,
    bar_frames,
    context,
    likeness,
    onset_columns,
    plan_of,
    rhythm_of,
    step_blocks,
    step_frames,
    texture_of,
)  # fmt: skip
from composerd.contract.layout import DRUMS, MONO, PHASES, POLY
from composerd.music.roll import HELD, ONSET
from layouts import BAND, CHORALE

LAYOUT, CHOIR = GrooveLayout(BAND, ("rock", "pop")), GrooveLayout(CHORALE, ("bach",))
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def tape(steps: int, *cells: tuple[int, int]) -> Tape:
    """An empty tape, with the cells (step, column) set."""
    found = Tape(np.zeros((steps, LAYOUT.width), np.uint8), np.zeros((steps, 2), np.uint8), np.zeros(steps, np.uint8))
    for step, column in cells:
        found.cells[step, column] = 1
    return found


def bars(*starts: int, steps: int = 16, known_from: int = 0) -> Bars:
    count = len(starts)
    about = context(
        LAYOUT, np.zeros(count, np.int64), np.zeros(count, np.bool_), np.full(count, 100.0, np.float32),
        np.ones((count, 3), np.bool_), np.zeros(count, np.int64), np.full((count, 3, 3), UNKNOWN),
    )  # fmt: skip
    return Bars(np.array(starts), np.full(count, steps), np.full(count, known_from), about)


def blocks(row: Floats, sizes: list[int]) -> list[Floats]:
    ends = np.cumsum([0, *sizes])
    return [row[first:end] for first, end in pairwise(ends.tolist())]


# -- layout


def test_cells_are_drums_first_then_onset_and_hold_of_each_pitched_part() -> None:
    assert LAYOUT.columns == (slice(0, 10), slice(10, 12), slice(12, 14))
    assert (LAYOUT.width, LAYOUT.drums, LAYOUT.has_drums, LAYOUT.pitched) == (14, 10, True, (1, 2))
    assert (CHOIR.width, CHOIR.drums, CHOIR.has_drums, CHOIR.pitched) == (6, 0, False, (0, 1, 2))


def test_bars_are_compared_by_all_drums_and_by_the_onsets_of_pitched_parts() -> None:
    assert [onset_columns(LAYOUT, part) for part in range(3)] == [slice(0, 10), slice(10, 11), slice(12, 13)]


@pytest.mark.parametrize(
    ("question", "outputs"), [(DRUM_BARS, CHOICES), (DRUM_STEPS, 10), (BAND_BARS, 2 * CHOICES), (BAND_STEPS, 6)]
)
def test_an_answer_has_a_logit_for_each_choice(question: str, outputs: int) -> None:
    assert LAYOUT.outputs(question) == outputs


@pytest.mark.parametrize(
    ("name", "shape"), [("drum_links", (10, 10)), ("band_links", (6, 4)), ("plan_links", (27, 27))]
)
def test_links_go_from_each_decision_to_the_later_ones(name: str, shape: tuple[int, int]) -> None:
    assert LAYOUT.link_shape(name) == shape


# -- context


@pytest.mark.parametrize(
    ("bpm", "column"), [(100.0, 0.0), (200.0, 1.0), (50.0, -1.0), (400.0, 1.0), (0.0, -1.0), (141.42135, 0.5)]
)
def test_a_tempo_is_given_in_octaves_from_100_and_held_to_one(bpm: float, column: float) -> None:
    told = context(
        LAYOUT, np.array([1]), np.array([True]), np.array([bpm], np.float32), np.ones((1, 3), np.bool_), np.array([5]),
        np.full((1, 3, 3), UNKNOWN),
    )  # fmt: skip
    assert told[0, 3] == pytest.approx(column, abs=1e-5)


def test_a_bars_context_names_genre_origin_parts_place_and_textures() -> None:
    textures = np.full((2, 3, 3), UNKNOWN)
    textures[1, 1] = (2, 0, 1)
    told = context(
        LAYOUT, np.array([1, 0]), np.array([True, False]), np.array([100.0, 100.0], np.float32),
        np.array([[True, False, True], [False, True, True]]), np.array([0, 7]), textures,
    )  # fmt: skip
    assert told.shape == (2, LAYOUT.context)
    assert told[0].tolist() == [0, 1, 1, 0, 1, 0, 1, 1, *[0] * (GROUP - 1), *[0] * 30]
    assert told[1, :15].tolist() == [1, 0, 0, 0, 0, 1, 1, *[0] * (GROUP - 1), 1]
    assert told[1, 15:].tolist() == [*[0] * 10, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, *[0] * 10]


@pytest.mark.parametrize(("kind", "onsets"), [(DRUMS, 12.0), (MONO, 5.0), (POLY, 4.0)])
def test_a_texture_is_told_by_the_density_of_parts_of_its_kind(kind: str, onsets: float) -> None:
    assert texture_of(kind, onsets, 0.0, 1.0) == (2, 0, 2)
    assert texture_of(kind, 0.1, 0.5, 0.5) == (0, 1, 1)
    assert texture_of(kind, 99.0, 1.0, 0.0) == (TEXTURE[0] - 1, TEXTURE[1] - 1, 0)


# -- likeness and plans


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("x.x.", "x.x.", 1), ("x.x.", "x...", 1 / 2), ("xx..", "..xx", 0), ("xxx.", ".xxx", 1 / 2), ("....", "....", 1),
     ("....", "x...", 0)],
)  # fmt: skip
def test_bars_are_as_alike_as_their_onsets_in_common(one: str, other: str, alike: float) -> None:
    rows = [np.array([[sign == "x" for sign in text]], np.uint8)[..., None] for text in (one, other)]
    assert likeness(rows[0], rows[1]).tolist() == pytest.approx([alike])


@settings(max_examples=25)
@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.lists(st.booleans(), min_size=4, max_size=4))
def test_a_plan_never_points_at_a_bar_that_is_not_known(alike: list[float], known: list[bool]) -> None:
    plan = int(plan_of(np.array(alike, np.float32), np.array(known, np.bool_)))
    near = [there and bool(np.float32(one) >= LEAST_LIKENESS) for one, there in zip(alike, known, strict=True)]
    if plan == NEW:
        assert not any(near)
    else:
        place = (plan - 1) % len(LAGS)
        assert near[place]
        assert plan >= VARY or np.float32(alike[place]) == 1.0


def test_the_least_likeness_of_a_variation_belongs_to_it() -> None:
    for one, plan in ((LEAST_LIKENESS, VARY), (LEAST_LIKENESS - 0.01, NEW)):
        assert plan_of(np.array([one, 0, 0, 0], np.float32), np.ones(4, np.bool_)) == plan
    assert (COPY + len(LAGS), VARY + len(LAGS)) == (VARY, CHOICES)


def test_a_chord_of_which_one_note_begins_begins_and_does_not_go_on() -> None:
    drums, bass, keys = (np.zeros((2, track.rows), np.uint8) for track in BAND)
    keys[0, 3], keys[0, 5], keys[1, 3] = ONSET, HELD, HELD
    drums[1, 4] = HELD  # drums never last
    cells = rhythm_of(LAYOUT, (drums, bass, keys))
    assert cells[:, 12:].tolist() == [[1, 0], [0, 1]]
    assert not cells[:, :12].any()


# -- the input of a plan


def test_a_drummers_plan_is_asked_with_earlier_plans_latest_cells_and_lags() -> None:
    at = tape(176, (159, 3), (150, 0), (143, 5), (159, 11))
    past = np.full((1, HISTORY, 3), UNKNOWN_PLAN)
    past[0, -1], past[0, 0] = (COPY, VARY, NEW), (NEW, COPY, COPY)
    one = bars(160, known_from=32)
    row = bar_frames(LAYOUT, DRUM_BARS, at, one, past)[0]
    plans, cells, lags, about = blocks(row, [HISTORY * CHOICES, REACH * 10, len(LAGS), LAYOUT.context])
    assert np.argwhere(plans.reshape(HISTORY, CHOICES)).tolist() == [[0, NEW], [HISTORY - 1, COPY]]
    assert np.argwhere(cells.reshape(REACH, 10)).tolist() == [[6, 0], [15, 3]], "the last 16 steps, drums alone"
    assert lags.tolist() == [1, 1, 1, 1], "eight bars ago begins at step 32"
    assert about.tolist() == one.context[0].tolist()


def test_the_bands_plan_is_asked_with_all_parts_and_with_how_the_melody_repeats() -> None:
    at = tape(176, (159, 11), (144, 3))
    at.melody[[145, 150], 0] = 1  # the bar before
    at.melody[[129, 134], 0] = 1  # the same, a bar earlier
    at.melody[[113, 115], 0] = 1  # half of it, two bars earlier
    row = bar_frames(LAYOUT, BAND_BARS, at, bars(160), np.zeros((1, HISTORY, 3), np.int64))[0]
    sizes = [HISTORY * 3 * CHOICES, REACH * 14, len(LAGS), len(LAGS), LAYOUT.context]
    plans, cells, lags, alike, _ = blocks(row, sizes)
    assert plans.sum() == HISTORY * 3
    assert np.argwhere(cells.reshape(REACH, 14)).tolist() == [[0, 3], [15, 11]]
    assert lags.tolist() == [1, 1, 1, 1]
    assert alike.tolist() == pytest.approx([1.0, 1 / 3, 0.0, 0.0]), "and 0 where the melody rested"


def test_what_was_before_the_performance_is_in_no_plans_input() -> None:
    full = Tape(np.ones((176, 14), np.uint8), np.ones((176, 2), np.uint8), np.ones(176, np.uint8))
    past = np.full((1, HISTORY, 3), UNKNOWN_PLAN)
    for question, own, parts in ((DRUM_BARS, 10, 1), (BAND_BARS, 14, 3)):
        row = bar_frames(LAYOUT, question, full, bars(160, known_from=152), past)[0]
        plans, cells, lags = blocks(row, [HISTORY * parts * CHOICES, REACH * own, len(LAGS)])
        assert not plans.any()
        assert cells.reshape(REACH, own).any(1).tolist() == [False] * 8 + [True] * 8
        assert not lags.any()


# -- the input of cells


def step_row(question: str, at: Tape, one: Bars, place: int, heard: int, plans: tuple[int, ...]) -> list[Floats]:
    """The blocks of one step's input."""
    row = step_frames(LAYOUT, question, at, one, np.array([place]), np.array([heard]), np.array([plans]))[0]
    rest = [len(LAGS), PHASES, LAYOUT.context]
    rest += [CHOICES] if question == DRUM_STEPS else [LAYOUT.drums, CHANGES, 3 * CHOICES]
    return blocks(row, [*step_blocks(LAYOUT, question), *rest])


def test_a_drums_cell_is_asked_with_its_past_and_the_same_place_in_earlier_bars() -> None:
    now = 160 + 5
    at = tape(240, (now - 1, 2), (now - REACH, 4), (now - 16 - BEFORE, 1), (now - 16 + AFTER, 9), (now - 128, 7))
    found = step_row(DRUM_STEPS, at, bars(160), 5, now + 1, (COPY, NEW, NEW))
    latest = np.argwhere(found[0].reshape(REACH, 10)).tolist()
    assert latest[-1] == [REACH - 1, 2]
    assert [0, 4] in latest
    bar_ago = np.argwhere(found[3].reshape(BEFORE + AFTER + 1, 10)).tolist()
    assert [0, 1] in bar_ago
    assert [BEFORE + AFTER, 9] in bar_ago
    assert np.argwhere(found[9].reshape(BEFORE + AFTER + 1, 10)).tolist() == [[BEFORE, 7]]
    assert np.flatnonzero(found[12]).tolist() == [5]
    assert np.flatnonzero(found[-1]).tolist() == [COPY]


@pytest.mark.parametrize("heard", [150, 161, 166])
def test_the_melody_is_told_as_far_as_it_is_heard_and_said_to_be(heard: int) -> None:
    at = tape(240)
    at.melody[:] = 1
    found = step_row(DRUM_STEPS, at, bars(160), 5, heard, (NEW,) * 3)
    known = min(REACH, max(0, heard - (165 + 1 - REACH)))
    assert found[1].reshape(REACH, 2).any(1).tolist() == [True] * known + [False] * (REACH - known)
    assert found[2].tolist() == [1.0] * known + [0.0] * (REACH - known)
    ahead = found[4].reshape(BEFORE + AFTER + 1, 2)[:, 0]
    assert ahead.tolist() == [float(165 - 16 + by < heard) for by in range(-BEFORE, AFTER + 1)]


@pytest.mark.parametrize(("steps", "place", "row"), [(16, 0, 0), (16, 15, 15), (12, 0, 16), (12, 11, 27), (8, 3, 3)])
def test_a_step_has_its_place_in_its_kind_of_bar(steps: int, place: int, row: int) -> None:
    found = step_row(BAND_STEPS, tape(240), bars(96, steps=steps), place, 0, (NEW,) * 3)
    assert np.flatnonzero(found[12]).tolist() == [row]


def test_the_bands_cell_is_asked_with_the_steps_drums_the_chords_changes_and_all_plans() -> None:
    now = 165
    at = tape(240, (now, 3), (now, 11), (now + 1, 4))
    at.changes[[now, now - CHANGES + 1, now - CHANGES, now + 1]] = 1
    found = step_row(BAND_STEPS, at, bars(160), 5, now + 1, (NEW, COPY + 1, VARY + 3))
    struck, moved, plans = found[14:17]
    assert np.flatnonzero(struck).tolist() == [3], "the drums of this step, not the parts that are asked for"
    assert moved.tolist() == [1.0, *[0.0] * (CHANGES - 2), 1.0]
    assert np.argwhere(plans.reshape(3, CHOICES)).tolist() == [[0, NEW], [1, COPY + 1], [2, VARY + 3]]


def test_in_a_waltz_the_bars_ago_are_twelve_steps_long() -> None:
    at = tape(240, (108 + 4 - 12, 2), (108 + 4 - 96, 6))
    found = step_row(DRUM_STEPS, at, bars(108, steps=12), 4, 0, (NEW,) * 3)
    assert [BEFORE, 2] in np.argwhere(found[3].reshape(-1, 10)).tolist()
    assert [BEFORE, 6] in np.argwhere(found[9].reshape(-1, 10)).tolist()
    assert found[11].tolist() == [1.0] * 4


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(0, 15), st.sampled_from(QUESTIONS))
def test_rows_asked_together_are_those_asked_alone(seed: int, place: int, question: str) -> None:
    dice = np.random.default_rng(seed)
    at = Tape(*(dice.integers(0, 2, size).astype(np.uint8) for size in ((240, 14), (240, 2), (240,))))
    both = bars(128, 176, known_from=40)
    past = dice.integers(-1, CHOICES, (2, HISTORY, 3))
    plans, places, heard = dice.integers(0, CHOICES, (2, 3)), np.array([place, 15 - place]), dice.integers(100, 200, 2)

    def asked(rows: list[int]) -> Floats:
        some = both.pick(np.array(rows))
        if question in (DRUM_BARS, BAND_BARS):
            return bar_frames(LAYOUT, question, at, some, past[rows])
        return step_frames(LAYOUT, question, at, some, places[rows], heard[rows], plans[rows])

    assert np.array_equal(asked([0, 1]), np.concatenate([asked([0]), asked([1])]))
    assert asked([0]).shape == (1, LAYOUT.inputs(question))
