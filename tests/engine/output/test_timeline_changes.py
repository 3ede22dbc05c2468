"""Plans replaced in any order: every note begins once and ends once, and other parts are left alone."""

from __future__ import annotations

from collections import defaultdict
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.engine.output.timeline import TOO_LATE, Event, Placed, Timeline
from composerd.music.notes import PartNote, Section

NOTES = st.builds(
    PartNote, st.integers(0, 15), st.integers(0, 1), st.integers(40, 43), st.just(90), st.integers(1, 8), st.booleans()
)
LAYINGS = st.tuples(
    st.floats(0, 1.5),  # beats since the change before
    st.integers(-1, 6),  # its first step, counted from now
    st.lists(NOTES, max_size=6),
    st.sets(st.integers(0, 1), min_size=1),
    st.booleans(),  # at once
)


def place(note: PartNote) -> Placed:
    return Placed(note.step / 4, note.end / 4, note.velocity)


def laid(layings: list[tuple[float, int, list[PartNote], set[int], bool]], hold: float) -> tuple[list[Event], Timeline]:
    """All events of the changes, played to the end, and the timeline."""
    timeline, events, now = Timeline(place), list[Event](), 0.0
    for pause, ahead, notes, parts, at_once in layings:
        now += pause
        while timeline.next_beat() <= now:
            events += timeline.due(timeline.next_beat(), lambda _: hold)
        first = max(0, round(now * 4) + ahead)
        own = tuple(
            PartNote(first + note.step, note.part, note.pitch, note.velocity, note.length, note.tied and note.step == 0)
            for note in notes
            if note.part in parts
        )
        timeline.lay(Section(frozenset(parts), first, first + 16, own), now, at_once)
    while timeline.next_beat() < inf:
        events += timeline.due(timeline.next_beat(), lambda _: hold)
    return events, timeline


@settings(max_examples=40)
@given(st.lists(LAYINGS, max_size=8), st.sampled_from([0.0, 0.04]))
def test_every_note_begins_once_and_ends_once(
    layings: list[tuple[float, int, list[PartNote], set[int], bool]], hold: float
) -> None:
    events, timeline = laid(layings, hold)
    by_key: dict[tuple[int, int], list[bool]] = defaultdict(list)
    for event in events:
        by_key[event.part, event.pitch].append(event.velocity > 0)
    for begins in by_key.values():
        assert begins == [at % 2 == 0 for at in range(len(begins))], "begin, end, begin, end …"
        assert len(begins) % 2 == 0
    assert timeline.ahead() == ()
    assert timeline.release() == []


@settings(max_examples=40)
@given(st.lists(LAYINGS, max_size=6))
def test_a_plan_of_one_part_leaves_the_other_part_alone(
    layings: list[tuple[float, int, list[PartNote], set[int], bool]],
) -> None:
    own = [PartNote(step, 1, 50, 80, 3) for step in range(0, 48, 4)]
    first = (0.0, 0, own, {1}, False)
    others = [(pause, ahead, notes, {0}, at_once) for pause, ahead, notes, _, at_once in layings]
    events, _ = laid([first, *others], 0.0)
    heard = [(event.beat, event.velocity) for event in events if event.part == 1]
    assert heard == [beat for note in own for beat in ((note.step / 4, 80), (note.end / 4, 0))]


@settings(max_examples=40)
@given(st.lists(NOTES, max_size=8), st.integers(0, 20))
def test_the_past_holds_what_was_heard_up_to_where_it_is_asked(notes: list[PartNote], asked: int) -> None:
    timeline = Timeline(place)
    own = tuple(PartNote(one.step, one.part, one.pitch, 90, one.length) for one in notes)
    timeline.lay(Section(frozenset({0, 1}), 0, 16, own), now=0.0)
    while timeline.next_beat() < inf:
        timeline.due(timeline.next_beat(), lambda _: 0.0)
    past = timeline.past(asked, [asked + 4, asked + 2])
    assert all(note.end > asked and note.step < asked + (4, 2)[note.part] for note in past)
    assert all(note.end <= asked + (4, 2)[note.part] for note in past)
    steps = {(note.part, note.pitch, note.step) for note in own}
    assert {(note.part, note.pitch, note.step) for note in past} <= steps


