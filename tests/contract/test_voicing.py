"""Notes are chosen from what is known, seen from the chord's root, one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.contract.frames import Bytes, Floats
from composerd.contract.groove import UNKNOWN
from composerd.contract.layout import MONO
from composerd.contract.voicing import NOWHERE, NoteTape, Queries, anchors, context, frames, in_range, set_query
from composerd.contract.voicing_decoding import DRAWS, VoicingDecoder, VoicingStyle
from composerd.contract.voicing_layout import CHORDS, CHOSEN, LINE, NOTE, ROWS, TOP, VoicingLayout, plane
from composerd.music.roll import HELD, ONSET, PITCHES
from layouts import BAND, CHORALE
from voicing_answers import Answering

LAYOUT = VoicingLayout(BAND, ("rock", "pop"))
BAR, STEPS = 16, 192
BASS, KEYS = LAYOUT.pitched


def a_tape(seed: int = 1, key: int = 0) -> NoteTape:
    """Random notes over random chords, all of it `key` semitones higher."""
    rng = np.random.default_rng(seed)
    sounding = np.zeros((2, STEPS, PITCHES), np.uint8)
    for step in range(STEPS):
        sounding[0, step, rng.integers(34, 46) + key] = 1
        sounding[1, step, rng.choice(np.arange(58, 70), rng.integers(0, 4), replace=False) + key] = 1
    chord = np.repeat(rng.integers(0, 120, STEPS // 8), 8)
    chord = chord - chord % 12 + (chord + key) % 12
    strikes = tuple(np.flatnonzero(rng.random(STEPS) < 0.5) for _ in range(2))
    following = np.append(chord[8:], np.full(8, -1))
    return NoteTape(
        sounding, strikes, chord, chord % 12, np.arange(STEPS) % 8, following, 8 - np.arange(STEPS) % 8,
        (rng.integers(60, 72, STEPS) + key).astype(np.int16), rng.random(STEPS) < 0.5,
        (np.arange(STEPS) % BAR).astype(np.int8),
    )  # fmt: skip


def question(part: int, step: int, known_from: int = 0) -> Queries:
    one = np.array([step])
    about = context(LAYOUT, np.array([1]), np.array([False]), np.array([120.0], np.float32), np.full((1, 3), UNKNOWN))
    track = LAYOUT.pitched[part]
    return Queries(part, track, one, np.array([BAR]), np.array([known_from]), np.array([3]), about, np.array([True]))


@pytest.mark.parametrize("layout", [LAYOUT, VoicingLayout(CHORALE, ("bach",))])
def test_questions_are_as_wide_as_the_layout_says(layout: VoicingLayout) -> None:
    tape = a_tape()
    sounding = np.repeat(tape.sounding[:1], len(layout.pitched), 0)
    tape = replace(tape, sounding=sounding, strikes=(tape.strikes[0],) * len(layout.pitched))
    about = context(layout, np.array([0]), np.array([False]), np.array([90.0], np.float32), np.full((1, 3), UNKNOWN))
    for part, track in enumerate(layout.pitched):
        queries = replace(question(0, 100), part=part, track=track, context=about)
        assert frames(layout, tape, queries).shape == (1, layout.inputs)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1), st.integers(20, STEPS - 2), st.integers(0, 10**6))
def test_no_question_hears_what_lies_ahead(part: int, step: int, seed: int) -> None:
    tape, other = a_tape(), a_tape(seed + 7)
    sounding, melody, onset = tape.sounding.copy(), tape.melody.copy(), tape.onset.copy()
    sounding[:, step + 1 :], melody[step + 1 :], onset[step + 1 :] = (
        other.sounding[:, step + 1 :], other.melody[step + 1 :], other.onset[step + 1 :],
    )  # fmt: skip
    sounding[part:, step] = other.sounding[part:, step]  # what is asked for, and the parts after it
    strikes = tuple(
        np.append(mine[mine <= step], theirs[theirs > step])
        for mine, theirs in zip(tape.strikes, other.strikes, strict=True)
    )
    changed = replace(tape, sounding=sounding, melody=melody, onset=onset, strikes=strikes)
    assert np.array_equal(frames(LAYOUT, tape, question(part, step)), frames(LAYOUT, changed, question(part, step)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1), st.integers(0, STEPS - 1), st.integers(1, 6), st.integers(0, 50))
def test_all_is_seen_alike_in_every_key(part: int, step: int, key: int, seed: int) -> None:
    """But for how far the root lies from the middle of the part's range: a part does not leave its range."""
    here, there = (a_tape(seed, moved) for moved in (0, key))
    queries = question(part, step)
    one, other = frames(LAYOUT, here, queries)[0], frames(LAYOUT, there, queries)[0]
    low = (queries.track.low + queries.track.high) // 2 - 6
    if (here.chord[step] % 12 - low) % 12 + key < 12:  # the anchor is not an octave lower
        same = one == other
        before = [step - lag * BAR for lag in (1, 2, 4, 8) if step >= lag * BAR]
        if all((here.chord[at] % 12 - low) % 12 + key < 12 for at in before):
            assert np.count_nonzero(~same) <= 1


def test_what_lies_before_the_performance_is_not_shown() -> None:
    tape = a_tape()
    shown = frames(LAYOUT, tape, question(1, 100, 100))[0]
    assert not shown[plane("last 1")].any()
    assert not shown[plane("1 bars ago")].any()
    assert not shown[plane("others before")].any()
    assert shown[plane("others")].any()


