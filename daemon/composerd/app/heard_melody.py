"""Quantises a file's melody to what the band receives of a player: steps, with chords and bass below it apart."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import NamedTuple

from composerd.engine.left_hand import LeftHand
from composerd.engine.settings import EngineSettings
from composerd.music.chords import ChordPlan
from composerd.music.feel import unswung
from composerd.music.genre import Feel
from composerd.music.harmony.encoding import BelowRoll
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.midi_tracks import Axis, MelodyTrack
from composerd.music.player import PlayerRecorder
from composerd.music.roll import MelodyRoll


class HeardMelody(NamedTuple):
    """The contents of a file as the band receives them."""

    melody: MelodyRoll
    """the whole melody, quantised to steps, swing removed"""
    chords: ChordPlan | None
    """chords that the player plays; None for none"""
    below: BelowRoll | None
    """notes that sound below the melody"""


def heard_of(track: MelodyTrack, feel: Feel | None = None, settings: EngineSettings | None = None) -> HeardMelody:
    """Quantise the notes of `track` to steps; `feel`: that of the genre, whose swing is removed."""
    settings = settings or EngineSettings()
    recorder, left_hand = PlayerRecorder(0, settings.melody, settings.split_pitch), LeftHand()
    for tick, message in ((one.tick, one.message) for one in track.messages):
        step, pitch = step_at(track.axis, tick, feel), message.data1
        while recorder.end < step:
            recorder.close(recorder.end)
        if (
            message.starts_note
            and settings.left_hand
            and left_hand.takes(pitch, settings.split_pitch, recorder.melody_near(step))
        ):
            left_hand.press(step, pitch)
        elif message.starts_note:
            recorder.press(step, pitch)
        elif message.ends_note:
            recorder.release(step, pitch)
            left_hand.release(pitch)
    recorder.close(recorder.end)
    end = max(recorder.last_heard, left_hand.last_step) + 1
    chords = left_hand.plan if left_hand.plan.chords else recorder.chords(track.axis.bar_grid())
    return HeardMelody(recorder.roll(end, end), chords, recorder.below(end, end))


def step_at(axis: Axis, tick: int, feel: Feel | None = None) -> int:
    """The nearest step, a half counting up, in exact arithmetic where nothing swings."""
    if feel is not None and feel.swing:
        return floor(unswung(tick / axis.ticks_per_beat, feel) + 0.5)
    return int(Fraction(tick * STEPS_PER_BEAT, axis.ticks_per_beat) + Fraction(1, 2))
