"""A learned song is recognised in any key, at any pace, with another rhythm and ornaments; another tune is not."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from composerd.music.charts.chart import Chart, ChartNote, ChartSection, bar_of
from composerd.music.charts.symbols import ChordSymbol
from composerd.music.metre import Metre
from composerd.music.roll import REST, MelodyRoll
from composerd.music.songbook import Songbook

BAR = 16
BARS = 12


def tune(seed: int) -> list[tuple[int, int]]:
    """(step, pitch) of a melody of chance in C major: quarters and eighths."""
    dice = np.random.default_rng(seed)
    scale = [60, 62, 64, 65, 67, 69, 71, 72, 74]
    step, degree, notes = 0, 4, []
    while step < BARS * BAR:
        degree = int(np.clip(degree + dice.integers(-3, 4), 0, 8))
        notes.append((step, scale[degree]))
        step += int(dice.choice([2, 2, 4]))
    return notes


def chart(seed: int) -> Chart:
    notes = tune(seed)
    ends = [step for step, _ in notes[1:]] + [BARS * BAR]
    melody = tuple(ChartNote(step, end - step, pitch) for (step, pitch), end in zip(notes, ends, strict=True))
    bars = tuple(bar_of([ChordSymbol(0)] * 4, Metre()) for _ in range(BARS))
    return Chart((ChartSection("A", bars),), title=f"tune {seed}", melody=melody)


def played(notes: list[tuple[int, int]], end: int, pace: float = 1.0, semitones: int = 0, first: int = 0) -> MelodyRoll:
    """`notes` as a player plays them from step `first` on, up to step `end`."""
    pitch, onset = np.full(end - first, REST, np.int16), np.zeros(end - first, np.bool_)
    for step, sung in notes:
        at = round(step / pace)
        if at < end - first:
            pitch[at:] = sung + semitones
            onset[at] = True
    return MelodyRoll(first, pitch, onset)


BOOK = Songbook(chart(seed) for seed in range(200))


def recognised(pace: float, bars: int) -> list[int]:
    """Songs of the book that are recognised for what they are; another one is never taken for them."""
    found = []
    for seed in range(len(BOOK)):
        first, semitones = seed % 41, seed % 23 - 11
        one = BOOK.find(played(tune(seed), first + bars * BAR, pace, semitones, first))
        if one is not None:
            assert (BOOK.charts[one.song].title, one.semitones, one.pace) == (f"tune {seed}", semitones, pace)
            assert abs(one.in_song(first + 32) - int(pace * 32)) <= 1
            found.append(seed)
    return found


def test_of_200_learned_songs_nine_in_ten_are_recognised_within_four_bars_in_any_key_and_none_for_another() -> None:
    assert len(recognised(1.0, 4)) >= 180


@pytest.mark.parametrize("pace", [0.5, 2.0])
def test_a_song_is_recognised_at_half_and_at_twice_its_pace(pace: float) -> None:
    assert len(recognised(pace, 8)) >= 150


@given(st.integers(0, 199), st.randoms(use_true_random=False))
def test_notes_early_or_late_an_ornament_and_a_wrong_note_do_not_matter(seed: int, dice: Random) -> None:
    notes = tune(seed)[:40]
    moved = [
        (max(0, step + (dice.choice([-1, 1]) if index % 7 == 3 else 0)), pitch)
        for index, (step, pitch) in enumerate(notes)
    ]
    moved[9] = (moved[9][0], moved[9][1] + 1)
    found = BOOK.find(played(sorted(dict(moved).items()), 6 * BAR))
    assume(found is not None)
    assert found is not None
    assert BOOK.charts[found.song].title == f"tune {seed}"


@given(st.integers(1000, 3000))
def test_a_tune_that_was_not_learned_is_not_taken_for_one(seed: int) -> None:
    assert BOOK.find(played(tune(seed), 4 * BAR)) is None


@given(st.integers(0, 199), st.integers(-11, 11))
def test_the_melody_to_come_is_the_songs_in_the_players_key(seed: int, semitones: int) -> None:
    found = BOOK.find(played(tune(seed), 4 * BAR, semitones=semitones))
    assume(found is not None)
    assert found is not None
    ahead = BOOK.melody(found, 4 * BAR, 8 * BAR)
    assert np.array_equal(ahead.pitch, played(tune(seed), 8 * BAR, semitones=semitones).window(4 * BAR, 8 * BAR).pitch)


def test_a_song_stays_recognised_while_it_is_played_and_no_longer() -> None:
    found = BOOK.find(played(tune(7), 4 * BAR))
    assert found is not None
    assert BOOK.stays(played(tune(7), 7 * BAR), found, BAR)
    left = [*[note for note in tune(7) if note[0] < 5 * BAR], *[(5 * BAR + 2 * i, 61 + i % 3) for i in range(8)]]
    assert not BOOK.stays(played(left, 6 * BAR), found, BAR)
    assert not BOOK.stays(played([*tune(7)[:12], (60, 85)], 61), found, BAR), "the note just struck is another"


def test_after_its_last_bar_the_song_begins_again() -> None:
    found = BOOK.find(played(tune(7), 4 * BAR))
    assert found is not None
    again = BOOK.turned(found, BARS * BAR)
    assert again.in_song(BARS * BAR) == found.in_song(0)


def test_a_book_without_songs_finds_none_and_songs_without_a_melody_are_not_in_it() -> None:
    assert Songbook().find(played(tune(1), 4 * BAR)) is None
    assert len(Songbook([replace(chart(1), melody=())])) == 0


@pytest.mark.parametrize("pitches", [[60] * 40, [60, 62] * 20])
def test_too_few_different_notes_say_nothing(pitches: list[int]) -> None:
    assert BOOK.find(played([(2 * i, pitch) for i, pitch in enumerate(pitches)], 4 * BAR)) is None


def test_two_hundred_songs_take_less_than_ten_megabytes() -> None:
    assert BOOK.nbytes < 3_000_000
