"""Logits moved towards the planned chord."""

from __future__ import annotations

import numpy as np

from composerd.contract.decoding import Decoder, Style, chance_width
from composerd.contract.frames import Floats
from composerd.contract.layout import Layout
from composerd.generators.chord_tones import keep_inside, planned_tones
from composerd.generators.window import Frame
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.roll import ONSET
from layouts import BAND

LAYOUT = Layout(BAND)
STEPS = 32
PLAN = ChordPlan((PlannedChord(0, 16, Chord(0)), PlannedChord(16, 16, Chord(5, "maj7", 9))), key=0)
AROUND = Frame(0, STEPS)


def any_logits(seed: int) -> Floats:
    return np.random.default_rng(seed).normal(0, 1, (1, STEPS, LAYOUT.out_width)).astype(np.float32)


def played(logits: Floats) -> list[tuple[int, int, int]]:
    """(track, step, pitch) of the onsets."""
    cells = tuple(np.zeros((1, STEPS, track.rows), np.uint8) for track in BAND)
    chance = np.full((1, STEPS, chance_width(LAYOUT)), 0.5, np.float32)
    melody = np.full((1, STEPS), -1)
    found = Decoder(LAYOUT).harmony(logits, cells, melody, 0, STEPS, Style(), chance)
    return [
        (i, int(step), BAND[i].low + int(row))
        for i, rows in found.items()
        for step, row in zip(*np.nonzero(rows[0] == ONSET), strict=True)
    ]


def test_the_plan_is_known_step_by_step() -> None:
    tones = planned_tones(PLAN, Frame(8, 24))
    assert np.flatnonzero(tones.tones[0]).tolist() == [0, 4, 7]
    assert np.flatnonzero(tones.tones[-1]).tolist() == [0, 4, 5, 9]
    assert tones.bass.tolist() == [0] * 8 + [9] * 8
    assert np.flatnonzero(tones.begins).tolist() == [8]


def test_chords_lie_inside_the_plan_and_the_bass_is_the_chords_at_a_change() -> None:
    notes, before = [], []
    for seed in range(8):
        logits = any_logits(seed)
        before += played(logits)
        keep_inside(LAYOUT, logits, PLAN, AROUND)
        notes += played(logits)

    def inside(found: list[tuple[int, int, int]], track: int) -> float:
        tones = [(pitch % 12) in PLAN.at(step).chord.pitch_classes for i, step, pitch in found if i == track]  # type: ignore[union-attr]
        return sum(tones) / len(tones)

    assert inside(notes, 2) >= 0.97 > inside(before, 2)
    assert inside(notes, 1) > inside(before, 1) + 0.2
    assert all(pitch % 12 == 9 for track, step, pitch in notes if (track, step) == (1, 16))
    assert 0.6 * len(before) <= len(notes) <= 1.6 * len(before)


def test_without_a_plan_nothing_is_moved() -> None:
    logits = any_logits(1)
    again = logits.copy()
    keep_inside(LAYOUT, again, ChordPlan(), AROUND)
    assert np.array_equal(logits, again)
