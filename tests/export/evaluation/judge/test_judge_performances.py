"""How the judge has melodies played: keys near their moments, a seed for each window, and what the band plays then."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn")

from composerd.engine.messages import Mode
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import load_genre
from composerd.music.genre import PLAYER_CHANNEL
from composerd_export.evaluation.judge.performances import played, song_of
from composerd_export.evaluation.judge.windows import KEY, OFF, ON, SILENCE
from judged import in_turn, notes, window

ROCK = load_genre("rock")
TICKS_PER_STEP = 120


def exact(*rows: tuple[float, float, int, int]) -> list[tuple[int, bool, int, int]]:
    """(tick, whether it is pressed, key, velocity) of the messages of a melody played without an error."""
    song = song_of(window(2, melody=notes(*rows)), np.random.default_rng(0), noise=0.0)
    assert all(message.message.channel == PLAYER_CHANNEL for message in song.messages)
    return [
        (message.tick, message.message.starts_note, message.message.data1, message.message.data2)
        for message in song.messages
    ]


def test_a_key_is_let_go_just_before_the_end_of_its_note() -> None:
    (on, off) = exact((4, 8, 72, 90))
    assert on == (4 * TICKS_PER_STEP, True, 72, 90)
    assert off[:3] == (8 * TICKS_PER_STEP - 4, False, 72)


def test_a_key_is_held_for_a_moment_however_short_its_note() -> None:
    (on, off) = exact((4, 4.1, 72, 90))
    assert off[0] - on[0] == 30


def test_a_note_without_velocity_is_pressed_all_the_same() -> None:
    assert exact((0, 4, 72, 0))[0] == (0, True, 72, 1)


def test_a_key_is_let_go_before_the_next_one_is_pressed() -> None:
    assert [pressed for _, pressed, _, _ in exact((0, 4, 72, 80), (4, 8, 72, 80))] == [True, False, True, False]


def test_seconds_follow_from_the_windows_tempo() -> None:
    song = song_of(window(2, melody=notes((0, 4, 72, 80), (16, 20, 72, 80))), np.random.default_rng(0), noise=0.0)
    pressed = [message.second for message in song.messages if message.message.starts_note]
    assert pressed == pytest.approx([0.0, 4 * 60 / 100])


def test_a_melody_of_nothing_is_a_song_without_a_key() -> None:
    assert song_of(window(2, melody=SILENCE), np.random.default_rng(0)).messages == ()


def test_errors_of_timing_are_drawn_and_of_the_asked_size() -> None:
    melody = in_turn([60 + at % 12 for at in range(200)], 4.0, 0.0)
    late = [
        np.array([message.tick for message in song_of(window(50, melody=melody), np.random.default_rng(seed)).messages
                  if message.message.starts_note]) - 480 * np.arange(200)
        for seed in (0, 0, 1)
    ]  # fmt: skip
    assert (late[0] == late[1]).all()
    assert (late[0] != late[2]).any()
    assert late[0][1:].std() == pytest.approx(0.012 * 100 / 60 * 480, rel=0.2)


def test_each_window_is_played_with_a_seed_of_its_own_wherever_it_stands() -> None:
    one = window(4)
    second = played(PlainGenerator(ROCK), ROCK, [one, one], Mode.JAM, 3)[1]
    (alone,) = played(PlainGenerator(ROCK), ROCK, [one], Mode.JAM, 4)
    assert (second.drums == alone.drums).all()
    assert all((second.parts[name] == alone.parts[name]).all() for name in alone.parts)


def test_what_the_band_plays_lies_in_the_window_under_the_names_of_tracks() -> None:
    one = window(4)
    (found,) = played(PlainGenerator(ROCK), ROCK, [one], Mode.PHRASE)
    assert (found.name, found.work, found.bpm, found.bars) == (one.name, one.work, one.bpm, one.bars)
    assert found.melody is one.melody
    tracks = {part.track or part.name for part in ROCK.parts if part.role != "drums"}
    assert set(found.parts) <= tracks
    for rows in (*found.parts.values(), found.drums):
        assert ((rows[:, ON] >= 0) & (rows[:, ON] < one.steps)).all()
        assert (rows[:, OFF] > rows[:, ON]).all()
        assert (np.diff(rows[:, ON]) >= 0).all()
    ranges = {part.track or part.name: (part.low, part.high) for part in ROCK.parts}
    for name, rows in found.parts.items():
        low, high = ranges[name]
        assert ((rows[:, KEY] >= low) & (rows[:, KEY] <= high)).all()
