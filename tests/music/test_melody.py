from __future__ import annotations

from composerd.music.melody import MelodyRecorder


def pitches(recorder: MelodyRecorder) -> list[int]:
    return [int(pitch) for pitch in recorder.roll(recorder.end, 999).pitch]


def close_to(recorder: MelodyRecorder, end: int) -> None:
    while recorder.end < end:
        recorder.close(recorder.end)


def test_a_key_sounds_until_it_is_released_and_at_least_one_step() -> None:
    recorder = MelodyRecorder(0)
    recorder.press(0, 60)
    close_to(recorder, 3)
    recorder.release(3, 60)
    close_to(recorder, 4)
    recorder.press(4, 62)
    recorder.release(4, 62)
    close_to(recorder, 6)
    assert pitches(recorder) == [60, 60, 60, -1, 62, -1]


def test_the_highest_of_keys_pressed_together_is_the_melody() -> None:
    recorder = MelodyRecorder(0)
    for pitch in (64, 67, 60):
        recorder.press(0, pitch)
    close_to(recorder, 1)
    assert pitches(recorder) == [67]


def test_an_overlapped_lower_key_takes_over_and_gives_back() -> None:
    recorder = MelodyRecorder(0)
    recorder.press(0, 67)
    close_to(recorder, 1)
    assert recorder.press(1, 64)
    close_to(recorder, 2)
    recorder.release(2, 64)
    close_to(recorder, 3)
    assert pitches(recorder) == [67, 64, 67]


def test_a_key_far_below_the_held_melody_is_the_other_hand() -> None:
    recorder = MelodyRecorder(0)
    recorder.press(0, 72)
    close_to(recorder, 1)
    assert not recorder.press(1, 48)
    close_to(recorder, 2)
    assert pitches(recorder) == [72, 72]


def test_a_repeated_key_is_a_new_onset() -> None:
    recorder = MelodyRecorder(0)
    recorder.press(0, 60)
    close_to(recorder, 2)
    recorder.press(2, 60)
    close_to(recorder, 3)
    assert recorder.roll(3, 3).onset.tolist() == [True, False, True]


def test_the_open_step_can_be_shown_before_it_is_over() -> None:
    recorder = MelodyRecorder(4)
    close_to(recorder, 5)
    recorder.press(5, 65)
    roll = recorder.roll(6, 16)
    assert (roll.first, roll.end) == (4, 6)
    assert roll.pitch.tolist() == [-1, 65]


def test_a_key_too_late_for_its_step_is_still_written_there() -> None:
    recorder = MelodyRecorder(0)
    close_to(recorder, 2)
    recorder.press(1, 60)
    close_to(recorder, 3)
    assert pitches(recorder) == [-1, 60, 60]
