"""Sampling of rhythm: what a decision hears of the ones before it, copies, entrances and biases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.contract.frames import Floats
from composerd.contract.groove import (
    BAND_STEPS,
    CHOICES,
    COPY,
    DRUM_BARS,
    DRUM_STEPS,
    HISTORY,
    LAGS,
    NEW,
    UNKNOWN,
    UNKNOWN_PLAN,
    VARY,
    Bars,
    GrooveLayout,
    Tape,
    context,
    likeness,
    onset_columns,
    plan_of,
    step_frames,
)  # fmt: skip
from composerd.contract.groove_decoding import (
    ENTRANCE,
    ENTRANCE_BARS,
    HOLD,
    RESTLESS,
    STRIKE,
    GrooveDecoder,
    GrooveStyle,
    past_plans,
)
from layouts import BAND, CHORALE

LAYOUT, CHOIR, BAR = GrooveLayout(BAND, ("rock",)), GrooveLayout(CHORALE, ("bach",)), 16
BASS_ON, BASS_HOLD, KEYS_ON, KEYS_HOLD = range(10, 14)
STYLE = GrooveStyle()
ALL = np.ones(3, np.float32)


def tape(bars: int, seed: int | None = None, layout: GrooveLayout = LAYOUT) -> Tape:
    """Random cells, or silence."""
    cells = np.random.default_rng(seed).random((bars * BAR, layout.width)) < (0.0 if seed is None else 0.3)
    return Tape(cells.astype(np.uint8), np.zeros((bars * BAR, 2), np.uint8), np.zeros(bars * BAR, np.uint8))


def bar(number: int, known_from: int = 0, layout: GrooveLayout = LAYOUT) -> Bars:
    about = context(
        layout, np.zeros(1, np.int64), np.zeros(1, np.bool_), np.array([100.0], np.float32),
        np.ones((1, len(layout.tracks)), np.bool_), np.zeros(1, np.int64), np.full((1, len(layout.tracks), 3), UNKNOWN),
    )  # fmt: skip
    return Bars(np.array([number * BAR]), np.array([BAR]), np.array([known_from]), about)


def decoder(logits: dict[str, Floats] | None = None, **links: Floats) -> GrooveDecoder:
    """Of a net that answers every question alike, with 0 where nothing is said."""

    def ask(question: str, frames: Floats) -> Floats:
        row = (logits or {}).get(question, np.zeros(LAYOUT.outputs(question), np.float32))
        return np.repeat(row[None], len(frames), 0).astype(np.float32)

    zeros = {name: np.zeros(LAYOUT.link_shape(name), np.float32) for name in ("drum_links", "band_links", "plan_links")}
    return GrooveDecoder(LAYOUT, ask, {**zeros, **links})


def even(steps: int, columns: int, value: float = 0.5) -> Floats:
    return np.full((steps, columns), value, np.float32)


# -- plans


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(0, 6))
def test_the_plans_before_a_bar_are_those_found_bar_by_bar(seed: int, number: int, first: int) -> None:
    first, dice, at = min(first, number), np.random.default_rng(seed), tape(21, seed)
    for one in range(1, 20):
        if dice.random() < 0.5:
            back = int(dice.choice([lag for lag in LAGS if lag <= one]))
            at.cells[one * BAR : (one + 1) * BAR] = at.cells[(one - back) * BAR : (one - back + 1) * BAR]

    def wanted(one: int, part: int) -> int:
        if one < first:
            return UNKNOWN_PLAN
        known = np.array([one - lag >= max(first, number - HISTORY - LAGS[-1]) for lag in LAGS])
        rows = [at.cells[None, max(0, at_ * BAR) : max(0, at_ * BAR) + BAR, onset_columns(LAYOUT, part)]
                for at_ in (one, *(one - lag for lag in LAGS))]  # fmt: skip
        return int(plan_of(np.concatenate([likeness(rows[0], other) for other in rows[1:]]), known))

    expected = [[wanted(number - HISTORY + place, part) for part in range(3)] for place in range(HISTORY)]
    assert past_plans(LAYOUT, at, bar(number, first * BAR))[0].tolist() == expected


def test_a_plan_hears_the_plans_of_the_tracks_before_it() -> None:
    """The bass varies where the drums copy; the keys are new where the bass varies."""
    said = np.zeros(LAYOUT.link_shape("plan_links"), np.float32)
    said[CHOICES + VARY + 1, COPY] = 50.0
    said[2 * CHOICES + NEW, CHOICES + VARY + 1] = 90.0
    said[2 * CHOICES + COPY + 2, COPY] = 50.0
    chance, found = np.full(3, 0.5, np.float32), decoder(plan_links=said)
    assert found.band_plans(tape(12, 1), bar(10), COPY, chance, STYLE) == [COPY, VARY + 1, NEW]
    assert found.band_plans(tape(12, 1), bar(10), VARY, chance, STYLE)[1] != VARY + 1


def test_the_plans_of_a_band_without_drums_are_all_drawn() -> None:
    def ask(_: str, frames: Floats) -> Floats:
        row = np.full((len(frames), 3, CHOICES), -20.0, np.float32)
        row[:, [0, 1, 2], [COPY, VARY, NEW]] = 20.0
        return row.reshape(len(frames), -1)

    zeros = {name: np.zeros(CHOIR.link_shape(name), np.float32) for name in ("band_links", "plan_links")}
    found = GrooveDecoder(CHOIR, ask, zeros)
    plans = found.band_plans(tape(12, 1, CHOIR), bar(10, layout=CHOIR), None, np.full(3, 0.5, np.float32), STYLE)
    assert plans == [COPY, VARY, NEW]


@pytest.mark.parametrize("chance", [0.0, 0.2, 0.5, 0.999999])
def test_whatever_the_chance_a_plan_repeats_only_what_there_is(chance: float) -> None:
    assert 0 <= decoder().drum_plan(tape(12, 1), bar(10), chance, STYLE) < CHOICES
    assert decoder().drum_plan(tape(12, 1), bar(0), chance, STYLE) == NEW
    assert decoder().drum_plan(tape(12, 1), bar(1), chance, STYLE) in (NEW, COPY, VARY)


def drawn(at: Tape, count: int, style: GrooveStyle = STYLE) -> list[int]:
    """The drums' plans of bar 10 at `count` chances between 0 and 1, evenly spread."""
    return [decoder().drum_plan(at, bar(10), (place + 0.5) / count, style) for place in range(count)]


