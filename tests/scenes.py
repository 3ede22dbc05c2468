"""Stretches of music for the tests of rule-based parts: a chord plan, a melody and what is built from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from composerd.music.arranging.scene import Scene
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.metre import BarGrid
from composerd.music.roll import REST, MelodyRoll

BAR = 16
"""steps of a bar of 4/4"""
C, F, G7, AM = Chord(0), Chord(5), Chord(7, "7"), Chord(9, "m")


def plan_of(chords: Sequence[Chord], length: int = BAR, key: int | None = 0, minor: bool = False) -> ChordPlan:
    """A plan of chords that each last `length` steps."""
    planned = tuple(PlannedChord(at * length, length, chord) for at, chord in enumerate(chords))
    return ChordPlan(planned, key, minor)


def held_melody(pitches: Sequence[int | None], length: int = 4) -> MelodyRoll:
    """A melody of notes that each last `length` steps, None for a rest."""
    pitch = np.repeat(np.array([REST if one is None else one for one in pitches], np.int16), length)
    onset = np.zeros(len(pitch), np.bool_)
    onset[::length] = [one is not None for one in pitches]
    return MelodyRoll(0, pitch, onset)


def scene_of(
    plan: ChordPlan,
    melody: MelodyRoll | None = None,
    *,
    style: str = "pop",
    grid: BarGrid | None = None,
    bpm: float = 110.0,
    seed: int = 1,
    variation: str = "A",
    fill_until: int | None = None,
    ending_at: int | None = None,
) -> Scene:
    """The scene of all steps of the plan; without a melody a long rest."""
    until = plan.chords[-1].end
    return Scene(
        style=style,
        grid=grid or BarGrid(),
        bpm=bpm,
        plan=plan,
        melody=melody or held_melody([None] * (until // 4)),
        first=0,
        until=until,
        harmony_from=0,
        seed=seed,
        variation=variation,
        fill_until=fill_until,
        ending_at=ending_at,
        whole=True,
    )
