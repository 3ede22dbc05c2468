"""What a request says about the chords that sounded before it."""

from __future__ import annotations

from functools import partial

import performed
from composerd.engine.messages import Composed, Request
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from fakes import echo_bass
from performed import BEAT, Performed
from scenes import BAR, C, F

keys = partial(performed.keys, length=0.2)


def bar_by_bar(request: Request) -> Composed:
    """The bass of `echo_bass`; C in even bars, F in odd ones, planned from the bar line on to the bar after next."""
    line = request.grid.bar_line(request.step)
    chords = (PlannedChord(line + i * BAR, BAR, (C, F)[(line // BAR + i) % 2]) for i in range(2))
    answer = echo_bass(request)
    return Composed(request.serial, answer.sections, ChordPlan(tuple(chords), 0))


def named(request: Request) -> list[Chord]:
    return [chord.chord for chord in request.sounded.chords]


def test_a_request_knows_the_chords_up_to_its_step_and_none_after_it() -> None:
    played = Performed(keys(*((BEAT * i, 60) for i in range(16))), until=8.0, rule=bar_by_bar)
    asked = [request for request in played.composer.requests if request.step >= 2 * BAR]
    assert asked
    for request in asked:
        assert request.sounded.chords[-1].end == request.step
        assert request.sounded.chords[-1].chord == (C, F)[(request.step - 1) // BAR % 2]


def test_nothing_sounded_before_a_performance() -> None:
    played = Performed(keys((0.0, 60)), until=1.0, rule=bar_by_bar)
    assert named(played.composer.requests[0]) == []
