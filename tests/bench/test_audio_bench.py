from __future__ import annotations

import numpy as np
import pytest

from composerd.bench.audio_exactness import PERIOD, _compared, dropouts, measure_timing
from composerd.bench.jack_recorder import RATE, onsets, pitch_at
from composerd.devices.audio.settings import AudioSettings
from composerd.errors import DeviceError
from sound import SOUNDFONT

LATENCY = 0.066


def _tone(frames: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.repeat(np.sin(np.arange(frames) * 2 * np.pi * 440 / RATE).astype(np.float32)[None], 2, axis=0)


def test_a_hole_in_a_held_tone_is_a_dropout_and_the_silence_around_it_is_not() -> None:
    sound = np.concatenate([np.zeros((2, 5000), np.float32), _tone(20000), np.zeros((2, 5000), np.float32)], axis=1)
    assert dropouts(sound) == 0
    sound[:, 9000:9100] = 0.0
    sound[:, 15000:16024] = 0.0
    assert dropouts(sound) == 2


def test_the_recorder_hears_beginnings_and_pitches() -> None:
    sound = np.concatenate([np.zeros((2, 5000), np.float32), _tone(12000)], axis=1)
    assert onsets(sound, 1e-3) == [5001]
    assert pitch_at(sound, 5000) == pytest.approx(69.0, abs=0.02)


def test_a_wandering_note_shows_as_frames_and_a_slow_key_as_seconds() -> None:
    moments = [(10.0 + 0.05 * n, n % 4 == 3) for n in range(80)]
    block = PERIOD / RATE
    # what is due sounds LATENCY after its moment, a key within a block
    heard = [
        (at - 10.0 + LATENCY - (block + 0.002 - 0.3 * block if key else 0.0)) * RATE + 700.0 for at, key in moments
    ]
    heard[40] += 3.0
    early, deviations, reactions = _compared(np.array(heard), moments, 0)
    assert not early
    assert max(map(abs, deviations)) == pytest.approx(3.0, abs=0.2)
    assert reactions == pytest.approx([0.3 * block] * 20, abs=1e-4)


def test_notes_played_while_the_rate_is_learnt_are_told_apart_and_do_not_tilt_the_line() -> None:
    moments = [(10.0 + 0.05 * n, False) for n in range(200)]
    heard = [(at - 10.0 + LATENCY) * RATE + max(0, 40 - n) * 0.1 for n, (at, _) in enumerate(moments)]
    early, deviations, _ = _compared(np.array(heard), moments, 40)
    assert early == pytest.approx([(40 - n) * 0.1 for n in range(40)], abs=1e-4)
    assert deviations == pytest.approx([0.0] * 160, abs=1e-4)


def test_notes_that_were_not_heard_are_no_figure() -> None:
    moments = [(10.0 + 0.05 * n, n % 4 == 3) for n in range(80)]
    with pytest.raises(DeviceError, match="nothing was heard"):
        _compared(np.array([]), moments, 0)
    with pytest.raises(DeviceError, match="of 60 notes"):
        _compared(np.array([RATE * 0.05 * n for n in range(40)]), moments, 0)


@pytest.mark.jack
def test_the_bench_finds_every_note_of_the_band_in_the_sound() -> None:
    timing = measure_timing(AudioSettings(soundfont=SOUNDFONT), 30, 2.0)
    assert (len(timing.early), len(timing.deviations)) == (30, 30)
