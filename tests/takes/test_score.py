"""A journal as music: bars, tempo and notes on a file's axis, whatever the clock and the player did."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.messages import Played
from composerd.music.genre import Genre, Part
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.takes.journal import GenreFrom, Journal, Record
from composerd.takes.score import TICKS_PER_BEAT, Score, score
from fakes import instants

ROCK = Genre("rock", "Rock", "plain", 120.0, (Part("bass", "bass", 3, program=33),))
WALTZ = Genre("waltz", "Waltz", "plain", 90.0, ROCK.parts, Metre(3, 4))


def journal(*records: Record, genre: Genre = ROCK) -> Journal:
    return Journal(datetime(2026, 1, 1), (GenreFrom(0.0, genre), *records))


def note(second: float, beat: float | None, pitch: int = 60, part: int | None = None) -> tuple[Played, Played]:
    channel = 1 if part is None else 3
    ends = None if beat is None else beat + 0.4
    return (
        Played(second, part, note_on(channel, pitch, 80), beat),
        Played(second + 0.2, part, note_off(channel, pitch), ends),
    )


def scored(*notes: tuple[Played, Played], genre: Genre = ROCK) -> Score:
    found = score(journal(*(message for pair in notes for message in pair), genre=genre))
    assert found is not None
    return found


def starts(found: Score) -> list[float]:
    """Beats on which notes begin, in order."""
    ticks = [tick for track in found.tracks for tick, message in track.events if message.starts_note]
    return [round(tick / TICKS_PER_BEAT, 2) for tick in sorted(ticks)]


def test_without_a_note_there_is_no_take() -> None:
    assert score(journal()) is None
    assert score(journal(Played(0.0, None, note_off(1, 60)))) is None


def test_notes_stand_on_the_beats_that_they_were_played_on() -> None:
    assert starts(scored(*(note(beat / 2, float(beat)) for beat in range(8)))) == [float(beat) for beat in range(8)]


def test_a_tempo_that_holds_is_one_tempo() -> None:
    found = scored(*(note(10 + beat / 2, float(beat)) for beat in range(16)))
    assert [round(60e6 / tempo.microseconds) for tempo in found.axis.tempos] == [120]


def test_a_tempo_that_changes_is_two() -> None:
    slow = [note(4 + (beat - 8) * 0.75, float(beat)) for beat in range(8, 16)]
    found = scored(*(note(beat / 2, float(beat)) for beat in range(8)), *slow)
    assert [round(60e6 / tempo.microseconds) for tempo in found.axis.tempos] == [120, 80]
    assert starts(found) == [float(beat) for beat in range(16)]


def test_the_metre_is_the_genres() -> None:
    found = scored(*(note(beat * 2 / 3, float(beat)) for beat in range(6)), genre=WALTZ)
    assert [change.metre for change in found.axis.metres] == [Metre(3, 4)]


def test_notes_before_bar_1_get_whole_bars_of_their_own() -> None:
    found = scored(note(9.0, None), note(10.0, 0.0), note(11.0, 2.0))
    assert starts(found)[0] >= 0
    assert starts(found)[1] % 4 == 0, "bar 1 is on a bar line"


def test_without_a_clock_the_genres_tempo_counts() -> None:
    found = scored(note(5.0, None), note(6.0, None))
    assert [round(60e6 / tempo.microseconds) for tempo in found.axis.tempos] == [120]
    assert [later - starts(found)[0] for later in starts(found)] == [0.0, 2.0]


def test_player_and_parts_have_tracks_of_their_own() -> None:
    found = scored(note(0.0, 0.0), note(0.0, 0.0, 40, part=0))
    assert len([track for track in found.tracks if any(message.starts_note for _, message in track.events)]) == 2


def test_a_note_that_never_ended_ends_with_the_take() -> None:
    found = score(journal(Played(0.0, None, note_on(1, 60, 80), 0.0), *note(2.0, 4.0, 64)))
    assert found is not None
    events = [message for track in found.tracks for _, message in track.events]
    assert sum(message.starts_note for message in events) == sum(message.ends_note for message in events) == 2


@pytest.mark.parametrize("part", [7, -3])
def test_a_part_that_the_genre_does_not_have_is_kept(part: int) -> None:
    found = scored(note(0.0, 0.0, 40, part=part))
    assert starts(found) == [0.0]


@given(st.lists(st.tuples(st.floats(0, 60), st.none() | st.floats(-8, 200)), min_size=1, max_size=12))
def test_whatever_the_clock_did_every_note_is_there_and_ends(moments: list[tuple[float, float | None]]) -> None:
    found = scored(*(note(second, beat, 40 + i) for i, (second, beat) in enumerate(moments)))
    events = [(tick, message) for track in found.tracks for tick, message in track.events]
    assert sum(message.starts_note for _, message in events) == len(moments)
    assert sum(message.ends_note for _, message in events) >= len(moments)
    assert all(tick >= 0 for tick, _ in events)


@given(st.lists(st.tuples(st.floats(0, 8), st.floats(0, 0.01), st.integers(60, 61), st.sampled_from([None, 0]))))
def test_every_note_of_a_take_has_a_length_however_short_its_key_was_held(
    keys: list[tuple[float, float, int, int | None]],
) -> None:
    records = [
        Played(second, part, message, None)
        for start, held, pitch, part in keys
        for second, message in ((start, note_on(3, pitch, 80)), (start + held, note_off(3, pitch)))
    ]
    found = score(journal(*sorted(records, key=lambda record: record.at)))
    tracks = found.tracks if found else ()
    assert [instants(track.events) for track in tracks] == [[]] * len(tracks)