def test_an_empty_plan_ends_everything_at_its_first_step() -> None:
    timeline = Timeline(place)
    timeline.lay(Section(frozenset({0}), 0, 16, (PartNote(0, 0, 40, 90, 16), PartNote(8, 0, 43, 90, 4))), now=0.0)
    timeline.due(0.0, lambda _: 0.0)
    timeline.lay(Section(frozenset({0}), 6, 16, ()), now=0.5)
    assert timeline.next_beat() == 1.5
    assert timeline.due(1.5, lambda _: 0.0) == [Event(1.5, 0, 40, 0)]
    assert timeline.next_beat() == inf


@pytest.mark.parametrize(
    ("length", "tied", "end"),
    [
        (8, None, 6),  # it reaches into the new plan, which does not have it
        (2, None, 4),  # it is over before
        (8, 4, 10),  # the new plan has the rest of it
        (4, 6, 12),  # and may make it longer, also one that would end where the plan begins
        (8, 1, 7),  # or shorter
    ],
)
def test_a_note_that_has_not_begun_ends_where_a_new_plan_says(length: int, tied: int | None, end: int) -> None:
    timeline = Timeline(place)
    timeline.lay(Section(frozenset({0}), 0, 16, (PartNote(2, 0, 40, 90, length),)), now=0.0)
    rest = () if tied is None else (PartNote(6, 0, 40, 90, tied, tied=True),)
    timeline.lay(Section(frozenset({0}), 6, 16, rest), now=0.25)
    events = timeline.due(0.5, lambda _: 0.0)
    while timeline.next_beat() < inf:
        events += timeline.due(timeline.next_beat(), lambda _: 0.0)
    assert [(event.beat, event.velocity) for event in events] == [(0.5, 90), (end / 4, 0)]


def test_only_the_parts_that_are_released_are_released() -> None:
    timeline = Timeline(place)
    notes = (
        PartNote(0, 0, 40, 90, 16),
        PartNote(0, 1, 50, 90, 16),
        PartNote(8, 0, 43, 90, 4),
        PartNote(8, 1, 53, 90, 4),
    )
    timeline.lay(Section(frozenset({0, 1}), 0, 16, notes), now=0.0)
    timeline.due(0.0, lambda _: 0.0)
    assert [event.pitch for event in timeline.release(frozenset({0}))] == [40]
    assert [(one.part, one.pitch) for one in timeline.ahead()] == [(1, 50), (1, 53)]


def test_every_note_is_told_when_it_has_ended() -> None:
    ended: list[int] = []
    timeline = Timeline(place, lambda note: ended.append(note.pitch))
    notes = (PartNote(0, 0, 40, 90, 4), PartNote(0, 0, 43, 90, 2), PartNote(8, 0, 45, 90, 4))
    timeline.lay(Section(frozenset({0}), 0, 16, notes), now=0.0)
    for beat in (0.0, 0.5, 1.0, 2.0):
        timeline.due(beat, lambda _: 0.0)
    assert ended == [43, 40]
    timeline.release()
    assert ended == [43, 40, 45]


def test_a_note_is_dropped_only_when_it_is_later_than_half_a_step() -> None:
    for late, kept in ((TOO_LATE - 1e-6, True), (TOO_LATE + 1e-6, False)):
        timeline = Timeline(place)
        timeline.lay(Section(frozenset({0}), 0, 16, (PartNote(0, 0, 40, 90, 4),)), now=late)
        assert (timeline.next_beat() < inf) == kept


def test_a_chord_that_ends_at_one_moment_and_begins_again_is_ended_first() -> None:
    timeline = Timeline(place)
    chord = [PartNote(step, 0, pitch, 90, 4) for step in (0, 4) for pitch in (40, 43, 47)]
    timeline.lay(Section(frozenset({0}), 0, 16, tuple(chord)), now=0.0)
    timeline.due(0.0, lambda _: 0.0)
    events = timeline.due(1.0, lambda _: 0.0)
    assert [event.velocity > 0 for event in events] == [False] * 3 + [True] * 3