def test_equally_likely_plans_share_the_chances_evenly() -> None:
    found = drawn(tape(12, 1), 180)
    assert [found.count(plan) for plan in range(CHOICES)] == [20] * CHOICES
    assert found == sorted(found)


def test_fresher_multiplies_the_odds_of_a_new_bar() -> None:
    found = drawn(tape(12, 1), 160, GrooveStyle(fresher=float(np.log(8))))
    assert (found.count(NEW), found.count(COPY)) == (80, 10), "8 of 16 parts"


def test_after_eight_copies_a_new_bar_and_a_variation_are_likelier() -> None:
    loop = tape(20)
    loop.cells[:] = np.tile(tape(1, 3).cells, (20, 1))
    zeros = decoder()
    found = [zeros.drum_plan(loop, bar(18), (place + 0.5) / 120, STYLE) for place in range(120)]
    copies = sum(COPY <= plan < VARY for plan in found) / 120
    assert copies == pytest.approx(4 / (4 + 5 * np.exp(RESTLESS)), abs=0.01)


@pytest.mark.parametrize("fresh", ["a bar", "the other part"])
def test_a_part_is_stale_by_its_own_plans_and_only_if_all_of_them_are_copies(fresh: str) -> None:
    """Once in eight bars something new, or a loop of the bass beside drums that vary, leaves the drums' odds even."""
    at = tape(20, 7)
    if fresh == "a bar":
        at.cells[: 14 * BAR] = np.tile(at.cells[:BAR], (14, 1))
        at.cells[15 * BAR : 18 * BAR] = np.tile(at.cells[14 * BAR : 15 * BAR], (3, 1))
    else:
        at.cells[:, 10:] = np.tile(at.cells[:BAR, 10:], (20, 1))
    odds = [decoder().drum_plan(at, bar(18), (place + 0.5) / 90, STYLE) for place in range(90)]
    assert [odds.count(plan) for plan in range(CHOICES)] == [10] * CHOICES


# -- drums


@pytest.mark.parametrize(("first", "hits"), [(1, [1, 4]), (4, [4])])
def test_a_drum_hears_the_drums_decided_before_it_on_its_step(first: int, hits: list[int]) -> None:
    said = np.zeros((10, 10), np.float32)
    said[4, 1] = said[1, 4] = 10.0  # 4 follows 1; 1 is decided before 4 and cannot follow it
    logits = np.full(10, -5.0, np.float32)
    logits[first] = 5.0
    at = tape(12)
    decoder({DRUM_STEPS: logits}, drum_links=said).draw_drums(
        at, bar(10), range(160, 162), 160, NEW, even(2, 10), STYLE
    )
    assert [np.flatnonzero(row).tolist() for row in at.cells[160:162]] == [hits, hits]


