"""Answers of a generator: which are still wanted on arrival, and what of them is laid on the timeline."""

from __future__ import annotations

import pytest

from composerd.engine.jam.answers import PATIENCE, Answers
from composerd.engine.messages import Composed
from composerd.engine.output.timeline import Placed, Timeline
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.notes import PartNote, Section

DRUMS, BASS = frozenset((0,)), frozenset((1,))


def placed(note: PartNote) -> Placed:
    return Placed(note.step / 4, (note.step + note.length) / 4, note.velocity)


def answers(first: int = 0) -> Answers:
    return Answers(Timeline(placed), first)


def bass(first: int, until: int, *steps: int) -> Section:
    return Section(BASS, first, until, tuple(PartNote(step, 1, 40, 80, 2) for step in steps))


def drums(first: int, until: int, *steps: int) -> Section:
    return Section(DRUMS, first, until, tuple(PartNote(step, 0, 36, 90, 1) for step in steps))


def composed(serial: int, *sections: Section, chord: int = 0) -> Composed:
    return Composed(serial, sections, ChordPlan((PlannedChord(0, 64, Chord(chord)),)))


def laid(found: Answers, until: float = 99.0) -> list[tuple[float, int]]:
    """(beat, part) of the notes that begin."""
    return [(event.beat, event.part) for event in found.timeline.due(until, lambda _: 0.0) if event.velocity]


def test_an_answer_that_was_not_asked_for_is_not_expected() -> None:
    assert answers().judged(composed(1), 0.0) is None


def test_an_answer_is_expected_once() -> None:
    found = answers()
    found.expect(1, 0, False)
    assert found.judged(composed(1), 0.0) is not None
    assert found.judged(composed(1), 0.0) is None


@pytest.mark.parametrize(("position", "late"), [(1.0, False), (2.0, False), (2.1, True)])
def test_the_first_answer_may_be_two_steps_late(position: float, late: bool) -> None:
    found = answers()
    found.expect(1, 0, False)
    judged = found.judged(composed(1), position)
    assert judged is not None
    assert (judged.late, judged.stale) == (late, late)


@pytest.mark.parametrize(
    ("keyed", "position", "late"),
    [(True, 8.5, False), (True, 8.6, True), (False, 8.0, False), (False, 8.1, True)],
)
def test_later_ones_may_be_half_a_step_late_after_a_key_and_not_at_all_otherwise(
    keyed: bool, position: float, late: bool
) -> None:
    found = answers()
    found.expect(1, 0, False)
    first = found.judged(composed(1), 0.0)
    assert first is not None
    found.lay(composed(1), first, 0.0, DRUMS, True)
    found.expect(2, 8, keyed)
    judged = found.judged(composed(2), position)
    assert judged is not None
    assert judged.late is late


def test_an_answer_to_an_earlier_request_is_stale_once_a_later_one_was_laid() -> None:
    found = answers()
    found.expect(1, 0, False)
    found.expect(2, 1, True)
    second = found.judged(composed(2, chord=5), 1.0)
    assert second is not None
    found.lay(composed(2, chord=5), second, 0.25, DRUMS, True)
    first = found.judged(composed(1, chord=0), 0.0)
    assert first is not None
    assert (first.late, first.stale) == (False, True)
    found.lay(composed(1, chord=0), first, 0.25, DRUMS, True)
    now = found.plan.at(1)
    assert now is not None
    assert str(now.chord) == "F", "a stale plan changes nothing"


def test_a_request_is_forgotten_after_so_many_later_ones() -> None:
    found = answers()
    for serial in range(1, PATIENCE + 3):
        found.expect(serial, serial, False)
    assert found.judged(composed(1), 0.0) is None
    assert found.judged(composed(2), 0.0) is not None


def test_a_key_is_expected_while_its_answer_is_pending() -> None:
    found = answers()
    found.expect(1, 4, True)
    found.expect(2, 5, False)
    assert found.expects_key(4)
    assert not found.expects_key(5)
    found.judged(composed(1), 4.0)
    assert not found.expects_key(4)


def test_drums_are_laid_once_for_each_bar() -> None:
    found = answers()
    found.expect(1, 0, False)
    found.expect(2, 0, False)
    for serial in (1, 2):
        judged = found.judged(composed(serial), 0.0)
        assert judged is not None
        found.lay(composed(serial, drums(0, 16, 0, 8)), judged, 0.0, DRUMS, True)
    assert laid(found) == [(0.0, 0), (2.0, 0)]
    assert found.drums_until == 16


def test_harmony_is_held_back_before_the_first_key() -> None:
    found = answers()
    found.expect(1, 0, False)
    judged = found.judged(composed(1), 0.0)
    assert judged is not None
    found.lay(composed(1, bass(0, 16, 0), drums(0, 16, 4)), judged, 0.0, DRUMS, harmony=False)
    assert laid(found) == [(1.0, 0)]


def test_a_late_answer_still_fills_what_nothing_was_planned_for() -> None:
    found = answers()
    found.expect(1, 0, False)
    judged = found.judged(composed(1), 6.0)
    assert judged is not None
    assert judged.stale
    found.lay(composed(1, bass(0, 16, 0, 4, 8, 12)), judged, 1.5, DRUMS, True)
    assert laid(found) == [(2.0, 1), (3.0, 1)]


def test_forgotten_drums_can_be_planned_again() -> None:
    found = answers()
    found.expect(1, 0, False)
    judged = found.judged(composed(1), 0.0)
    assert judged is not None
    found.lay(composed(1, drums(0, 16, 0, 8)), judged, 0.0, DRUMS, True)
    found.forget_drums(DRUMS, 8)
    assert found.drums_until == 8
    assert laid(found) == [(0.0, 0)]


def test_a_new_beginning_forgets_plan_and_requests() -> None:
    found = answers()
    found.expect(1, 0, False)
    found.begin_anew(Timeline(placed), 32)
    assert found.drums_until == 32
    assert found.judged(composed(1), 0.0) is None