def deciding(seed: int = 3, ends: float = 0.0) -> VoicingDecoder:
    """A net of random weights that wishes for chords of a size by `ends`."""
    weights = {
        name: np.random.default_rng(seed).normal(0, 0.5, (LAYOUT.inputs, LAYOUT.outputs(name)))
        for name in (LINE, CHORDS)
    }  # fmt: skip

    def ask(name: str, rows: Floats) -> Floats:
        found = np.asarray(rows @ weights[name], np.float32)
        if name == CHORDS:
            found[:, ROWS] += np.float32(ends)
        return found

    return VoicingDecoder(LAYOUT, Answering(ask))


def decided(decoder: VoicingDecoder, tape: NoteTape, asked: Queries, *style: Any, **more: Any) -> Bytes:
    """The cells of a single step."""
    return decoder.decide(tape, decoder.bar(tape, asked), 0, *style, **more)


QUIET = np.zeros(PITCHES, np.float32)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1), st.integers(1, STEPS - 1), st.integers(0, 10**6))
def test_a_part_keeps_its_range_and_its_voices(part: int, step: int, seed: int) -> None:
    tape, uniform = a_tape(seed), np.random.default_rng(seed).random(DRAWS, np.float32)
    track = LAYOUT.pitched[part]
    before = tape.sounding[part, step - 1]
    cells = decided(deciding(seed), tape, question(part, step), QUIET, uniform, VoicingStyle())
    begins, held = np.flatnonzero(cells == ONSET), np.flatnonzero(cells == HELD)
    assert len(begins) >= 1
    assert (begins >= track.low).all()
    assert (begins <= track.high).all()
    assert set(held.tolist()) <= set(np.flatnonzero(before).tolist())
    assert len(begins) + len(held) <= (1 if track.kind == MONO else track.polyphony)


def test_equal_chances_choose_equal_notes_and_others_others() -> None:
    tape, decoder = a_tape(), deciding(ends=-2.0)

    def drawn(seed: int) -> list[int]:
        uniform = np.random.default_rng(seed).random(DRAWS, np.float32)
        return [int(cell) for cell in decided(decoder, tape, question(1, 50), QUIET, uniform, VoicingStyle())]

    assert drawn(1) == drawn(1)
    assert len({tuple(drawn(seed)) for seed in range(12)}) > 1


def test_without_temperature_chance_has_no_say_in_pitches_and_what_is_hoped_for_is_heard() -> None:
    tape, decoder = a_tape(), deciding()
    chances = [np.random.default_rng(seed).random(DRAWS, np.float32) for seed in range(6)]
    cold = {
        tuple(decided(decoder, tape, question(0, 50), QUIET, uniform, VoicingStyle(0.0)).tolist())
        for uniform in chances
    }
    assert len(cold) == 1
    bias = QUIET.copy()
    bias[40] = 100.0
    for uniform in chances:
        cells = decided(decoder, tape, question(0, 50), bias, uniform, VoicingStyle())
        assert np.flatnonzero(cells == ONSET).tolist() == [40]


def test_what_is_chosen_so_far_is_shown() -> None:
    tape = a_tape()
    rows = frames(LAYOUT, tape, question(1, 50))
    chosen = np.zeros((1, ROWS), np.uint8)
    chosen[0, [30, 40]] = 1
    set_query(LAYOUT, rows, np.array([NOTE]), chosen, np.array([40]))
    assert np.flatnonzero(rows[0, plane(CHOSEN)]).tolist() == [30, 40]
    assert np.flatnonzero(rows[0, plane(TOP)]).tolist() == [40]
    set_query(LAYOUT, rows, np.array([NOTE]), chosen, np.array([NOWHERE]))
    assert not rows[0, plane(TOP)].any()


def test_the_rows_of_a_part_are_its_range() -> None:
    for track in (BASS, KEYS):
        anchor = anchors(track, np.array([7]))
        rows = in_range(track, anchor)[0]
        assert rows.sum() == track.high - track.low + 1
        assert int(anchor[0]) % 12 == 7


def test_notes_take_the_place_of_those_that_must_end_and_the_others_are_held() -> None:
    tape = a_tape()
    step = next(at for at in range(20, STEPS) if tape.sounding[1, at - 1].sum() == 3)
    sounding = np.flatnonzero(tape.sounding[1, step - 1])
    ending = np.zeros(PITCHES, np.bool_)
    ending[sounding[1]] = True

    def never_lasting(_: str, rows: Floats) -> Floats:
        return np.concatenate([np.zeros((len(rows), ROWS + 1)), np.full((len(rows), ROWS), -50.0)], 1, dtype=np.float32)

    decoder = VoicingDecoder(LAYOUT, Answering(never_lasting))
    uniform, bias = np.full(DRAWS, 0.5, np.float32), np.zeros(PITCHES, np.float32)
    asked, style = question(1, step), VoicingStyle()
    cells = decided(decoder, tape, asked, bias, uniform, style, ending=ending, keep=True)
    assert [int(cells[key]) for key in sounding] == [HELD, cells[sounding[1]], HELD]
    assert cells[sounding[1]] != HELD
    assert (cells == ONSET).any()
    assert not (decided(decoder, tape, asked, bias, uniform, style, ending=ending) == HELD).any(), "the net holds none"
