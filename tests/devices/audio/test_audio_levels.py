from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest

from composerd.devices.audio.channel_strip import ChannelStrips
from composerd.devices.audio.levels import TARGET, VELOCITY, Levels
from composerd.devices.audio.loudness import momentary
from composerd.devices.audio.synth import Synth
from composerd.music.midi import control, note_on, program
from sound import TIMGM

RATE = 48000


@pytest.fixture
def levels() -> Levels:
    return Levels(TIMGM)


@pytest.mark.parametrize("number", [0, 19, 33, 48, 60, 73])
def test_trimmed_instruments_are_equally_loud(levels: Levels, number: int) -> None:
    fader = ChannelStrips().set_trim(2, levels.trim(2, number, 60))
    with closing(Synth(TIMGM, RATE, reverb=0.0)) as synth:
        setup = [(0, message) for message in (program(2, number), fader, control(2, 91, 0), control(2, 93, 0))]
        synth.render(64, setup)
        sound = synth.render(RATE // 2, [(synth.position, note_on(2, 60, VELOCITY))])
    assert momentary(sound, RATE) == pytest.approx(TARGET, abs=1.5)


def test_a_drum_kit_is_measured_whatever_its_pitch(levels: Levels) -> None:
    assert levels.trim(10, 0, 20) == levels.trim(10, 0, 90)
    assert np.isfinite(levels.trim(10, 0, 20))


def test_measuring_again_changes_nothing(levels: Levels) -> None:
    first = levels.trim(2, 48, 60)
    levels.trim(2, 0, 60)
    others = Levels(TIMGM)
    others.trim(2, 19, 40)
    assert others.trim(2, 48, 60) == first
