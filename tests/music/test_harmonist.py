"""The chord tracker, with the tables that ship."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from composerd.generators.tables import harmony, styles
from composerd.music.chords import QUALITIES
from composerd.music.harmonist import Harmonist, HarmonyTables
from composerd.music.metre import BarGrid, Metre
from composerd.music.roll import REST, MelodyRoll

TUNE = (60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60)
"""C, F, G, C in broken chords, a quarter a note."""
COMMON = BarGrid.of(Metre())


def quarters(pitches: tuple[int, ...], length: int = 4) -> MelodyRoll:
    pitch = np.repeat(np.array(pitches, np.int16), length)
    onset = np.zeros(len(pitch), np.bool_)
    onset[::length] = True
    return MelodyRoll(0, pitch, onset & (pitch >= 0))


@pytest.mark.parametrize("style", ["pop", "rock", "jazz", "symphony"])
def test_broken_chords_are_heard_as_their_chords_once_known_whole(style: str) -> None:
    plan = Harmonist(harmony(style)).plan(quarters(TUNE * 2), COMMON, 0, 128, whole=True)
    tones = [plan.at(step).chord.pitch_classes for step in range(64, 128, 16)]  # type: ignore[union-attr]
    for expected, found in zip((0, 5, 7, 0), tones, strict=True):
        assert expected in found
    assert (plan.key, plan.minor) == (0, False)


@pytest.mark.parametrize("style", styles())
def test_the_note_that_falls_on_a_cell_belongs_to_its_chord_nearly_always(style: str) -> None:
    melody = quarters(TUNE * 2)
    harmonist = Harmonist(harmony(style))
    fits = []
    for step in range(0, melody.end, 8):
        planned = harmonist.plan(melody.window(0, step + 1), COMMON, step, step + 4).at(step)
        assert planned is not None
        fits.append(int(melody.pitch[step]) % 12 in planned.chord.pitch_classes)
    assert sum(fits) >= 0.9 * len(fits)


@pytest.mark.parametrize("style", styles())
@pytest.mark.parametrize("semitones", [1, 5, 8])
def test_a_transposed_melody_gets_the_transposed_plan(style: str, semitones: int) -> None:
    tables = harmony(style)
    low = Harmonist(tables).plan(quarters(TUNE), COMMON, 0, 64, whole=True)
    high = Harmonist(tables).plan(quarters(tuple(pitch + semitones for pitch in TUNE)), COMMON, 0, 64, whole=True)
    assert [chord.chord.transposed(semitones) for chord in low.chords] == [chord.chord for chord in high.chords]


@pytest.mark.parametrize("style", styles())
def test_equal_questions_get_equal_answers_whatever_was_asked_before(style: str) -> None:
    tables, rng = harmony(style), np.random.default_rng(3)
    used = Harmonist(tables)
    used.plan(quarters(tuple(TUNE[::-1]) * 3), COMMON, 150, 170)
    for _ in range(12):
        melody = quarters(tuple(rng.choice([*TUNE, REST], 30).tolist()), 3)
        step = int(rng.integers(0, melody.end))
        known = melody.window(0, step + int(rng.integers(0, 2)))
        assert used.plan(known, COMMON, step, step + 8) == Harmonist(tables).plan(known, COMMON, step, step + 8)


@pytest.mark.parametrize("style", styles())
@pytest.mark.parametrize(
    "metre", [Metre(4, 4), Metre(3, 4), Metre(6, 8), Metre(5, 4), Metre(7, 8), Metre(2, 2), Metre(1, 16)]
)
def test_a_plan_covers_what_was_asked_and_a_bar_beyond_without_gaps(style: str, metre: Metre) -> None:
    grid = BarGrid.of(metre)
    for whole in (False, True):
        for step in (0, 5, 23):
            chords = Harmonist(harmony(style)).plan(quarters(TUNE), grid, step, step + 10, whole).chords
            assert chords[0].step <= step
            assert chords[-1].end >= step + 10 + metre.bar_steps
            assert all(one.end == other.step for one, other in pairwise(chords))
            assert all(0.0 <= chord.certainty <= 1.0 for chord in chords)


@pytest.mark.parametrize("style", styles())
def test_a_chord_once_chosen_stands_while_its_cell_is_played(style: str) -> None:
    melody, harmonist = quarters(TUNE * 2), Harmonist(harmony(style))
    for step in range(melody.end - 1):
        now = harmonist.plan(melody.window(0, step + 1), COMMON, step, step + 1).at(step)
        later = harmonist.plan(melody.window(0, step + 2), COMMON, step + 1, step + 2).at(step)
        assert now is not None
        assert later is None or later.chord == now.chord


def test_silence_gets_chords_too_in_one_key() -> None:
    plan = Harmonist(harmony("rock")).plan(quarters((REST,) * 8), COMMON, 32, 64)
    assert plan.key is not None
    assert all(chord.chord.quality in QUALITIES for chord in plan.chords)


def test_a_melody_window_that_starts_late_is_enough() -> None:
    melody = quarters(TUNE * 8)
    plan = Harmonist(harmony("pop")).plan(melody.window(300, 401), COMMON, 400, 416)
    assert plan.at(400) is not None
    assert plan.key == 0


def test_tables_survive_being_stored() -> None:
    tables = harmony("bach")
    again = HarmonyTables.from_arrays(tables.to_arrays())
    assert again.weights == tables.weights
    assert again.per_beat
    assert np.allclose(again.change, tables.change, atol=0.02)


def test_tables_of_another_shape_are_refused_by_name() -> None:
    arrays = harmony("bach").to_arrays()
    arrays["melody"] = arrays["melody"][:, :, :5]
    with pytest.raises(ValueError, match="melody has shape"):
        HarmonyTables.from_arrays(arrays)
