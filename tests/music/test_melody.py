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


def played(recorder: MelodyRecorder, *keys: tuple[int, int, int]) -> list[int]:
    """The melody of keys (step, end, pitch), heard in the order of their presses and releases."""
    events = [(step, 1, pitch) for step, _, pitch in keys] + [(end, 0, pitch) for _, end, pitch in keys]
    for at, pressed, pitch in sorted(events):
        close_to(recorder, at)
        (recorder.press if pressed else recorder.release)(at, pitch)
    close_to(recorder, max(end for _, end, _ in keys))
    return pitches(recorder)


def test_a_bound_lower_key_is_the_melody_as_soon_as_it_is_pressed() -> None:
    recorder = MelodyRecorder(0)
    recorder.press(0, 67)
    close_to(recorder, 2)
    assert recorder.press(2, 64)
    recorder.release(2, 67)
    close_to(recorder, 4)
    assert pitches(recorder) == [67, 67, 64, 64]


def test_an_inner_voice_under_a_held_key_is_not_the_melody_even_where_it_first_seemed_so() -> None:
    recorder = MelodyRecorder(0)
    assert played(recorder, (0, 8, 72), (2, 4, 67), (4, 6, 65)) == [72] * 8
    assert recorder.roll(8, 8).onset.tolist() == [True] + [False] * 7


def test_who_plays_in_two_voices_is_known_from_the_second_inner_key_on_and_who_binds_again_too() -> None:
    recorder = MelodyRecorder(0)
    recorder.press(0, 72)
    close_to(recorder, 1)
    assert recorder.press(1, 67)
    close_to(recorder, 2)
    recorder.release(2, 67)
    close_to(recorder, 3)
    assert not recorder.press(3, 65)
    recorder.release(3, 72)  # bound after all
    close_to(recorder, 4)
    recorder.release(4, 65)
    recorder.press(4, 72)
    close_to(recorder, 6)
    assert recorder.press(6, 71)


def test_the_bottom_voice_is_the_lowest_key() -> None:
    assert played(MelodyRecorder(0, "bottom"), (0, 4, 48), (0, 4, 64), (2, 3, 60), (3, 4, 45)) == [48, 48, 48, 45]


def test_the_last_key_is_the_melody_wherever_it_lies_and_gives_back() -> None:
    assert played(MelodyRecorder(0, "last"), (0, 4, 72), (1, 3, 40), (2, 3, 60)) == [72, 40, 60, 72]


def test_below_a_split_point_nothing_is_melody_but_the_player_is_heard() -> None:
    recorder = MelodyRecorder(0, "split", 60)
    assert not recorder.press(0, 59)
    close_to(recorder, 2)
    assert recorder.press(2, 60)
    assert (recorder.held, recorder.last_heard) == (True, 1)
    close_to(recorder, 3)
    assert pitches(recorder) == [-1, -1, 60]


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


def test_before_any_key_nothing_was_heard_or_struck() -> None:
    recorder = MelodyRecorder(8)
    assert (recorder.end, recorder.last_heard, recorder.held) == (8, 7, False)
    assert not any(recorder.struck(step) for step in range(6, 12))
    close_to(recorder, 12)
    assert recorder.last_heard == 7, "silence is not heard"


def test_a_recorder_that_begins_later_has_its_own_first_step() -> None:
    recorder = MelodyRecorder(8)
    recorder.press(9, 60)
    close_to(recorder, 10)
    recorder.release(10, 60)
    close_to(recorder, 12)
    recorder.press(12, 64)
    roll = recorder.roll(13, 4)
    assert (roll.first, roll.pitch.tolist(), roll.onset.tolist()) == (9, [60, -1, -1, 64], [True, False, False, True])
    assert recorder.roll(12, 99).first == 8
    assert [step for step in range(6, 14) if recorder.struck(step)] == [9], "step 12 is still open"


def test_a_key_that_comes_late_for_its_step_is_written_there_and_is_not_the_latest_for_that() -> None:
    recorder = MelodyRecorder(0)
    recorder.press(0, 60)
    close_to(recorder, 4)
    recorder.release(4, 60)
    assert recorder.last_heard == 3
    recorder.press(2, 72)
    assert (pitches(recorder)[2], recorder.last_heard) == (72, 3)
    late = MelodyRecorder(0)
    close_to(late, 3)
    late.press(2, 60)
    assert (pitches(late), late.last_heard) == ([-1, -1, 60], 2)
