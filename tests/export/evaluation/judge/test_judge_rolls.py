"""Notes on the judge's grid."""

from __future__ import annotations

import numpy as np

from composerd_export.evaluation.judge.pitches import half_bar_triads, pitch_classes
from composerd_export.evaluation.judge.rhythm import patterns, repeated
from composerd_export.evaluation.judge.rolls import mean, onsets, roll

NOTES = np.array([[0.0, 4.0, 60.0, 80.0], [17.6, 17.7, 62.0, 80.0], [30.0, 99.0, 64.0, 80.0]])


def test_onsets_are_on_the_nearest_step_from_bar_2_on() -> None:
    assert np.argwhere(onsets(NOTES, 48)).tolist() == [[0, 2], [0, 14]]


def test_a_note_sounds_for_a_step_at_least_and_to_the_windows_end_at_most() -> None:
    found = roll(NOTES, 32)
    assert np.flatnonzero(found[:, 60]).tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(found[:, 62]).tolist() == [18]
    assert np.flatnonzero(found[:, 64]).tolist() == [30, 31]


def test_pitch_classes_count_octaves() -> None:
    sounds = np.zeros((1, 128), np.bool_)
    sounds[0, [48, 60, 67]] = True
    counts = pitch_classes(sounds)[0]
    assert (counts[0], counts[7], counts.sum()) == (2, 1, 3)


def test_the_bass_decides_between_triads_that_share_tones() -> None:
    sounds, bass = np.zeros((32, 128), np.bool_), np.zeros((32, 128), np.bool_)
    sounds[:, [60, 64]] = True
    bass[:24, 48] = bass[24:, 57] = True
    assert half_bar_triads(sounds | bass, bass).tolist() == [0, 9 * 3 + 1], "C and E over C: C; over A: A minor"
    assert half_bar_triads(np.zeros_like(sounds), bass & False).tolist() == [-1, -1]


def test_likeness_of_bars_is_jaccards() -> None:
    bars = np.zeros((3, 16), np.bool_)
    bars[0, [0, 4]] = bars[1, [0, 8]] = bars[2, [0, 8]] = True
    assert repeated(bars, 1) == (1 / 3 + 1) / 2
    assert patterns(bars) == 2 / 3
    assert np.isnan(repeated(bars, 3))
    assert np.isnan(repeated(np.zeros((3, 16), np.bool_), 1))


def test_the_mean_of_nothing_is_what_is_asked_for() -> None:
    assert np.isnan(mean(np.zeros(0)))
    assert mean(np.zeros(0), 0.0) == 0.0
    assert mean(np.array([True, False])) == 0.5
