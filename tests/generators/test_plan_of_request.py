"""The chord plan of a request: a chart's if it says every chord, else the harmonist's, led by what the player plays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from composerd.engine.messages import Directions, Mode, Request
from composerd.generators.plan import harmonist_plan
from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.harmony.key import Key
from composerd.music.metre import BarGrid, Metre
from composerd.music.roll import REST, BandRoll, MelodyRoll
from fakes import duo
from scenes import AM, BAR, G7, C, F, held_melody, plan_of

OWN = plan_of([AM] * 8)
"""the harmonist's"""


class Recording:
    """A harmonist that plans A minor, and records what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[MelodyRoll, BarGrid, int, int, bool, Any]] = []

    def plan(
        self, melody: MelodyRoll, grid: BarGrid, step: int, until: int, whole: bool, given: Any, **_: Any
    ) -> ChordPlan:  # fmt: skip
        self.asked.append((melody, grid, step, until, whole, given))
        return OWN


def request(step: int = 0, until: int = 8, **more: Any) -> Request:
    base = Request(
        serial=1, mode=Mode.JAM, genre=duo(), grid=BarGrid(), bpm=120.0, step=step, until=until, drums_from=step,
        drums_until=until, harmony_from=0, melody=held_melody([60] * (step // 4 + 1)),
        band=BandRoll(0, np.zeros((2, 0, 128), np.uint8)), performance=3, directions=Directions(), seed=5,
    )  # fmt: skip
    return replace(base, **more)


def planned(asked: Request) -> tuple[ChordPlan, Recording]:
    harmonist = Recording()
    return harmonist_plan(harmonist, asked), harmonist  # type: ignore[arg-type]  # it has what is called


def test_without_given_chords_the_harmonist_plans_up_to_the_later_end() -> None:
    found, harmonist = planned(request(step=4, until=8, drums_until=2 * BAR))
    assert found == OWN
    assert harmonist.asked[0][2:5] == (4, 2 * BAR, False)


def test_a_phrase_is_planned_as_a_whole() -> None:
    _, harmonist = planned(request(mode=Mode.PHRASE, until=2 * BAR))
    assert harmonist.asked[0][4] is True


def test_what_the_player_asks_for_reaches_the_harmonist() -> None:
    _, harmonist = planned(request(directions=Directions(key=Key(2, True), creativity=0.8)))
    given = harmonist.asked[0][5]
    assert (given.key, given.creativity) == (Key(2, True), 0.8)


def test_equal_performances_are_planned_alike_and_others_are_not() -> None:
    seeds = [planned(request(performance=one))[1].asked[0][5].seed for one in (3, 3, 4)]
    assert seeds[0] == seeds[1] != seeds[2]


def test_the_players_chords_go_before_the_harmonists() -> None:
    found, _ = planned(request(plan=ChordPlan((PlannedChord(0, 4, F),))))
    assert str(found.at(0).chord) == "F"  # type: ignore[union-attr]
    assert str(found.at(8).chord) == "Am"  # type: ignore[union-attr]


def test_a_chart_that_says_every_chord_needs_no_harmonist() -> None:
    chart = plan_of([C, F, G7, C])
    found, harmonist = planned(request(plan=chart))
    assert harmonist.asked == []
    assert [str(one.chord) for one in found.chords] == ["C", "F"], "the bar that plays and the next one"


def test_chords_before_the_bar_stay_in_a_charts_plan() -> None:
    chart = plan_of([C, F, G7, C])
    found, _ = planned(request(step=BAR, until=BAR + 8, plan=chart))
    assert [str(one.chord) for one in found.chords] == ["C", "F", "G7"]


@pytest.mark.parametrize(
    "plan",
    [
        plan_of([C, F], key=None),
        plan_of([C]),
        ChordPlan((PlannedChord(0, 8, C), PlannedChord(12, 2 * BAR, F)), key=0),
    ],
)
def test_chords_without_a_key_too_few_or_with_a_gap_are_no_chart(plan: ChordPlan) -> None:
    _, harmonist = planned(request(plan=plan))
    assert len(harmonist.asked) == 1


@pytest.mark.parametrize(
    ("metre", "first_bar"), [(Metre(), 5), (Metre(3, 4), 1), (Metre(12, 8), 10), (Metre(7, 4), 11), (Metre(2, 4), 0)]
)
def test_with_a_remembered_melody_the_plan_is_made_of_the_whole_last_bars_at_their_place_in_the_form(
    metre: Metre, first_bar: int
) -> None:
    """The last bars before bar 20 that 224 steps have room for; all of them where that are more."""
    bar = metre.bar_steps
    melody = MelodyRoll(0, np.full(20 * bar - 4, 60, np.int16), np.arange(20 * bar - 4) % 4 == 0)
    ahead = MelodyRoll(melody.end, np.full(bar, 67, np.int16), np.arange(bar) % 4 == 0)
    asked = replace(request(step=20 * bar - 4, until=20 * bar, melody=melody, ahead=ahead), grid=BarGrid.of(metre))
    _, harmonist = planned(asked)
    seen, grid, step, until, whole, _ = harmonist.asked[0]
    assert whole
    assert (step, until, grid) == (asked.step, asked.foreseen_until, asked.grid)
    assert seen.first == first_bar * bar
    assert seen.pitch[-1] == 67
    assert REST not in seen.pitch.tolist()