@pytest.mark.parametrize(("chance", "hit"), [(0.5, False), (0.73, False), (0.732, True), (0.99, True)])
def test_a_hit_falls_as_often_as_its_logit_says(chance: float, hit: bool) -> None:
    """Of logit -1 the probability is .269: at chances above .731."""
    at, quiet = tape(12), {DRUM_STEPS: np.full(10, -1.0, np.float32)}
    decoder(quiet).draw_drums(at, bar(10), range(160, 161), 160, NEW, even(1, 10, chance), STYLE)
    assert at.cells[160, :10].any() == hit


def test_steps_with_a_bias_are_drawn_where_the_rest_of_the_bar_is_copied() -> None:
    at = tape(12, 4)
    before = at.cells.copy()
    bias = np.full(10, -50.0, np.float32)
    bias[2] = 50.0
    style = GrooveStyle(bias={163: bias, 170: bias})
    decoder().draw_drums(at, bar(10), range(160, 176), 160, COPY + 1, even(16, 10), style)
    for step in range(160, 176):
        wanted = [2] if step in (163, 170) else np.flatnonzero(before[step - 32, :10]).tolist()
        assert np.flatnonzero(at.cells[step, :10]).tolist() == wanted
    assert np.array_equal(at.cells[:, 10:], before[:, 10:]), "the other parts are left alone"


def test_fuller_adds_to_every_drum_but_not_to_copies() -> None:
    at, found = tape(12), decoder({DRUM_STEPS: np.full(10, -1.0, np.float32)})
    found.draw_drums(at, bar(10), range(160, 164), 160, NEW, even(4, 10), GrooveStyle(fuller=2.0))
    assert at.cells[160:164, :10].all()
    found.draw_drums(at, bar(10), range(164, 168), 160, COPY, even(4, 10), GrooveStyle(fuller=2.0))
    assert not at.cells[164:168, :10].any(), "a bar ago was silent"


# -- the pitched parts


def saying(*, rest: float = 0.0, hold: float = 0.0, strike: float = 0.0) -> dict[str, Floats]:
    return {BAND_STEPS: np.array([rest, hold, strike] * 2, np.float32)}


