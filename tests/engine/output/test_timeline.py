from __future__ import annotations

from composerd.engine.output.timeline import Event, Placed, Timeline
from composerd.music.notes import PartNote, Section

BASS = 0


def place(note: PartNote) -> Placed:
    return Placed(note.step / 4, note.end / 4, note.velocity)


def section(first: int, *notes: PartNote, until: int = 99) -> Section:
    return Section(frozenset({BASS}), first, until, notes)


def note(step: int, pitch: int, length: int = 4, tied: bool = False) -> PartNote:
    return PartNote(step, BASS, pitch, 90, length, tied)


def heard(timeline: Timeline, until: float, hold: float = 0.0) -> list[tuple[float, int, int]]:
    """Play up to beat `until`: (beat, pitch, velocity) of all events."""
    events: list[Event] = []
    while (beat := timeline.next_beat()) <= until:
        events += timeline.due(beat, lambda _: hold)
    return [(event.beat, event.pitch, event.velocity) for event in events]


def test_notes_begin_and_end_at_their_beats() -> None:
    timeline = Timeline(place)
    timeline.lay(section(0, note(0, 40), note(4, 43)), now=0.0)
    assert heard(timeline, 9) == [(0.0, 40, 90), (1.0, 40, 0), (1.0, 43, 90), (2.0, 43, 0)]


def test_a_note_that_comes_with_a_late_key_ends_as_much_later() -> None:
    timeline = Timeline(place)
    timeline.lay(section(4, note(4, 40), note(8, 43)), now=1.03125, at_once=True)
    assert heard(timeline, 9) == [(1.03125, 40, 90), (2.0, 43, 90), (2.03125, 40, 0), (3.0, 43, 0)]


def test_a_note_that_waits_for_its_key_ends_as_much_later() -> None:
    timeline = Timeline(place)
    timeline.lay(section(0, note(0, 40)), now=0.0)
    assert heard(timeline, 9, hold=0.04) == [(0.04, 40, 90), (1.04, 40, 0)]


def test_a_section_replaces_what_was_planned_from_its_first_step_on() -> None:
    timeline = Timeline(place)
    timeline.lay(section(0, note(0, 40), note(4, 43), note(8, 45)), now=0.0)
    timeline.lay(section(4, note(4, 50)), now=0.0)
    assert [pitch for _, pitch, velocity in heard(timeline, 9) if velocity] == [40, 50]


def test_a_sounding_note_that_no_tie_names_ends_at_the_section() -> None:
    timeline = Timeline(place)
    timeline.lay(section(0, note(0, 40, length=16)), now=0.0)
    heard(timeline, 0.5)
    timeline.lay(section(4, note(8, 43)), now=0.6)
    assert heard(timeline, 9)[0] == (1.0, 40, 0)


def test_a_tie_carries_a_sounding_note_on() -> None:
    timeline = Timeline(place)
    timeline.lay(section(0, note(0, 40)), now=0.0)
    heard(timeline, 0.5)
    timeline.lay(section(4, note(4, 40, length=4, tied=True)), now=0.6)
    assert heard(timeline, 9) == [(2.0, 40, 0)]


def test_a_tie_to_a_note_that_has_just_ended_begins_it_anew() -> None:
    timeline = Timeline(place)
    timeline.lay(section(0, note(0, 40)), now=0.0)
    heard(timeline, 1.0)
    timeline.lay(section(4, note(4, 40, length=4, tied=True)), now=1.02, at_once=True)
    assert heard(timeline, 9) == [(1.02, 40, 90), (2.02, 40, 0)]


def test_at_once_means_now_for_the_first_step_only() -> None:
    timeline = Timeline(place)
    timeline.lay(section(4, note(4, 40), note(8, 43)), now=0.9, at_once=True)
    assert [event for event in heard(timeline, 9) if event[2]] == [(0.9, 40, 90), (2.0, 43, 90)]


def test_a_right_guess_is_not_struck_again_when_the_key_comes_late() -> None:
    timeline = Timeline(place)
    timeline.lay(section(4, note(4, 40)), now=0.9)
    heard(timeline, 1.0)
    timeline.lay(section(4, note(4, 40, length=8)), now=1.02, at_once=True)
    assert heard(timeline, 9) == [(3.0, 40, 0)]


def test_a_wrong_guess_ends_when_the_key_comes_and_leaves_no_trace_in_the_past() -> None:
    timeline = Timeline(place)
    timeline.lay(section(4, note(4, 40)), now=0.9)
    heard(timeline, 1.0)
    timeline.lay(section(4, note(4, 43)), now=1.02, at_once=True)
    assert heard(timeline, 1.5) == [(1.02, 40, 0), (1.02, 43, 90)]
    assert [n.pitch for n in timeline.past(0, [8])] == [43]


def test_a_note_waits_for_its_key_as_long_as_it_is_told() -> None:
    timeline = Timeline(place)
    timeline.lay(section(4, note(4, 40)), now=0.9)
    assert heard(timeline, 1.5, hold=0.04) == [(1.04, 40, 90)]


def test_a_pitch_struck_again_ends_first() -> None:
    timeline = Timeline(place)
    timeline.lay(section(0, note(0, 40, length=8), note(4, 40)), now=0.0)
    assert heard(timeline, 9) == [(0.0, 40, 90), (1.0, 40, 0), (1.0, 40, 90), (2.0, 40, 0)]


def test_an_answer_that_comes_late_does_not_burst() -> None:
    timeline = Timeline(place)
    timeline.lay(section(0, *(note(step, 40 + step, 1) for step in range(12))), now=2.0)
    assert [event[1] for event in heard(timeline, 9) if event[2]] == [48, 49, 50, 51]


def test_the_past_is_cut_where_the_question_starts() -> None:
    timeline = Timeline(place)
    timeline.lay(section(0, note(0, 40, length=16), note(8, 43)), now=0.0)
    heard(timeline, 0.5)
    assert [(n.step, n.pitch, n.length) for n in timeline.past(0, [6])] == [(0, 40, 6)]


def test_release_ends_exactly_what_sounds() -> None:
    timeline = Timeline(place)
    timeline.lay(section(0, note(0, 40), note(0, 43), note(4, 45)), now=0.0)
    heard(timeline, 0.2)
    assert sorted(event.pitch for event in timeline.release()) == [40, 43]
    assert timeline.next_beat() == float("inf")
