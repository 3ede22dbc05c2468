"""Measures how loud a SoundFont's instruments are, so that the band is balanced with any SoundFont."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np

from composerd.devices.audio.loudness import momentary
from composerd.devices.audio.synth import CHUNK, Synth
from composerd.music.midi import CHORUS_SEND, DRUM_CHANNEL, REVERB_SEND, Midi, control, note_off, note_on, program

TARGET = -27.0
"""LUFS of a note at VELOCITY in the middle of an instrument's range"""
VELOCITY = 80
_MOST_UP, _MOST_DOWN = 4.0, -30.0
"""dB a channel's fader can still be moved: General MIDI's ordinary volume, 100, leaves 4 dB"""
_RATE = 32000
_HELD, _LONGEST = 0.5, 0.6
"""seconds"""
_BEAT = ((36, 0.0), (42, 0.125), (38, 0.25), (42, 0.375))
"""(drum, second) of the pattern a drum kit is measured with: kick, hi-hat, snare, hi-hat"""
_TONE_CHANNEL = 1


class Levels:
    """Measures each instrument on a new synth, since one that has played before differs by up to half a dB.

    Takes some 30 ms an instrument; FluidSynth shares the samples of a SoundFont that another synth has open.
    """

    def __init__(self, soundfont: Path) -> None:
        self._soundfont = soundfont
        self._known: dict[tuple[int, int, bool], float] = {}

    def known(self, channel: int, number: int, pitch: int) -> float | None:
        """The trim [dB] measured before, or None. Returns at once; safe in any thread."""
        return self._known.get(_key(channel, number, pitch))

    def trim(self, channel: int, number: int, pitch: int) -> float:
        """Measure the dB that bring program `number`, played around `pitch`, to TARGET; channel 10 is a drum kit."""
        key = _key(channel, number, pitch)
        if key not in self._known:
            self._known[key] = self._measure(*key)
        return self._known[key]

    def _measure(self, number: int, pitch: int, drums: bool) -> float:
        channel = DRUM_CHANNEL if drums else _TONE_CHANNEL
        dry = [control(channel, number, 0) for number in (REVERB_SEND, CHORUS_SEND)]
        with closing(Synth(self._soundfont, _RATE, polyphony=32, reverb=0.0)) as synth:
            synth.render(CHUNK, [(0, message) for message in (program(channel, number), *dry)])
            events = [(CHUNK + round(at * _RATE), message) for at, message in _phrase(channel, pitch)]
            loudest = momentary(synth.render(round(_LONGEST * _RATE), events), _RATE)
        return float(np.clip(TARGET - loudest, _MOST_DOWN, _MOST_UP))


def _key(channel: int, number: int, pitch: int) -> tuple[int, int, bool]:
    return (number, 0 if channel == DRUM_CHANNEL else pitch, channel == DRUM_CHANNEL)


def _phrase(channel: int, pitch: int) -> list[tuple[float, Midi]]:
    if channel == DRUM_CHANNEL:
        return [(at, note_on(channel, drum, VELOCITY)) for drum, at in _BEAT]
    return [(0.0, note_on(channel, pitch, VELOCITY)), (_HELD, note_off(channel, pitch))]