def play(found: GrooveDecoder, at: Tape, first: int, count: int, plans: tuple[int, ...] = (NEW, NEW, NEW),
         chance: float = 0.5, present: Floats = ALL) -> None:  # fmt: skip
    """Draw the pitched parts on `count` steps from `first` on."""
    steps = range(first, first + count)
    found.draw_band(at, bar(first // BAR), steps, steps.stop, list(plans), present, even(count, 2, chance), STYLE)


def test_a_part_holds_only_what_sounds() -> None:
    at = tape(12)
    play(decoder(saying(hold=30.0)), at, 160, 4, chance=0.001)
    assert not at.cells[160:164].any()
    at.cells[163, BASS_ON] = 1
    play(decoder(saying(hold=30.0)), at, 164, 4, chance=0.001)
    assert at.cells[164:168, BASS_HOLD].all()
    assert not at.cells[164:168, [KEYS_ON, KEYS_HOLD]].any()


@pytest.mark.parametrize(("chance", "cell"), [(0.1, [0, 0]), (0.4, [0, 1]), (0.9, [1, 0])])
def test_a_chance_chooses_rest_hold_and_onset_in_this_order(chance: float, cell: list[int]) -> None:
    at = tape(12)
    at.cells[128:160, [BASS_ON, KEYS_ON]] = 1
    play(decoder(saying()), at, 160, 1, chance=chance)
    assert at.cells[160, BASS_ON:].tolist() == cell * 2


@pytest.mark.parametrize(
    ("logits", "chance", "cells"), [((-20, 0, 20), 0.01, [1, 0, 1, 0]), ((-20, 20, 0), 0.99, [0, 1, 0, 1])]
)
def test_a_part_hears_what_the_part_before_it_does_on_its_step(
    logits: tuple[int, ...], chance: float, cells: list[int]
) -> None:
    """The keys begin with the bass and go on with it, whatever the chance."""
    said = np.zeros((6, 4), np.float32)
    said[3 + STRIKE, 0] = said[3 + HOLD, 1] = 40.0
    at = tape(12)
    at.cells[128:160, [BASS_ON, KEYS_ON]] = 1
    play(decoder({BAND_STEPS: np.array([*logits, 0, 0, 0], np.float32)}, band_links=said), at, 160, 1, chance=chance)
    assert at.cells[160, BASS_ON:].tolist() == cells


def test_a_copied_hold_of_a_note_that_does_not_sound_here_is_a_rest() -> None:
    at = tape(12)
    at.cells[140:150, BASS_HOLD] = 1  # goes on from the bar before that
    at.cells[150, BASS_ON] = 1
    at.cells[151:155, BASS_HOLD] = 1
    play(decoder(), at, 160, 16, (NEW, COPY, COPY))
    assert np.flatnonzero(at.cells[160:176, BASS_ON]).tolist() == [6]
    assert np.flatnonzero(at.cells[160:176, BASS_HOLD]).tolist() == [7, 8, 9, 10]


def test_parts_that_are_out_are_silent_even_where_their_plan_copies() -> None:
    at = tape(12, 5)
    play(decoder(saying(strike=30.0)), at, 160, 16, (NEW, COPY, NEW), present=np.array([1, 0, 1], np.float32))
    assert not at.cells[160:176, [BASS_ON, BASS_HOLD]].any()
    assert at.cells[160:176, KEYS_ON].all()


def test_a_part_that_was_silent_for_two_bars_begins_more_readily() -> None:
    silent, heard = tape(12), tape(12)
    heard.cells[160 - ENTRANCE_BARS * BAR, BASS_ON] = 1
    for at, begins in ((silent, [1, 1]), (heard, [0, 1])):
        play(decoder(saying(rest=ENTRANCE / 2)), at, 160, 1)
        assert at.cells[160, [BASS_ON, KEYS_ON]].tolist() == begins


def test_in_its_first_two_bars_no_part_has_to_enter() -> None:
    at = tape(12)
    play(decoder(saying(rest=ENTRANCE / 2)), at, 16, 16)
    assert not at.cells.any()


@settings(max_examples=5)
@given(st.integers(0, 10**6), st.sampled_from([0, 1, 9]))
def test_frames_built_for_some_steps_at_once_are_those_built_for_each(seed: int, number: int) -> None:
    """What the net is shown while a bar is drawn, beside frames that are built anew of the whole tape."""
    dice, seen = np.random.default_rng(seed), list[tuple[str, Floats]]()
    weights = {name: dice.normal(0, 0.5, (LAYOUT.inputs(name), LAYOUT.outputs(name)))
               for name in (DRUM_STEPS, BAND_STEPS)}  # fmt: skip

    def ask(question: str, frames: Floats) -> Floats:
        seen.append((question, frames.copy()))
        return np.asarray(frames @ weights[question], np.float32)

    at = tape(12, seed)
    at.melody[:], at.changes[:] = dice.integers(0, 2, at.melody.shape), dice.integers(0, 2, at.changes.shape)
    steps, heard, plans = range(number * BAR, number * BAR + BAR), number * BAR + 3, [NEW, NEW, VARY]
    found = GrooveDecoder(LAYOUT, ask, {name: np.zeros(LAYOUT.link_shape(name), np.float32)
                                        for name in ("drum_links", "band_links")})  # fmt: skip
    found.draw_drums(at, bar(number), steps, heard, NEW, dice.random((BAR, 10), np.float32), STYLE)
    found.draw_band(at, bar(number), steps, heard, plans, ALL, dice.random((BAR, 2), np.float32), STYLE)
    assert [question for question, _ in seen] == [DRUM_STEPS] * BAR + [BAND_STEPS] * BAR
    for place, (question, shown) in enumerate(seen):
        told = [NEW] * 3 if question == DRUM_STEPS else plans
        fresh = step_frames(
            LAYOUT, question, at, bar(number), np.array([place % BAR]), np.array([heard]), np.array([told])
        )
        assert np.array_equal(shown, fresh)


def test_no_net_is_asked_where_all_is_copied_or_out() -> None:
    def ask(question: str, _: Floats) -> Floats:
        raise AssertionError(question)

    at, found = tape(12, 6), GrooveDecoder(LAYOUT, ask, {"drum_links": ALL, "band_links": ALL})
    found.draw_drums(at, bar(10), range(160, 176), 160, COPY, even(16, 10), STYLE)
    play(found, at, 160, 16, (COPY, COPY, NEW), present=np.array([1, 1, 0], np.float32))
    assert np.array_equal(at.cells[160:176, :11], at.cells[144:160, :11])
    with pytest.raises(AssertionError, match=DRUM_BARS):
        found.drum_plan(at, bar(10), 0.5, STYLE)
