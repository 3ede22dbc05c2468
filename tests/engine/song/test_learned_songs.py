"""A recognised song apart from a performance: chords, sections and bars at the player's steps, in every alignment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import MINE
from composerd.engine.song.learned import LearnedSongs
from composerd.files.charts.text import read_text
from composerd.music.metre import BarGrid, Metre
from composerd.music.roll import REST, MelodyRoll
from composerd.music.songbook import Songbook

BAR = 16
CHART = read_text(MINE)
NAMES = ["C", "G7", "F", "G7", "Am", "Dm", "C", "G7"]
BOOK = Songbook([CHART])


def melody(beats: int, first: int = 0, semitones: int = 0, bar: int = 0) -> MelodyRoll:
    """The song from its bar `bar` on, a note a beat, played from step `first` on."""
    notes = [note.pitch + semitones for note in CHART.melody]
    pitch = np.full(first + 4 * beats, REST, np.int16)
    for beat in range(beats):
        pitch[first + 4 * beat : first + 4 * beat + 4] = notes[(4 * bar + beat) % len(notes)]
    onset = np.zeros(len(pitch), np.bool_)
    onset[first::4] = True
    return MelodyRoll(0, pitch, onset)


def learned(beats: int = 16, first: int = 0, semitones: int = 0, bar: int = 0) -> LearnedSongs:
    found = LearnedSongs(BOOK)
    for beat in range(1, beats + 1):
        found.follow(melody(beat, first, semitones, bar), BAR, keyed=False)
    return found


def chords(found: LearnedSongs, step: int) -> list[str]:
    plan = found.plan(step, BAR)
    assert plan is not None
    return [str(planned.chord) for planned in plan.chords if planned.end > step]


def test_before_it_is_recognised_there_is_nothing_of_it() -> None:
    found = LearnedSongs(BOOK)
    assert (found.found, found.melody(0, BAR), found.plan(0, BAR), found.position(0)) == (None, None, None, None)
    assert found.sections(0, BAR) == ()
    assert found.grid(BarGrid(), 0) == BarGrid()


def test_the_chords_from_this_bar_on_are_the_songs() -> None:
    found = learned()
    assert chords(found, 4 * BAR)[:4] == NAMES[4:]
    assert chords(found, 4 * BAR)[4:6] == NAMES[:2], "after its end it begins again"


@pytest.mark.parametrize("semitones", [-7, -1, 3, 11])
def test_in_another_key_chords_melody_and_key_move_along(semitones: int) -> None:
    found = learned(semitones=semitones)
    plan, straight = found.plan(4 * BAR, BAR), learned().plan(4 * BAR, BAR)
    assert plan is not None
    assert straight is not None
    assert [one.chord for one in plan.chords] == [one.chord.transposed(semitones) for one in straight.chords]
    assert plan.key == semitones % 12
    ahead = found.melody(4 * BAR, BAR)
    assert ahead is not None
    assert ahead.pitch[0] == 64 + semitones


def test_played_from_its_fifth_bar_it_is_at_its_fifth_bar() -> None:
    found = learned(bar=4)
    assert chords(found, 0)[:4] == NAMES[4:]
    position = found.position(BAR)
    assert position is not None
    assert str(position) == "B, chorus 1, bar 2 of 4"


def test_sections_begin_where_the_song_has_them() -> None:
    found = learned()
    assert {4 * BAR, 8 * BAR} <= set(found.sections(4 * BAR, BAR))
    assert all(step % (4 * BAR) == 0 for step in found.sections(4 * BAR, BAR))


def test_choruses_are_counted() -> None:
    found = learned(beats=4 * 12)
    position = found.position(11 * BAR)
    assert position is not None
    assert (position.title, str(position)) == ("Mine", "A, chorus 2, bar 4 of 4")


@pytest.mark.parametrize("late", [4, 8, 12])
def test_bar_lines_are_set_to_the_songs_by_one_shorter_bar(late: int) -> None:
    found = learned(first=late)
    grid = found.grid(BarGrid(), 4 * BAR)
    lines = [step for step in range(5 * BAR, 9 * BAR) if grid.place(step).step == 0]
    assert any((step - late) % BAR == 0 for step in lines)
    assert grid.place(9 * BAR).metre == Metre(4, 4)
    assert (grid.bar_line(9 * BAR) - late) % BAR == 0


def test_a_grid_that_fits_stays() -> None:
    assert learned().grid(BarGrid(), 4 * BAR) == BarGrid()


def test_another_melody_lets_go_of_it_and_is_not_found_again_at_a_key() -> None:
    found = learned()
    other = melody(20)
    pitch = other.pitch.copy()
    pitch[64:] = 61
    onset = other.onset.copy()
    strange = MelodyRoll(0, pitch, onset)
    found.follow(strange, BAR, keyed=True)
    assert found.found is None


def test_it_is_neither_searched_nor_held_while_a_chart_is_played() -> None:
    found = learned()
    found.follow(melody(17), BAR, keyed=False, searched=False)
    assert found.found is None


def test_at_a_key_a_song_is_not_searched() -> None:
    found = LearnedSongs(BOOK)
    found.follow(melody(16), BAR, keyed=True)
    assert found.found is None
    found.follow(melody(16), BAR, keyed=False)
    assert found.found is not None


@given(st.integers(0, 30).map(lambda n: 4 * n), st.integers(-11, 11), st.integers(0, 7), st.integers(16, 40))
def test_in_every_alignment_the_plan_covers_the_bars_ahead_without_a_gap(
    first: int, semitones: int, bar: int, beats: int
) -> None:
    found = learned(beats, first, semitones, bar)
    if found.found is None:
        return
    step = first + 4 * beats
    plan = found.plan(step, BAR)
    assert plan is not None
    assert plan.at(step) is not None
    for one, two in zip(plan.chords[:-1], plan.chords[1:], strict=True):
        assert one.end == two.step, "the song has a chord on every step"
