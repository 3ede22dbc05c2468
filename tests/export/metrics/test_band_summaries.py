"""All metrics of an accompaniment together: which rows count, from where on, and means over songs."""

from __future__ import annotations

import numpy as np
import pytest

from composerd.library.genre_files import load_genre
from composerd.music.genre import Genre, Part
from composerd.music.notes import PartNote, notes_to_cells
from composerd.music.roll import ONSET, REST, Cells, MelodyRoll
from composerd_export.metrics.distance import BandRows, Measured, mean_harmony, measure, summarise, textures

BAR, STEPS = 16, 64
GENRE = Genre(
    "test", "Test", "plain", 100,
    (Part("keys", "comp", 3, low=48, high=84), Part("drums", "drums", 10), Part("low", "bass", 2, low=28, high=55)),
)  # fmt: skip
KEYS, DRUMS, LOW = range(3)
BAND = BandRows.of(GENRE)
MELODY = MelodyRoll(0, np.full(STEPS, 72, np.int16), np.arange(STEPS) % 4 == 0)


def cells(*rows: tuple[int, int, int, int], parts: int = 3) -> Cells:
    """Notes as (step, part, pitch, length)."""
    return notes_to_cells(
        tuple(PartNote(step, part, pitch, 90, length) for step, part, pitch, length in rows), 0, STEPS, parts
    )


CHORDS = [(BAR * bar, KEYS, pitch, BAR) for bar in range(4) for pitch in (60, 64, 67)]
BASS = [(BAR * bar, LOW, 36, 8) for bar in range(4)]
HATS = [(step, DRUMS, 42, 1) for step in range(0, STEPS, 2)]
TRUTH = cells(*CHORDS, *BASS, *HATS)


def test_rows_are_found_by_their_roles_whatever_their_order() -> None:
    assert BandRows(("keys", "drums", "low"), (KEYS, LOW), (DRUMS,), LOW, (), ((48, 84), (28, 55))) == BAND


def test_a_part_called_bass_is_the_bass_and_voices_are_ordered_from_the_highest() -> None:
    parts = tuple(Part(name, "voice", channel, low=low, high=low + 24) for channel, (name, low) in
                  enumerate((("bass", 36), ("alto", 55), ("tenor", 48)), 2))  # fmt: skip
    rows = BandRows.of(Genre("choir", "Choir", "plain", 90, parts))
    assert (rows.bass, rows.voices, rows.drums) == (0, (1, 2, 0), ())


@pytest.mark.parametrize(("name", "bass", "drums", "voices"), [("rock", True, True, 0), ("bach", True, False, 3)])
def test_the_shipped_bands_have_their_rows(name: str, bass: bool, drums: bool, voices: int) -> None:
    rows = BandRows.of(load_genre(name))
    assert (rows.bass is not None, bool(rows.drums), len(rows.voices)) == (bass, drums, voices)
    assert set(rows.pitched).isdisjoint(rows.drums)
    assert len(rows.pitched) + len(rows.drums) == len(rows.names)


def test_a_band_that_plays_the_truth_is_measured_by_hand() -> None:
    found = measure(MELODY, TRUTH, TRUTH, BAND)
    assert found.harmony == {"pcs": pytest.approx(2 / 3), "clash": 0.0, "nic": 1.0, "mtriad": 1.0, "cover": 1.0}
    assert found.texture["onsets"].tolist() == [4.0]
    assert found.texture["empty_bars"].tolist() == [0.0, 0.0]
    assert found.band == {
        "used_classes": 2.0, "tonal_distance": found.band["tonal_distance"], "drum_pattern": 1.0, "drums_per_bar": 8.0,
        "bass_on_one": 1.0, "in_range": 1.0, "groove": 1.0, "novelty": pytest.approx(0.0),
        "crossings": found.band["crossings"],
    }  # fmt: skip
    assert np.isnan(found.band["crossings"]), "no voices"


def test_nothing_in_bar_1_is_counted_of_the_melody_the_band_or_the_truth() -> None:
    spoilt = TRUTH.copy()
    spoilt[:, :BAR] = 0
    spoilt[KEYS, 3, 61] = ONSET
    melody = MelodyRoll(0, MELODY.pitch.copy(), MELODY.onset.copy())
    melody.pitch[:BAR] = REST
    plain = measure(MELODY, TRUTH, TRUTH, BAND)
    for found in (
        measure(MELODY, spoilt, TRUTH, BAND),
        measure(MELODY, TRUTH, spoilt, BAND),
        measure(melody, TRUTH, TRUTH, BAND),
    ):
        assert found.harmony == plain.harmony
        assert all(np.array_equal(found.texture[name], plain.texture[name]) for name in plain.texture)
        assert found.band == pytest.approx(plain.band, nan_ok=True)


def test_drums_do_not_sound_in_the_harmony_and_pitched_parts_are_no_drums() -> None:
    loud = measure(MELODY, cells(*CHORDS, *BASS, *[(step, DRUMS, 73, 1) for step in range(1, STEPS, 2)]), TRUTH, BAND)
    plain = measure(MELODY, TRUTH, TRUTH, BAND)
    assert loud.harmony == plain.harmony
    assert all(np.array_equal(loud.texture[name], plain.texture[name]) for name in plain.texture)
    assert (loud.band["drum_pattern"], plain.band["drum_pattern"]) == (0.0, 1.0)


def test_what_a_band_does_not_have_has_no_figure() -> None:
    voices = BandRows.of(load_genre("bach"))
    chorale = cells(*[(BAR * bar, voice, 48 + 7 * voice, BAR) for bar in range(4) for voice in range(3)])
    found = measure(MELODY, chorale, chorale, voices).band
    assert np.isnan(found["drum_pattern"])
    assert found["drums_per_bar"] == 0.0
    assert found["crossings"] in (0.0, 1.0)
    no_bass = BandRows(BAND.names, (KEYS,), (DRUMS,), None, (), ((48, 84),))
    assert np.isnan(measure(MELODY, TRUTH, TRUTH, no_bass).band["bass_on_one"])


def measured(onsets: float, pcs: float, bass: float) -> Measured:
    found = measure(MELODY, TRUTH, TRUTH, BAND)
    return Measured(
        {**found.harmony, "pcs": pcs},
        {**found.texture, "onsets": np.array([onsets])},
        {**found.band, "bass_on_one": bass},
    )


def test_a_summary_has_means_over_songs_and_leaves_out_figures_that_a_song_lacks() -> None:
    nan = float("nan")
    songs = [measured(2.0, 0.2, 1.0), measured(4.0, 0.4, nan), measured(6.0, 0.9, 0.5)]
    assert mean_harmony(songs)["pcs"] == pytest.approx(0.5)
    assert textures(songs)["onsets"].tolist() == [[2.0], [4.0], [6.0]]
    found = summarise(songs, songs, [measured(0.0, 0.0, nan)])
    assert found.harmony["pcs"] == pytest.approx(0.5)
    assert found.texture["onsets"].tolist() == [4.0]
    assert found.band["bass_on_one"] == 0.75
    assert np.isnan(found.band["crossings"])
    assert (found.closure, found.distance) == (1.0, 0.0)


def test_the_distance_is_the_mean_of_the_deviations_by_metric() -> None:
    people = [measured(2.0, 0.5, 1.0), measured(6.0, 0.5, 1.0)]
    found = summarise([measured(8.0, 0.5, 1.0)], people, people)
    assert found.deviations["onsets"] == pytest.approx(2.0), "4 beside the mean, whose spread is 2"
    assert found.distance == pytest.approx(2.0 / len(found.deviations))
    assert np.isnan(found.closure), "another song is the truth itself"
