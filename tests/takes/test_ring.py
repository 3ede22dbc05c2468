"""The last two minutes: all of them, nothing older, and with the genre that was played then."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.messages import Played
from composerd.library.genre_files import load_genre
from composerd.music.genre import Genre
from composerd.music.midi import note_on
from composerd.takes.journal import GenreFrom, Record
from composerd.takes.ring import LONGEST, RING_SECONDS, Ring

POP = load_genre("pop")


def named(name: str) -> Genre:
    return replace(POP, name=name)


def struck(second: float, pitch: int = 60) -> Played:
    return Played(second, None, note_on(1, pitch, 80))


def with_genres(records: list[Record]) -> list[tuple[Played, str]]:
    """Each message with the name of the genre that is in force."""
    found, genre = [], ""
    for record in records:
        if isinstance(record, GenreFrom):
            genre = record.genre.name
        else:
            found.append((record, genre))
    return found


def test_nothing_was_played_before_anything_was_played() -> None:
    assert Ring().records() == []


def test_what_is_exactly_two_minutes_old_is_kept_and_what_is_older_is_not() -> None:
    ring = Ring()
    for second in (0.0, 0.5, RING_SECONDS):
        ring.note(struck(second))
    assert [record.at for record, _ in with_genres(ring.records())] == [0.0, 0.5, RING_SECONDS]
    ring.note(struck(RING_SECONDS + 0.25))
    assert [record.at for record, _ in with_genres(ring.records())] == [0.5, RING_SECONDS, RING_SECONDS + 0.25]


def test_a_note_that_is_due_earlier_than_the_one_before_makes_nothing_young_again() -> None:
    ring = Ring()
    ring.note(struck(RING_SECONDS + 10))
    ring.note(struck(5))
    assert [record.at for record, _ in with_genres(ring.records())] == [RING_SECONDS + 10, 5]
    ring.note(struck(RING_SECONDS + 11))
    assert 5 in [record.at for record, _ in with_genres(ring.records())], "what stands behind a newer one waits for it"


def test_a_controller_that_never_rests_costs_neither_memory_nor_the_genre() -> None:
    ring = Ring()
    ring.change_genre(named("jazz"))
    for number in range(LONGEST + 10):
        ring.note(struck(number / 1000, number % 128))
    records = ring.records()
    assert len(records) == LONGEST + 1
    assert {name for _, name in with_genres(records)} == {"jazz"}


EVENTS = st.lists(st.tuples(st.floats(0, 40), st.sampled_from(["", "", "", "rock", "jazz"])), max_size=40)


@given(EVENTS)
def test_what_is_kept_is_what_was_played_within_two_minutes_each_in_its_genre(events: list[tuple[float, str]]) -> None:
    ring = Ring()
    now, genre = 0.0, ""
    played: list[tuple[Played, str]] = []
    for pause, name in events:
        if name:
            genre = name
            ring.change_genre(named(name))
        else:
            now += pause
            played.append((struck(now), genre))
            ring.note(played[-1][0])
    assert with_genres(ring.records()) == [one for one in played if one[0].at >= now - RING_SECONDS]
