"""Rhythm as the judge counts it, on bars whose figures are known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd_export.evaluation.judge.features import features
from composerd_export.evaluation.judge.rhythm import KITS
from composerd_export.evaluation.judge.windows import BAR, SILENCE, Notes
from judged import chords, every_bar, later, moved, notes, window

GROOVE = {"kick": (0, 8), "snare": (4, 12), "hat": (0, 2, 4, 6, 8, 10, 12, 14)}
FIRST_KEY = {name: keys[0] for name, keys in KITS.items()}


def rock(bars: int) -> Notes:
    struck = [every_bar(bars, *steps, key=FIRST_KEY[name]) for name, steps in GROOVE.items()]
    found = np.concatenate(struck)
    return found[np.argsort(found[:, 0], kind="stable")]


def test_a_rock_beat_has_two_kicks_two_snares_and_eight_hats_a_bar() -> None:
    found = features(window(6, drums=rock(6)))
    assert {name: found[f"drums.{name}"] for name in KITS} == {
        "kick": 2.0, "snare": 2.0, "hat": 8.0, "ride": 0.0, "tom": 0.0, "crash": 0.0,
    }  # fmt: skip
    assert found["drums.patterns"] == 1 / 5, "one bar five times"
    assert (found["drums.hat.lag1"], found["drums.kick.lag4"]) == (1.0, 1.0)
    assert np.isnan(found["drums.ride.lag1"]), "no bar to compare has a ride"
    assert [found[f"drums.pos{step}"] for step in range(4)] == [1.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("drum", "keys"), [("hat", (42, 44, 46)), ("snare", (38, 40)), ("ride", (51, 59)), ("crash", (49, 57))]
)
def test_the_keys_of_one_drum_count_as_that_drum(drum: str, keys: tuple[int, ...]) -> None:
    found = features(window(3, drums=np.concatenate([every_bar(3, 2 * at, key=key) for at, key in enumerate(keys)])))
    assert found[f"drums.{drum}"] == len(keys)
    assert sum(found[f"drums.{name}"] for name in KITS) == len(keys)


def test_two_keys_of_one_drum_on_one_step_are_one_stroke() -> None:
    both = np.concatenate([every_bar(3, 4, key=38), every_bar(3, 4, key=40)])
    assert features(window(3, drums=both))["drums.snare"] == 1.0


def test_a_tambourine_is_no_drum_of_the_kit_but_belongs_to_the_pattern() -> None:
    found = features(window(3, drums=every_bar(3, 6, key=54)))
    assert all(found[f"drums.{name}"] == 0.0 for name in KITS)
    assert found["drums.pos6"] == 1.0


def test_a_fill_in_every_second_bar_is_another_pattern_two_bars_apart() -> None:
    fills = [later(every_bar(1, *range(16), key=45), BAR * bar) for bar in (2, 4, 6, 8)]
    found = features(window(9, drums=np.concatenate([rock(9), *fills])))
    assert found["drums.patterns"] == 2 / 8
    assert found["drums.tom"] == 8.0
    assert (found["drums.tom.lag1"], found["drums.tom.lag4"]) == (0.0, 1.0)


def test_bars_of_rest_are_a_share_and_spread_the_onsets() -> None:
    bass = np.concatenate([later(every_bar(1, 0, 4, 8, 12), BAR * bar) for bar in (1, 3)])
    found = features(window(5, bass=bass))
    assert (found["bass.onsets"], found["bass.onsets_sd"], found["bass.empty"]) == (2.0, 2.0, 0.5)
    assert (found["bass.pos4"], found["bass.pos5"]) == (0.5, 0.0)
    assert found["bass.lag1"] == 0.0, "each pair has a full bar and an empty one"
    assert found["bass.lag2"] == 1.0, "pairs of two empty bars do not count"


def test_lengths_are_percentiles_of_the_notes_from_bar_2_on() -> None:
    lengths = (1.0, 2.0, 3.0, 4.0, 10.0)
    band = notes((0, 64, 60, 80), *((BAR + 10.0 * at, BAR + 10.0 * at + n, 60, 80) for at, n in enumerate(lengths)))
    found = features(window(5, keys=band))
    assert found["band.dur50"] == 3.0
    assert found["band.dur10"] == pytest.approx(1.4)
    assert found["band.dur90"] == pytest.approx(7.6)
    assert found["band.dursd"] == pytest.approx(float(np.std(lengths)))
    assert np.isnan(features(window(5, keys=notes((0, 64, 60, 80))))["band.dur50"])


def test_parts_meet_where_they_begin_together() -> None:
    bass, keys = every_bar(3, 0, 8), every_bar(3, 0, 4, 8, 12, key=60)
    melody = every_bar(3, 0, 2, 4, key=72)
    found = features(window(3, bass=bass, keys=keys, melody=melody, drums=every_bar(3, 0, key=36)))
    assert found["sync.bass_kick"] == 0.5
    assert found["sync.band_bass"] == 1.0, "of the bass's onsets, those that the band shares"
    assert found["sync.band_melody"] == pytest.approx(2 / 3)
    assert found["sync.bass_melody"] == pytest.approx(1 / 3)


def test_low_strings_are_a_bass_and_timpani_are_neither_bass_nor_band() -> None:
    low, drum = every_bar(3, 0, 8), every_bar(3, 4, key=41)
    assert features(window(3, strings_low=low))["bass.onsets"] == 2.0
    found = features(window(3, timpani=drum))
    assert (found["bass.onsets"], found["band.onsets"]) == (0.0, 0.0)
    assert features(window(3, strings_low=low, strings_high=low))["band.onsets"] == 2.0


BAND = chords([(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67), (57, 60, 64)])
BASS = chords([(36,), (41,), (43,), (36,), (45,)], 8.0)
MELODY = chords([(76,), (77,), (79,), (72,), (76,)])
OF_REGISTER = ("bass.mean", "band.pitch", "band.low")


@pytest.mark.parametrize("semitones", [1, 5, -7])
def test_a_band_in_another_key_has_the_same_figures_but_for_its_register(semitones: int) -> None:
    here, there = (
        features(window(5, bass=moved(BASS, by), keys=moved(BAND, by), melody=moved(MELODY, by), drums=rock(5)))
        for by in (0, semitones)
    )
    different = {name for name in here if here[name] != pytest.approx(there[name], nan_ok=True)}
    assert different <= set(OF_REGISTER)
    assert there["bass.mean"] == pytest.approx(here["bass.mean"] + semitones)
    assert there["band.pitch"] == pytest.approx(here["band.pitch"] + semitones)


_STEPS = st.lists(st.tuples(st.integers(0, 15), st.integers(1, 4), st.integers(30, 80)), max_size=12)


@settings(max_examples=40)
@given(_STEPS, _STEPS)
def test_what_the_band_plays_in_bar_1_changes_no_feature(
    rest: list[tuple[int, int, int]], first: list[tuple[int, int, int]]
) -> None:
    rest_of_it = notes(*((BAR + step, BAR + step + length, key, 80) for step, length, key in sorted(rest)))
    opening = notes(*((step, min(BAR, step + length), key, 80) for step, length, key in sorted(first)))
    with_it, without = (
        features(window(4, bass=np.concatenate([one, rest_of_it]), keys=np.concatenate([one, rest_of_it]), drums=one))
        for one in (opening, SILENCE)
    )
    different = {name for name in with_it if with_it[name] != pytest.approx(without[name], nan_ok=True)}
    assert different == set()
