"""Corpora as bars: runs of whole bars, their likeness to earlier ones, the parts that play, and true plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from composerd.contract.groove import (
    COPY,
    HISTORY,
    LAGS,
    NEW,
    TEXTURE,
    UNKNOWN,
    UNKNOWN_PLAN,
    VARY,
    GrooveLayout,
    texture_of,
)  # fmt: skip
from composerd.contract.layout import DRUM_CLASSES, MONO
from composerd.music.harmony.labelling import NO_CHORD
from composerd.music.roll import HELD, ONSET, REST
from composerd_export.data.bars import CRASH, FEWEST, GENUINE_SHARE, NEAR, BarSet, absent, bars_of, joined, textures
from composerd_export.data.notes import FAR, chord_times
from composerd_export.data.rolls import Rolls
from layouts import BAND

LAYOUT = GrooveLayout(BAND, ("pop",))
BAR, DRUMS, BASS, KEYS = 16, 0, 1, 2
KICK = [name for name, _, _ in DRUM_CLASSES].index("kick")
FOUR, OFF, EIGHTHS = (0, 4, 8, 12), (2, 6, 10, 14), tuple(range(0, 16, 2))
Rhythm = Sequence[int]


def rolls(
    bass: Sequence[Rhythm], lengths: Sequence[int] = (), pieces: Sequence[int] = (), crashes: Sequence[int] = (),
    meta: Sequence[dict[str, Any]] = ({},), weights: Sequence[float] = (1.0,), melody: int = 72,
) -> Rolls:  # fmt: skip
    """The onsets of the bass by bars; drums play quarters, keys nothing. `pieces`: the piece of each bar."""
    lengths = lengths or [BAR] * len(bass)
    pieces = pieces or [0] * len(bass)
    steps = sum(lengths)
    phase, piece = np.zeros(steps, np.int8), np.zeros(steps, np.int32)
    cells = [np.zeros((steps, track.rows), np.uint8) for track in BAND]
    start = 0
    for index, (onsets, length) in enumerate(zip(bass, lengths, strict=True)):
        phase[start : start + length] = np.arange(length) + (0 if length == BAR else 16)
        piece[start : start + length] = pieces[index]
        for onset in onsets:
            cells[BASS][start + onset, 3] = ONSET
        if onsets:
            cells[DRUMS][start : start + length : 4, KICK] = ONSET
        if index in crashes:
            cells[DRUMS][start, CRASH] = ONSET
        start += length
    return Rolls(
        melody=np.full(steps, melody, np.int16), melody_onset=np.ones(steps, np.bool_), phase=phase,
        chord=np.zeros(steps, np.int16), chord_bass=np.zeros(steps, np.int8), chord_cell=np.zeros(steps, np.int32),
        sheet=np.zeros(steps, np.int16), sheet_bass=np.zeros(steps, np.int8),
        cells=tuple(cells), piece=piece, present=np.ones((max(pieces) + 1, 3), np.bool_), meta=tuple(meta),
        weights=np.array(weights, np.float64),
    )  # fmt: skip


def bars(*bass: Rhythm, **more: Any) -> BarSet:
    return bars_of(LAYOUT, rolls(bass, **more), 0)


def test_every_whole_bar_is_found_with_its_length_and_its_place_in_its_run() -> None:
    found = bars(FOUR, FOUR, FOUR, FOUR, FOUR, lengths=[16, 16, 12, 12, 16])
    assert found.start.tolist() == [0, 16, 32, 44, 56]
    assert found.steps.tolist() == [16, 16, 12, 12, 16]
    assert found.index.tolist() == [0, 1, 0, 1, 0], "another length begins another run"


def test_another_piece_begins_another_run() -> None:
    found = bars(FOUR, FOUR, FOUR, FOUR, pieces=[0, 0, 1, 1], meta=({}, {}), weights=(1.0, 1.0))
    assert found.index.tolist() == [0, 1, 0, 1]


def test_a_bar_that_is_cut_short_is_left_out() -> None:
    whole = rolls([FOUR, FOUR])
    arrays = ("melody", "melody_onset", "phase", "chord", "chord_bass", "chord_cell", "piece")
    cut: dict[str, Any] = {name: getattr(whole, name)[:27] for name in arrays}
    short = replace(whole, **cut, cells=tuple(one[:27] for one in whole.cells))
    assert bars_of(LAYOUT, short, 0).start.tolist() == [0]


def test_a_repeated_bar_is_a_copy_and_one_like_it_a_variation() -> None:
    almost = (0, 4, 8, 12, 14)
    found = bars(FOUR, FOUR, OFF, OFF, almost, FOUR)
    rows = np.arange(6)
    plans = found.plans(rows, np.zeros(6, np.int64))[:, BASS].tolist()
    assert plans[:4] == [NEW, COPY, NEW, COPY]
    assert plans[4] == VARY + LAGS.index(4), "four bars ago stood the bar that it varies"
    assert plans[5] == COPY + LAGS.index(4), "five bars ago is no distance that a plan knows; four bars ago is a copy"


def test_bars_before_the_performance_began_are_not_copied() -> None:
    found = bars(FOUR, FOUR, FOUR)
    assert found.plans(np.array([2]), np.array([2]))[0, BASS] == NEW
    assert found.known(np.array([2]), np.array([1]))[0].tolist() == [True, False, False, False]


def test_the_plans_before_a_bar_are_unknown_where_the_performance_had_not_begun() -> None:
    found = bars(*[FOUR] * 12)
    past = found.past_plans(np.array([3, 11]), np.array([0, 0]))
    assert past.shape == (2, HISTORY, 3)
    assert past[0, : HISTORY - 3, BASS].tolist() == [UNKNOWN_PLAN] * (HISTORY - 3)
    assert past[0, HISTORY - 3 :, BASS].tolist() == [NEW, COPY, COPY]
    assert past[1, :, BASS].tolist() == [COPY] * HISTORY


def test_as_questions_bars_know_where_their_performance_began() -> None:
    found = bars(*[FOUR] * 6)
    asked = found.bars(np.array([4]), np.array([2]))
    assert (asked.start.tolist(), asked.steps.tolist(), asked.known_from.tolist()) == ([64], [16], [32])
    assert asked.context.shape == (1, LAYOUT.context)


def test_a_part_plays_if_it_sounds_within_some_bars() -> None:
    silent = [()] * (NEAR + 2)
    found = bars(FOUR, *silent)
    assert found.present[:, BASS].tolist() == [True] * (NEAR + 1) + [False] * 2
    assert not found.present[:, KEYS].any()


def test_the_next_piece_does_not_count_as_nearby() -> None:
    found = bars((), (), FOUR, FOUR, pieces=[0, 0, 1, 1], meta=({}, {}), weights=(1.0, 1.0))
    assert found.present[:, BASS].tolist() == [False, False, True, True]


@pytest.mark.parametrize("first", [0, 3, 5])
def test_groups_of_eight_begin_where_crashes_fall(first: int) -> None:
    found = bars(*[FOUR] * 24, crashes=range(first, 24, 8))
    assert found.group[first] == 0
    assert found.group.tolist() == [(bar - first) % 8 for bar in range(24)]


def test_without_a_sign_groups_begin_with_the_run() -> None:
    assert bars(*[FOUR] * 10).group.tolist() == [*range(8), 0, 1]


def test_genuine_bars_have_their_share_of_the_weight_however_few_they_are() -> None:
    found = bars(
        *[FOUR] * 10, pieces=[0] * 2 + [1] * 8, meta=({}, {"derived": ["bass"]}), weights=(3.0, 1.0)
    )  # fmt: skip
    assert found.generated.tolist() == [False] * 2 + [True] * 8
    assert found.weight[:2].sum() == pytest.approx(GENUINE_SHARE)
    assert found.weight.sum() == pytest.approx(1.0)


def test_bars_with_a_melody_weigh_more_than_those_without() -> None:
    sung, unsung = bars(FOUR, FOUR).weight, bars(FOUR, FOUR, melody=REST).weight
    assert sung.sum() == pytest.approx(unsung.sum()), "each set has the same share"
    both = joined(LAYOUT, [bars(FOUR, FOUR), bars(FOUR, FOUR, melody=REST)])
    assert both.weight[:2].sum() == pytest.approx(both.weight[2:].sum())


def test_joined_sets_follow_each_other_on_one_tape() -> None:
    one, two = bars(FOUR, OFF), bars_of(GrooveLayout(BAND, ("pop", "rock")), rolls([EIGHTHS] * 3), 1)
    both = joined(GrooveLayout(BAND, ("pop", "rock")), [one, two])
    assert len(both) == 5
    assert both.start.tolist() == [0, 16, 32, 48, 64]
    assert both.genre.tolist() == [0, 0, 1, 1, 1]
    at = LAYOUT.columns[BASS].start
    assert both.tape.cells[32:48, at].tolist() == [int(step in EIGHTHS) for step in range(16)]


def test_the_share_of_bars_without_a_part_is_counted_on_genuine_bars() -> None:
    silent = [()] * (2 * NEAR + 2)
    found = bars(FOUR, FOUR, *silent)
    drums, bass, keys = absent(found)[0]
    assert keys == 1.0
    assert 0.0 < bass < 1.0
    assert drums == bass, "they play and rest together"


def test_held_notes_are_no_onsets_of_the_rhythm() -> None:
    held = rolls([(0,)])
    held.cells[BASS][1:4, 3] = HELD
    at = LAYOUT.columns[BASS]
    cells = bars_of(LAYOUT, held, 0).tape.cells[:5, at]
    assert cells.tolist() == [[1, 0], [0, 1], [0, 1], [0, 1], [0, 0]]


# -- times of chords


def test_a_chords_age_and_the_next_chord_are_counted_in_steps() -> None:
    chord, piece = np.array([3, 3, 3, 7, 7, 3]), np.zeros(6, np.int64)
    age, following, until = chord_times(chord, piece)
    assert age.tolist() == [0, 1, 2, 0, 1, 0]
    assert following.tolist() == [7, 7, 7, 3, 3, NO_CHORD]
    assert until.tolist() == [3, 2, 1, 2, 1, 1]


def test_the_next_piece_is_no_chord_to_come_and_begins_anew() -> None:
    chord, piece = np.array([3, 3, 3, 3]), np.array([0, 0, 1, 1])
    age, following, _ = chord_times(chord, piece)
    assert age.tolist() == [0, 1, 0, 1]
    assert following.tolist() == [NO_CHORD] * 4


def test_a_chord_far_ahead_is_not_known_yet() -> None:
    chord = np.array([3] * (FAR + 4) + [7])
    age, following, until = chord_times(chord, np.zeros(len(chord), np.int64))
    assert following[:4].tolist() == [NO_CHORD] * 4
    assert following[4] == 7
    assert until[:5].tolist() == [FAR] * 5
    assert age.max() == FAR


# -- textures


def test_a_piece_has_one_texture_of_each_part_and_none_of_a_part_that_it_lacks() -> None:
    """Four quarters a bar that are all alike, beside eighths that are: density, and all but the first are copies."""
    pieces = bars(*[FOUR] * 12, *[EIGHTHS] * 12, pieces=[0] * 12 + [1] * 12, meta=({}, {}), weights=(1.0, 1.0))
    quarters, eighths = (texture_of(MONO, density, 0.0, 11 / 12) for density in (4.0, 8.0))
    assert {tuple(one) for one in pieces.texture[:12, BASS].tolist()} == {quarters}
    assert {tuple(one) for one in pieces.texture[12:, BASS].tolist()} == {eighths}
    assert quarters[0] < eighths[0]
    assert (pieces.texture[:, KEYS] == UNKNOWN).all()


def test_bars_without_the_part_do_not_thin_its_texture() -> None:
    found = bars(*[EIGHTHS] * 4, *[()] * (2 * NEAR + 40), *[EIGHTHS] * 4)
    thin = bars(*[EIGHTHS, (), (), ()] * 4)
    assert found.texture[0, BASS, 0] > thin.texture[0, BASS, 0]


def test_a_part_that_goes_on_sounding_is_told_from_one_that_rests() -> None:
    short = rolls([FOUR] * 8)
    held = rolls([FOUR] * 8)
    held.cells[BASS][:, 3] = np.where(held.cells[BASS][:, 3] == ONSET, ONSET, HELD)
    sustains = [bars_of(LAYOUT, one, 0).texture[0, BASS, 1] for one in (short, held)]
    assert sustains == [0, TEXTURE[1] - 1]


def test_the_textures_of_a_genre_are_those_of_its_genuine_pieces() -> None:
    pieces = bars(
        *[FOUR] * 4, *[EIGHTHS] * 4, pieces=[0] * 4 + [1] * 4, meta=({"derived": True}, {}), weights=(1.0, 1.0)
    )
    assert textures(pieces) == [[pieces.texture[4].tolist()]]
    made = bars(*[FOUR] * 4, meta=({"derived": True},))
    assert textures(made) == [[made.texture[0].tolist()]], "there are no others"


def test_a_band_does_not_play_like_pieces_that_hold_no_groove_if_there_are_enough_others() -> None:
    """Here one is thin, and has no chord that is held."""
    held = rolls([FOUR] * 8 * FEWEST, pieces=[n // 8 for n in range(8 * FEWEST)], meta=({},) * FEWEST,
                 weights=(1.0,) * FEWEST)  # fmt: skip
    held.cells[DRUMS][::2, CRASH] = ONSET
    held.cells[KEYS][::16, 20] = ONSET
    held.cells[KEYS][:, 20] = np.where(held.cells[KEYS][:, 20] == ONSET, ONSET, HELD)
    grooves = bars_of(LAYOUT, held, 0)
    thin = bars(*[FOUR, (), (), ()] * 4)
    (found,) = textures(joined(LAYOUT, [grooves, thin]))
    assert len(found) == FEWEST
    assert all(piece[KEYS][1] == TEXTURE[1] - 1 for piece in found)
    assert textures(thin) == [[thin.texture[0].tolist()]], "there are no others"
