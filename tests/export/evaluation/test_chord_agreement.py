"""What agrees with people's chords and what does not, one rule at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.generators.tables import harmonist
from composerd.music.harmony.slots import slots_between
from composerd.music.metre import BarGrid, Metre
from composerd_export.data.harmony.songs import QUALITIES, TuneWithChords
from composerd_export.evaluation.chords import (
    KINDS,
    ChordFigures,
    Named,
    figures,
    grid_of,
    human,
    mean,
    report,
    textbook,
    whole,
)
from composerd_export.evaluation.known import KNOWN, known_tunes
from composerd_export.evaluation.live_chords import live

BAR = 16
NO_CHORD = (-1, -1, -1)
Written = tuple[int, str]


def song(*halves: Written | None, pitch: int = 60, style: str = "folk") -> TuneWithChords:
    """A half bar for each chord, the same note on each beat."""
    rows = [NO_CHORD if one is None else (one[0], QUALITIES.index(one[1]), one[0]) for one in halves]
    steps = 8 * len(halves)
    return TuneWithChords(
        "a song", style, np.full(steps, pitch, np.int16), np.arange(steps) % 4 == 0,
        np.repeat(rows, 8, 0).astype(np.int64), slots_between(BarGrid(), 0, steps), "a song",
    )  # fmt: skip


def named(*halves: Written | None) -> Named:
    """A plan of half bars."""
    roots = [-1 if one is None else one[0] for one in halves]
    kinds = [-1 if one is None else KINDS[one[1]] for one in halves]
    return Named(np.repeat(roots, 8).astype(np.int64), np.repeat(kinds, 8).astype(np.int64))


def compared(people: Written, plan: Written | None) -> ChordFigures:
    """One chord for four bars."""
    found = figures(song(*[people] * 8), named(*[plan] * 8))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("people", "plan", "agree", "root", "tones"),
    [
        ((0, ""), (0, "7"), 1, 1, 1),
        ((0, "maj7"), (0, "6"), 1, 1, 1),
        ((0, "aug"), (0, ""), 1, 1, 1),  # augmented counts as major
        ((0, ""), (0, "m"), 0, 1, 2 / 3),
        ((0, ""), (9, "m"), 0, 0, 2 / 3),  # the relative minor
        ((0, ""), (6, ""), 0, 0, 0),
        ((0, "sus4"), (0, ""), 1, 1, 2 / 3),
        ((0, "m7"), (0, "sus2"), 1, 1, 2 / 3),
        ((0, "sus4"), (0, "dim"), 0, 1, 1 / 3),
        ((0, "dim"), (0, "m"), 0, 1, 2 / 3),
        ((0, "m7b5"), (0, "dim"), 1, 1, 1),
    ],
)
def test_root_and_kind_decide(people: Written, plan: Written, agree: float, root: float, tones: float) -> None:
    found = compared(people, plan)
    assert (found.agree, found.root) == (agree, root)
    assert found.tones == pytest.approx(tones)


@pytest.mark.parametrize("root", [0, 3, 6, 9])
def test_a_diminished_seventh_chord_has_four_roots(root: int) -> None:
    assert compared((0, "dim7"), (root, "dim")).agree == 1.0
    assert compared((0, "dim7"), ((root + 1) % 12, "dim")).agree == 0.0
    assert compared((0, "dim"), (root, "dim")).agree == (root == 0), "a triad has one"
    assert compared((0, "dim7"), (root, "m")).agree == 0.0


@pytest.mark.parametrize("people", [(0, ""), (11, "sus4"), (4, "m")])
def test_where_no_chord_is_planned_nothing_agrees(people: Written) -> None:
    found = compared(people, None)
    assert (found.agree, found.root, found.tones, found.final) == (0.0, 0.0, 0.0, 0.0)


C, D, F, G, A_MINOR = (0, ""), (2, "m"), (5, ""), (7, ""), (9, "m")
TRUTH = (C, C, C, F, F, G, G, C)
"""four bars: changes at steps 24, 40 and 56"""


def shifted(plan: Named, steps: int) -> Named:
    return Named(np.roll(plan.root, steps), np.roll(plan.kind, steps))


def test_the_first_bar_is_not_counted() -> None:
    plan = named(G, G, *TRUTH[2:])
    found = figures(song(*TRUTH), plan)
    assert found is not None
    assert found.agree == 1.0


def test_bars_in_which_the_melody_rests_or_people_play_nothing_are_not_counted() -> None:
    one = song(C, C, C, C, None, None, C, C, C, C)
    pitch = one.pitch.copy()
    pitch[3 * BAR : 4 * BAR] = -1
    found = figures(replace(one, pitch=pitch), named(C, C, C, C, G, G, G, G, C, C))
    assert found is not None
    assert found.agree == 1.0
    assert found.rate is None, "no change of people's is counted, for all stay on C"


def test_a_song_with_too_little_to_compare_has_no_figures() -> None:
    assert figures(song(C, C, C, F), named(C, C, C, F)) is None
    assert figures(song(C, C, C, F, F, C), named(C, C, C, F, F, C)) is not None


@pytest.mark.parametrize(("late", "met"), [(0, 1.0), (1, 1.0), (-1, 1.0), (2, 0.0)])
def test_a_change_a_step_beside_peoples_is_met(late: int, met: float) -> None:
    found = figures(song(*TRUTH), shifted(named(*TRUTH), late))
    assert found is not None
    assert (found.precision, found.recall, found.rate) == (met, met, 1.0)


def test_changes_that_people_do_not_make_cost_precision_and_missed_ones_recall() -> None:
    more = figures(song(*TRUTH), named(C, C, C, F, D, G, D, C))
    fewer = figures(song(*TRUTH), named(C, C, C, F, F, F, F, C))
    assert more is not None
    assert fewer is not None
    assert (more.precision, more.recall) == (3 / 5, 1.0)
    assert more.rate == pytest.approx(5 / 3)
    assert (fewer.precision, fewer.recall, fewer.rate) == (1.0, 2 / 3, 2 / 3)


def test_a_suspension_that_resolves_is_no_change() -> None:
    found = figures(song(*TRUTH), named(C, C, (0, "sus4"), F, F, (7, "sus4"), G, C))
    assert found is not None
    assert found.rate == 1.0


def test_a_plan_without_a_change_has_no_precision() -> None:
    found = figures(song(*TRUTH), named(*[C] * 8))
    assert found is not None
    assert (found.precision, found.recall, found.rate) == (None, 0.0, 0.0)


@pytest.mark.parametrize(
    ("ending", "cadence"),
    [((G, C), 1.0), (((7, "sus4"), C), 1.0), (((7, "m"), C), 0.0), ((F, C), 0.0), ((G, A_MINOR), 0.0), ((C, C), 0.0)],
)
def test_a_cadence_needs_the_dominant_and_then_the_tonic(ending: tuple[Written, Written], cadence: float) -> None:
    found = figures(song(*TRUTH), named(*TRUTH[:5], F, *ending))
    assert found is not None
    assert found.cadence == cadence
    assert found.final == (ending[1] == C)


@pytest.mark.parametrize("before", [F, (7, "m"), D])
def test_where_people_end_otherwise_there_is_no_cadence_to_meet(before: Written) -> None:
    one = (*TRUTH[:5], before, before, C)
    found = figures(song(*one), named(*one))
    assert found is not None
    assert found.cadence is None
    assert found.final == 1.0


def test_a_last_note_without_a_chord_of_peoples_has_no_ending() -> None:
    one = (*TRUTH[:7], None)
    found = figures(song(*one), named(*TRUTH))
    assert found is not None
    assert (found.final, found.close, found.cadence) == (None, None, None)


def test_means_are_over_the_songs_that_have_a_figure() -> None:
    rows = [ChordFigures(agree, 1.0, 1.0, None, None, None, final, None, None)
            for agree, final in ((0.5, None), (1.0, 1.0), (0.0, 0.0))]  # fmt: skip
    found = mean(rows)
    assert (found.agree, found.final) == (0.5, 0.5)
    assert found.precision is not None
    assert np.isnan(found.precision)
    assert np.isnan(mean([]).agree)


def test_well_known_tunes_have_a_line_of_their_own_and_are_not_in_all() -> None:
    known = replace(song(*TRUTH), style=KNOWN)
    lines = {line[:18].strip(): line.split() for line in report([song(*TRUTH), known], {"people": human}).splitlines()}
    assert lines["people all"][2] == lines["people folk"][2] == lines[f"people {KNOWN}"][2] == "1"
    assert lines["people all"][3] == "1.000"


def test_songs_too_short_for_figures_are_in_no_line() -> None:
    text = report([song(*TRUTH), song(C, C)], {"people": human})
    (line,) = [line for line in text.splitlines() if line.startswith("people folk")]
    assert line.split()[2] == "1"


@pytest.mark.parametrize(
    ("metre", "same"),
    [(Metre(3, 4), True), (Metre(6, 8), True), (Metre(2, 4), True), (Metre(5, 4), True), (Metre(4, 4), True),
     (Metre(7, 8), True), (Metre(9, 8), True)],
)  # fmt: skip
def test_the_grid_has_the_metre_of_the_songs_bars(metre: Metre, same: bool) -> None:
    steps = 4 * metre.bar_steps
    one = replace(song(C), slots=slots_between(BarGrid.of(metre), 0, steps), pitch=np.full(steps, 60, np.int16))
    assert (grid_of(one) == BarGrid.of(metre)) == same


def test_a_bar_of_another_length_changes_the_grid_there_and_back() -> None:
    grid = BarGrid(((0, 0, Metre()), (32, 2, Metre(2, 4)), (40, 3, Metre())))
    one = replace(song(C), slots=slots_between(grid, 0, 72), pitch=np.full(72, 60, np.int16))
    assert grid_of(one) == grid


POP = harmonist("pop")


@settings(max_examples=12)
@given(st.integers(0, 9), st.integers(2, 14), st.integers(0, 10**6))
def test_a_later_note_never_changes_an_earlier_chord_of_a_live_plan(tune: int, bar: int, seed: int) -> None:
    one = known_tunes()[tune]
    lines = [slot.start for slot in one.slots if slot.index == 0]
    cut = lines[bar % len(lines)] + 1
    rng = np.random.default_rng(seed)
    pitch, onset = one.pitch.copy(), one.onset.copy()
    pitch[cut:] = rng.integers(55, 80, len(pitch) - cut)
    onset[cut:] = rng.random(len(pitch) - cut) < 0.5
    here, there = live(POP, one).chords, live(POP, replace(one, pitch=pitch, onset=onset)).chords
    assert (here.root[: cut - 1] == there.root[: cut - 1]).all()
    assert (here.kind[: cut - 1] == there.kind[: cut - 1]).all()


@pytest.mark.parametrize("semitones", [1, 5, -4])
def test_the_textbook_and_the_harmonist_plan_alike_in_every_key(semitones: int) -> None:
    for one in known_tunes()[:4]:
        moved = replace(one, pitch=np.where(one.pitch >= 0, one.pitch + semitones, -1).astype(np.int16))
        for plan in (textbook, lambda tune: whole(POP, tune)):
            here, there = plan(one), plan(moved)
            assert ((here.root + semitones) % 12 == there.root).all()
            assert (here.kind == there.kind).all()
