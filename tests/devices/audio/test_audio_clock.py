from __future__ import annotations

import random

import numpy as np
import pytest

from composerd.devices.audio.clock import FrameClock

RATE = 48000.0
BLOCK = 256


def _followed(seconds: float, drift: float, jitter: float, late_every: int = 0) -> tuple[FrameClock, list[float]]:
    """A clock fed with callbacks of a device that runs `drift` fast, and its errors in frames over the last half."""
    rng = random.Random(3)
    clock, errors, blocks = FrameClock(RATE), [], round(seconds * RATE / BLOCK)
    for block in range(blocks):
        true = 100.0 + block * BLOCK / (RATE * (1 + drift))
        late = 0.004 if late_every and block % late_every == 7 else 0.0
        clock.update(block * BLOCK, true + rng.uniform(-jitter, jitter) + late)
        if block > blocks / 2:
            errors.append((clock.second_at(block * BLOCK) - true) * RATE)
    return clock, errors


def test_the_nominal_rate_holds_after_one_stamp() -> None:
    clock = FrameClock(RATE)
    clock.update(0, 10.0)
    assert clock.frame_at(10.5) == RATE / 2


def test_jitter_of_callbacks_hardly_moves_the_line() -> None:
    _, errors = _followed(60.0, 0.0, 30e-6)
    assert max(map(abs, errors)) < 0.5


def test_a_device_that_runs_fast_is_followed() -> None:
    _, errors = _followed(60.0, 200e-6, 30e-6)
    assert max(map(abs, errors)) < 0.5


def test_a_callback_now_and_then_late_does_not_pull_the_line() -> None:
    _, errors = _followed(60.0, 0.0, 30e-6, late_every=50)
    assert max(map(abs, errors)) < 0.7


def test_a_pause_of_the_device_starts_the_line_anew() -> None:
    clock, _ = _followed(5.0, 0.0, 10e-6)
    frame = 10**6
    clock.update(frame, 500.0)
    assert clock.jumps == 1
    assert abs(clock.second_at(frame) - 500.0) < 1e-9


def test_blocks_lost_for_good_are_noticed_though_no_single_stamp_is_a_jump() -> None:
    clock, _ = _followed(5.0, 0.0, 10e-6)
    frame, second = 240128, 105.0 + 128 / RATE + 0.005  # 5 ms were lost
    for block in range(40):
        clock.update(frame + block * BLOCK, second + block * BLOCK / RATE)
    assert abs(clock.second_at(frame) - second) < 1e-4


def test_frames_and_seconds_are_inverse() -> None:
    clock, _ = _followed(3.0, 50e-6, 20e-6)
    assert abs(clock.frame_at(clock.second_at(12345.0)) - 12345.0) < 1e-3


@pytest.mark.parametrize("seed", range(4))
def test_callbacks_that_are_late_for_a_second_now_and_then_move_no_note_by_a_frame(seed: int) -> None:
    chance, clock, period, rate = np.random.default_rng(seed), FrameClock(48000.0), 1024, 48000 * (1 + 2e-5)
    moments, frames = list[float](), list[float]()
    for block in range(3600):
        second = block * period / rate
        late = abs(chance.normal(0, 40e-6)) + (2e-3 * chance.random() if int(second) % 13 == 7 else 0.0)
        clock.update(block * period, second + late)
        if second > 10:
            moments.append(second + 0.03)
            frames.append(clock.frame_at(second + 0.03))
    off = np.array(frames) - np.polyval(np.polyfit(moments, frames, 1), moments)
    assert np.abs(off).max() < 1.0
