"""Bars are compared and planned, and rhythm is drawn cell by cell from what is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.contract.frames import Floats
from composerd.contract.groove import (
    BAND_BARS,
    BAND_STEPS,
    CHOICES,
    COPY,
    DRUM_BARS,
    DRUM_STEPS,
    NEW,
    QUESTIONS,
    UNKNOWN,
    UNKNOWN_PLAN,
    VARY,
    Bars,
    GrooveLayout,
    Tape,
    bar_frames,
    context,
    plan_of,
    rhythm_of,
    step_blocks,
    step_frames,
)  # fmt: skip
from composerd.contract.groove_decoding import GrooveDecoder, GrooveStyle, past_plans
from composerd.music.roll import HELD, ONSET
from layouts import BAND, CHORALE

LAYOUT = GrooveLayout(BAND, ("rock", "pop"))
BAR = 16


def a_tape(bars: int, seed: int = 1, layout: GrooveLayout = LAYOUT) -> Tape:
    rng = np.random.default_rng(seed)
    steps = bars * BAR
    cells = (rng.random((steps, layout.width)) < 0.3).astype(np.uint8)
    return Tape(cells, rng.integers(0, 2, (steps, 2)).astype(np.uint8), rng.integers(0, 2, steps).astype(np.uint8))


def bar(number: int, known_from: int = 0, layout: GrooveLayout = LAYOUT) -> Bars:
    told = context(
        layout, np.zeros(1, np.int64), np.zeros(1, np.bool_), np.array([120.0], np.float32),
        np.ones((1, len(layout.tracks)), np.bool_), np.array([number % 8]),
        np.full((1, len(layout.tracks), 3), UNKNOWN),
    )  # fmt: skip
    return Bars(np.array([number * BAR]), np.array([BAR]), np.array([known_from]), told)


def links(layout: GrooveLayout = LAYOUT) -> dict[str, Floats]:
    return {name: np.zeros(layout.link_shape(name), np.float32) for name in ("drum_links", "band_links", "plan_links")}


def always(choice: int, seed: int = 3) -> GrooveDecoder:
    """A net that plans `choice` for every bar and draws cells by a rule of its own."""
    weights = {
        name: np.random.default_rng(seed).normal(0, 1, (LAYOUT.inputs(name), LAYOUT.outputs(name)))
        for name in QUESTIONS
    }  # fmt: skip

    def ask(question: str, frames: Floats) -> Floats:
        if question in (DRUM_BARS, BAND_BARS):
            wish = np.full((len(frames), LAYOUT.outputs(question) // CHOICES, CHOICES), -20.0, np.float32)
            wish[..., choice] = 20.0
            return wish.reshape(len(frames), -1)
        return np.asarray(frames @ weights[question] / 10, np.float32)

    return GrooveDecoder(LAYOUT, ask, links())


def play(decoder: GrooveDecoder, tape: Tape, number: int, chance: Floats) -> None:
    """Draws bar `number` of the tape."""
    steps, one, style = range(number * BAR, number * BAR + BAR), bar(number), GrooveStyle()
    drums = decoder.drum_plan(tape, one, 0.5, style)
    decoder.draw_drums(tape, one, steps, steps.start, drums, chance[:, : LAYOUT.drums], style)
    plans = decoder.band_plans(tape, one, drums, np.full(3, 0.5, np.float32), style)
    decoder.draw_band(tape, one, steps, steps.stop, plans, np.ones(3, np.float32), chance[:, LAYOUT.drums :], style)


def test_rhythm_cells_say_what_begins_and_what_goes_on() -> None:
    drums, bass, keys = (np.zeros((4, track.rows), np.uint8) for track in BAND)
    drums[0, 0] = ONSET
    bass[0, 5], bass[1, 5] = ONSET, HELD
    keys[0, [3, 7]], keys[1, 3], keys[2, 3] = ONSET, HELD, ONSET
    cells = rhythm_of(LAYOUT, (drums, bass, keys))
    assert cells[:, 0].tolist() == [1, 0, 0, 0]
    assert cells[:, 10:12].tolist() == [[1, 0], [0, 1], [0, 0], [0, 0]]
    assert cells[:, 12:14].tolist() == [[1, 0], [0, 1], [1, 0], [0, 0]]


@pytest.mark.parametrize(
    ("alike", "known", "plan"),
    [
        ((1.0, 1.0, 0.2, 0.2), (1, 1, 1, 1), COPY),
        ((0.9, 1.0, 0.2, 0.2), (1, 1, 1, 1), COPY + 1),
        ((0.9, 1.0, 0.2, 0.2), (1, 0, 0, 0), VARY),
        ((0.6, 0.2, 0.7, 0.2), (1, 1, 1, 1), VARY + 2),
        ((0.5, 0.5, 0.5, 0.5), (1, 1, 1, 1), NEW),
        ((1.0, 1.0, 1.0, 1.0), (0, 0, 0, 0), NEW),
    ],
)
def test_a_bar_is_the_nearest_copy_else_the_best_variation_else_new(
    alike: tuple[float, ...], known: tuple[int, ...], plan: int
) -> None:
    assert plan_of(np.array(alike, np.float32), np.array(known, np.bool_)) == plan


@pytest.mark.parametrize("layout", [LAYOUT, GrooveLayout(CHORALE, ("bach",))])
def test_questions_are_as_wide_as_the_layout_says(layout: GrooveLayout) -> None:
    tape, one = a_tape(12, layout=layout), bar(10, layout=layout)
    past = np.zeros((1, 8, len(layout.tracks)), np.int64)
    plans, place, heard = np.zeros((1, len(layout.tracks)), np.int64), np.array([3]), np.array([200])
    for question in QUESTIONS if layout.has_drums else (BAND_BARS, BAND_STEPS):
        if question in (DRUM_BARS, BAND_BARS):
            frames = bar_frames(layout, question, tape, one, past)
        else:
            frames = step_frames(layout, question, tape, one, place, heard, plans)
            assert sum(step_blocks(layout, question)) < layout.inputs(question)
        assert frames.shape == (1, layout.inputs(question))


@settings(max_examples=40, deadline=None)
@given(st.integers(9, 11), st.integers(0, 15), st.integers(0, 10**6))
def test_no_question_hears_what_lies_ahead(number: int, place: int, seed: int) -> None:
    tape, one = a_tape(12), bar(number)
    now = number * BAR + place
    other = a_tape(12, seed + 7)
    cells, melody, changes = tape.cells.copy(), tape.melody.copy(), tape.changes.copy()
    cells[now + 1 :], melody[now + 1 :], changes[now + 1 :] = (
        rows[now + 1 :] for rows in (other.cells, other.melody, other.changes)
    )
    cells[now, LAYOUT.drums :] ^= 1  # the step's own cells of the band are what is asked for
    changed = Tape(cells, melody, changes)
    for question in (DRUM_STEPS, BAND_STEPS):
        asked = (one, np.array([place]), np.array([now + 1]), np.full((1, 3), NEW))
        assert np.array_equal(
            step_frames(LAYOUT, question, tape, *asked), step_frames(LAYOUT, question, changed, *asked)
        )


def test_the_plans_of_bars_that_were_played_are_read_off_them() -> None:
    tape = a_tape(12)
    tape.cells[9 * BAR : 10 * BAR] = tape.cells[7 * BAR : 8 * BAR]
    found = past_plans(LAYOUT, tape, bar(10))
    assert (found[0, -1] == COPY + 1).all()
    assert (past_plans(LAYOUT, tape, bar(0)) == UNKNOWN_PLAN).all()


@pytest.mark.parametrize(("choice", "back"), [(COPY, 1), (COPY + 1, 2), (COPY + 2, 4), (COPY + 3, 8)])
def test_a_copy_is_the_rhythm_of_the_bar_so_long_ago(choice: int, back: int) -> None:
    tape, chance = a_tape(10), np.random.default_rng(4).random((BAR, LAYOUT.width), np.float32)
    play(always(choice), tape, 9, chance)
    onsets = [*range(LAYOUT.drums), 10, 12]
    assert np.array_equal(tape.cells[9 * BAR :, onsets], tape.cells[(9 - back) * BAR : (10 - back) * BAR, onsets])


def test_what_is_not_known_is_not_copied() -> None:
    """In its first bar a band has nothing to repeat, whatever the net wishes."""
    tape, chance = a_tape(1), np.random.default_rng(4).random((BAR, LAYOUT.width), np.float32)
    decoder = always(COPY)
    assert decoder.drum_plan(tape, bar(0), 0.5, GrooveStyle()) in (NEW, *range(CHOICES))
    plans = decoder.band_plans(tape, bar(0), NEW, np.full(3, 0.5, np.float32), GrooveStyle())
    assert plans == [NEW] * 3
    play(decoder, tape, 0, chance)


def test_a_part_that_has_been_silent_does_not_repeat_its_silence() -> None:
    tape = a_tape(10)
    tape.cells[:, 12:14] = 0
    plans = always(COPY).band_plans(tape, bar(9), COPY, np.full(3, 0.5, np.float32), GrooveStyle())
    assert plans == [COPY, COPY, NEW]


def test_the_same_chances_draw_the_same_bar_in_one_piece_or_in_two() -> None:
    chance = np.random.default_rng(5).random((BAR, LAYOUT.width), np.float32)
    whole, halves, style = a_tape(10), a_tape(10), GrooveStyle()
    decoder, one, plans = always(NEW), bar(9), [NEW] * 3
    for tape, cuts in ((whole, (0, 16)), (halves, (0, 7, 16))):
        tape.cells[9 * BAR :] = 0
        for low, high in pairwise(cuts):
            steps = range(9 * BAR + low, 9 * BAR + high)
            decoder.draw_drums(tape, one, steps, 9 * BAR, NEW, chance[low:high, : LAYOUT.drums], style)
        for low, high in pairwise(cuts):
            steps = range(9 * BAR + low, 9 * BAR + high)
            decoder.draw_band(
                tape, one, steps, 10 * BAR, plans, np.ones(3, np.float32), chance[low:high, LAYOUT.drums :], style
            )
    assert whole.cells[9 * BAR :].any()
    assert np.array_equal(whole.cells, halves.cells)


def test_a_part_that_is_left_out_rests() -> None:
    tape, chance = a_tape(10), np.random.default_rng(4).random((BAR, LAYOUT.width), np.float32)
    steps = range(9 * BAR, 10 * BAR)
    decoder, style = always(NEW), GrooveStyle(fuller=5.0)
    decoder.draw_band(
        tape, bar(9), steps, 160, [NEW] * 3, np.array([1, 1, 0], np.float32), chance[:, LAYOUT.drums :], style
    )
    assert tape.cells[steps.start :, 10].any()
    assert not tape.cells[steps.start :, 12:14].any()


def test_fuller_begins_more_notes_and_fresher_makes_more_new_bars() -> None:
    chance = np.random.default_rng(4).random((BAR, LAYOUT.width), np.float32)
    counts = []
    for fuller in (-2.0, 0.0, 2.0):
        tape, steps = a_tape(10), range(9 * BAR, 10 * BAR)
        always(NEW).draw_drums(tape, bar(9), steps, 160, NEW, chance[:, : LAYOUT.drums], GrooveStyle(fuller=fuller))
        counts.append(int(tape.cells[9 * BAR :, : LAYOUT.drums].sum()))
    assert counts == sorted(set(counts))
    even = GrooveDecoder(LAYOUT, lambda name, rows: np.zeros((len(rows), LAYOUT.outputs(name)), np.float32), links())
    for fresher, low, high in ((-3.0, 0, 5), (0.0, 5, 40), (6.0, 90, 101)):
        drawn = [even.drum_plan(a_tape(10), bar(9), at / 100, GrooveStyle(fresher=fresher)) for at in range(100)]
        assert low <= drawn.count(NEW) <= high


def test_a_part_that_has_only_copied_for_long_departs_more_readily() -> None:
    def ask(question: str, frames: Floats) -> Floats:
        wish = np.zeros((len(frames), LAYOUT.outputs(question) // CHOICES, CHOICES), np.float32)
        wish[..., COPY] = 4.0
        return wish.reshape(len(frames), -1)

    decoder, loop = GrooveDecoder(LAYOUT, ask, links()), a_tape(12)
    loop.cells[:] = np.tile(loop.cells[:BAR], (12, 1))
    dice = np.full(3, 0.03, np.float32)
    for tape, plan in ((a_tape(12), COPY), (loop, NEW)):
        assert decoder.drum_plan(tape, bar(11), 0.03, GrooveStyle()) == plan
        assert decoder.band_plans(tape, bar(11), COPY, dice, GrooveStyle())[1:] == [plan] * 2
