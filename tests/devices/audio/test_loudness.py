"""Loudness by ITU-R BS.1770: of sounds whose loudness is known, and how it changes with them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.devices.audio.loudness import SILENT, loudness, momentary

Sound = npt.NDArray[np.float32]


def sine(hertz: float, seconds: float = 3.0, rate: float = 48000.0, channels: int = 1) -> Sound:
    wave = np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return np.tile(wave.astype(np.float32), (channels, 1))


@pytest.mark.parametrize("rate", [32000.0, 44100.0, 48000.0, 96000.0])
def test_a_full_sine_on_one_channel_is_three_below_zero_at_any_rate(rate: float) -> None:
    """The standard's own calibration: 997 Hz at 0 dBFS, -3.01 LKFS."""
    assert loudness(sine(997.0, rate=rate), rate) == pytest.approx(-3.01, abs=0.05)
    assert momentary(sine(997.0, rate=rate), rate) == pytest.approx(-3.01, abs=0.05)


def test_two_channels_are_three_decibels_louder_than_one() -> None:
    both, one = loudness(sine(997.0, channels=2), 48000.0), loudness(sine(997.0), 48000.0)
    assert both - one == pytest.approx(3.01, abs=0.01)


@given(st.floats(-40, 0), st.sampled_from([200.0, 997.0, 5000.0]))
def test_a_decibel_of_gain_is_a_decibel_of_loudness(gain: float, hertz: float) -> None:
    sound = sine(hertz, 1.0)
    quieter = sound * np.float32(10 ** (gain / 20))
    assert loudness(quieter, 48000.0) - loudness(sound, 48000.0) == pytest.approx(gain, abs=0.01)
    assert momentary(quieter, 48000.0) - momentary(sound, 48000.0) == pytest.approx(gain, abs=0.01)


def test_deep_tones_count_less_and_high_ones_more_than_those_between() -> None:
    deep, middle, high = (loudness(sine(hertz), 48000.0) for hertz in (30.0, 997.0, 8000.0))
    assert deep < middle - 6
    assert high == pytest.approx(middle + 3.3, abs=0.5)


def test_silence_has_no_loudness_and_neither_has_what_lies_below_the_gate() -> None:
    assert loudness(np.zeros((2, 48000), np.float32), 48000.0) == SILENT
    assert momentary(np.zeros((2, 48000), np.float32), 48000.0) == SILENT
    assert loudness(sine(997.0) * np.float32(10 ** (-75 / 20)), 48000.0) == SILENT


def test_a_pause_makes_music_no_quieter_but_a_long_quiet_passage_does() -> None:
    music = sine(997.0, 10.0)
    paused = np.concatenate([music, np.zeros((1, 480_000), np.float32)], axis=1)
    softer = np.concatenate([music, music * np.float32(0.5)], axis=1)
    assert loudness(paused, 48000.0) == pytest.approx(loudness(music, 48000.0), abs=0.2)
    assert loudness(softer, 48000.0) < loudness(music, 48000.0) - 1.5


def test_a_sound_shorter_than_a_block_is_measured_with_the_silence_behind_it() -> None:
    short = momentary(sine(997.0, 0.1), 48000.0)
    assert short == pytest.approx(-3.01 - 10 * np.log10(4), abs=0.3)


def test_the_loudest_moment_counts_wherever_it_is() -> None:
    sound = np.zeros((1, 240_000), np.float32)
    for at in (0, 90_000, 220_000):
        loud = sound.copy()
        loud[:, at : at + 20_000] = sine(997.0)[:, :20_000]
        assert momentary(loud, 48000.0) == pytest.approx(-3.01, abs=0.9)
