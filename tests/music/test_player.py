"""The player's notes: the melody, and chords and basses below it."""

from __future__ import annotations

import pytest

from composerd.music.metre import BarGrid
from composerd.music.player import BELOW, NEAR_STEPS, PlayerRecorder
from composerd.music.roll import REST

SPLIT = 60


def played(*steps: tuple[int, ...], voice: str = "top") -> PlayerRecorder:
    """The pitches struck on each step, each held for a step."""
    recorder = PlayerRecorder(0, voice, SPLIT)  # type: ignore[arg-type]
    for step, pitches in enumerate(steps):
        for pitch in pitches:
            recorder.press(step, pitch)
        recorder.close(step)
        for pitch in pitches:
            recorder.release(step + 1, pitch)
    return recorder


def test_the_top_note_is_the_melody_and_the_others_lie_below() -> None:
    recorder = played((72, 48, 52, 55), (), (), ())
    melody, below = recorder.roll(1, 1), recorder.below(1, 1)
    assert melody.pitch.tolist() == [72]
    assert below is not None


def test_a_melody_alone_has_nothing_below_it() -> None:
    recorder = played((72,), (), (74,), ())
    assert recorder.below(4, 4) is None
    assert recorder.chords(BarGrid()) is None


def test_chords_that_are_played_below_make_a_plan() -> None:
    recorder = played(*[(76, 48, 52, 55)] * 16)
    plan = recorder.chords(BarGrid())
    assert plan is not None
    assert {str(planned.chord) for planned in plan.chords} == {"C"}


def test_the_bottom_voice_has_no_lower_ones() -> None:
    recorder = played(*[(76, 48, 52, 55)] * 8, voice="bottom")
    assert recorder.roll(1, 1).pitch.tolist() == [48]
    assert recorder.below(8, 8) is None
    assert recorder.chords(BarGrid()) is None


@pytest.mark.parametrize(
    ("melody", "pitch", "begins"),
    [(None, 48, True), (None, 60, False), (64, 64 - BELOW, True), (64, 59, True), (62, 58, False), (72, 48, True)],
)
def test_a_key_may_begin_a_chord_if_it_is_low_and_away_from_the_melody(
    melody: int | None, pitch: int, begins: bool
) -> None:
    recorder = played((melody,) if melody else ())
    assert recorder.may_begin_chord(1, pitch, SPLIT) is begins


def test_a_melody_of_long_ago_says_nothing_about_the_hand() -> None:
    recorder = played((60,), *[()] * NEAR_STEPS)
    assert recorder.melody_near(NEAR_STEPS) == 60
    assert recorder.melody_near(NEAR_STEPS + 1) is None
    assert not recorder.may_begin_chord(NEAR_STEPS, 58, SPLIT)
    assert recorder.may_begin_chord(NEAR_STEPS + 1, 58, SPLIT)


def test_a_lower_key_on_the_step_of_the_melody_changes_what_is_heard() -> None:
    recorder = PlayerRecorder(0, "top", SPLIT)
    assert recorder.press(0, 72)
    assert recorder.press(0, 48)
    assert recorder.melody_near(0) == 72


def test_the_recorder_opens_the_next_step_when_one_is_closed() -> None:
    recorder = PlayerRecorder(3)
    assert recorder.end == 3
    recorder.close(3)
    assert recorder.end == 4
    assert recorder.roll(4, 1).pitch.tolist() == [REST]
