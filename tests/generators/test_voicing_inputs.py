"""The inputs of the voicing net on the player's side: chords by step, and the cells that one chord holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from composerd.generators.groove_units import LEAST_UNIT, unit_at, units
from composerd.generators.voicing import FAR, chords_of
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.harmony.labelling import NO_CHORD, index_of
from composerd.music.metre import BarGrid, Metre
from scenes import BAR, G7, C, F, plan_of

GRIDS = [BarGrid.of(Metre(*one)) for one in ((4, 4), (3, 4), (2, 4), (6, 8), (5, 4), (3, 8), (1, 4))]
GRIDS.append(BarGrid().changed(BAR, Metre(3, 4)).changed(BAR + 24, Metre(4, 4)))


def test_every_step_has_its_chord_its_bass_and_their_ages() -> None:
    plan = ChordPlan((PlannedChord(0, 8, C), PlannedChord(8, 8, Chord(7, "7", bass=11))))
    chord, bass, begun, following, follows = chords_of(plan, 0, 16)
    assert chord.tolist() == [index_of(C)] * 8 + [index_of(Chord(7, "7", bass=11))] * 8
    assert bass.tolist() == [0] * 8 + [11] * 8
    assert begun.tolist() == [*range(8), *range(8)]
    assert following[:8].tolist() == [index_of(Chord(7, "7", bass=11))] * 8
    assert follows[:8].tolist() == [8, 7, 6, 5, 4, 3, 2, 1]
    assert following[8:].tolist() == [NO_CHORD] * 8, "nothing is planned beyond"


def test_a_free_bass_is_unknown_where_it_is_the_root_and_known_where_it_is_another_tone() -> None:
    plan = ChordPlan((PlannedChord(0, 4, C), PlannedChord(4, 4, Chord(0, bass=4))))
    _, bass, *_ = chords_of(plan, 0, 8, free=True)
    assert bass.tolist() == [-1] * 4 + [4] * 4


def test_steps_without_a_chord_say_so() -> None:
    plan = ChordPlan((PlannedChord(4, 4, C),))
    chord, bass, *_ = chords_of(plan, 0, 12)
    assert chord.tolist() == [NO_CHORD] * 4 + [index_of(C)] * 4 + [NO_CHORD] * 4
    assert bass.tolist() == [-1] * 4 + [0] * 4 + [-1] * 4


def test_a_chord_planned_in_two_pieces_ages_as_one() -> None:
    plan = plan_of([C, C], length=4)
    _, _, begun, following, _ = chords_of(plan, 0, 8)
    assert begun.tolist() == list(range(8))
    assert set(following.tolist()) == {NO_CHORD}


def test_a_chord_far_ahead_is_not_foreseen_and_ages_are_limited() -> None:
    plan = plan_of([C, F], length=2 * FAR)
    _, _, begun, following, follows = chords_of(plan, 0, 2 * FAR)
    assert begun.max() == FAR
    assert following[FAR - 1] == NO_CHORD
    assert following[FAR] == index_of(F)
    assert follows.max() == FAR


def test_a_window_in_the_middle_of_a_plan_has_the_same_values() -> None:
    plan = plan_of([C, F, G7])
    for whole, part in zip(chords_of(plan, 0, 48), chords_of(plan, 20, 40), strict=True):
        assert whole[20:40].tolist() == part.tolist()


@given(st.sampled_from(GRIDS), st.integers(0, 200))
def test_a_step_lies_in_its_unit_which_is_whole_bars_and_long_enough(grid: BarGrid, step: int) -> None:
    unit = unit_at(grid, step)
    assert unit.start <= step < unit.start + unit.steps
    assert unit.steps % grid.place(step).bar_steps == 0
    assert unit.steps >= LEAST_UNIT
    assert unit.since <= unit.start


@given(st.sampled_from(GRIDS), st.integers(0, 120), st.integers(0, 80))
def test_units_cover_a_range_of_steps_once(grid: BarGrid, first: int, length: int) -> None:
    covered: list[int] = []
    for unit, low, high in units(grid, first, first + length):
        assert unit.start <= low < high
        covered += range(low, high)
    assert covered == list(range(first, first + length))
