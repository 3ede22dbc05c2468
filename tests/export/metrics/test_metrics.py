from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.genre import Genre, Part
from composerd.music.notes import PartNote, notes_to_cells
from composerd.music.roll import REST, Cells, MelodyRoll
from composerd_export.metrics import consonance as harmony
from composerd_export.metrics import form, texture
from composerd_export.metrics.distance import BandRows, measure, summarise


def roll(*notes: tuple[int, int, int, int], steps: int = 32, parts: int = 1) -> Cells:
    """Notes as (step, part, pitch, length)."""
    return notes_to_cells(tuple(PartNote(s, row, p, 90, n) for s, row, p, n in notes), 0, steps, parts)


def melody(*runs: tuple[int, int]) -> MelodyRoll:
    """Runs of (pitch, steps)."""
    pitch = np.concatenate([np.full(steps, pitch, np.int16) for pitch, steps in runs])
    onset = np.zeros(len(pitch), np.bool_)
    onset[np.cumsum([0, *(steps for _, steps in runs)])[:-1]] = True
    return MelodyRoll(0, pitch, onset & (pitch != REST))


C_MAJOR = [(0, 0, pitch, 16) for pitch in (48, 52, 55)]


@pytest.mark.parametrize(
    ("pitch", "pcs", "clash", "nic"),
    [
        (60, (1 + 1 + 0) / 3, 0, 1),  # unison, E to C a sixth, G to C a fourth
        (64, 1, 0, 1),
        (61, (-1 + 1 - 1) / 3, 1, 0),
        (62, (-1 - 1 + 1) / 3, 0, 0),
        (59, (-1 + 1 + 1) / 3, 1, 0),  # a major seventh is a semitone in another octave
    ],
)
def test_harmony_of_one_note_over_c_major(pitch: int, pcs: float, clash: float, nic: float) -> None:
    sung, band = np.full(16, pitch, np.int16), roll(*C_MAJOR, steps=16)
    assert harmony.consonance(sung, band) == pytest.approx(pcs)
    assert harmony.clashes(sung, band) == clash
    assert harmony.note_in_chord(sung, band) == nic


def test_the_octave_of_the_melody_does_not_matter() -> None:
    band = roll(*C_MAJOR, steps=16)
    values = {tuple(harmony.harmony(np.full(16, 9 + 12 * octave, np.int16), band).values()) for octave in range(9)}
    assert len(values) == 1


def test_only_steps_on_which_both_sound_count_and_cover_says_how_many() -> None:
    sung = melody((60, 8), (61, 8), (REST, 16)).pitch
    values = harmony.harmony(sung, roll((0, 0, 60, 8)))
    assert (values["pcs"], values["clash"], values["nic"], values["cover"]) == (1.0, 0.0, 1.0, 0.5)


def test_silence_has_the_worst_harmony_and_human_distance_sees_it() -> None:
    values = harmony.harmony(melody((60, 32)).pitch, np.zeros((1, 32, 128), np.uint8))
    assert (values["pcs"], values["clash"], values["nic"], values["mtriad"]) == (-1.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("pitches", "row"),
    [
        ((48, 52, 55), 0),
        ((50, 53, 57), 12 + 2),
        ((59, 62, 65), 24 + 11),
        ((43, 47, 50, 53), 7),  # a seventh chord is heard as its triad
        ((45, 48, 52, 55), 12 + 9),
    ],
)
def test_triads_are_heard_with_their_root(pitches: tuple[int, ...], row: int) -> None:
    assert harmony.triads_heard(roll(*[(0, 0, pitch, 8) for pitch in pitches], steps=8), 8).tolist() == [row]


def test_melody_in_triad_counts_by_half_bars() -> None:
    band = roll(*[(0, 0, p, 8) for p in (48, 52, 55)], *[(8, 0, p, 8) for p in (50, 53, 57)], steps=16)
    assert harmony.melody_in_triad(melody((67, 12), (69, 4)).pitch, band) == pytest.approx(12 / 16)


def test_chord_changes_are_counted_per_bar_and_not_into_silence() -> None:
    band = roll((0, 0, 48, 4), (0, 0, 52, 4), (4, 0, 53, 4), (4, 0, 57, 4), (12, 0, 48, 4), (12, 0, 52, 4))
    assert harmony.chord_changes(band) == pytest.approx(1 / 2)


def test_closure_is_zero_for_another_song_one_for_truth_and_capped_above() -> None:
    truth, other = {"pcs": 0.6, "clash": 0.05, "nic": 0.5}, {"pcs": 0.1, "clash": 0.35, "nic": 0.2}
    assert harmony.closure(other, truth, other) == 0.0
    assert harmony.closure(truth, truth, other) == 1.0
    assert harmony.closure({"pcs": 1.0, "clash": 0.0, "nic": 1.0}, truth, other) == 1.0
    half = {"pcs": 0.35, "clash": 0.2, "nic": 0.9}
    assert harmony.closure(half, truth, other) == pytest.approx((0.5 + 0.5 + 1.0) / 3)


def test_notes_are_listed_with_repeats_apart_and_tied_ones_left_out() -> None:
    band = roll((0, 0, 60, 4), (4, 0, 60, 2), (2, 1, 40, 30), parts=2, steps=16)
    band[0, 0, 72] = 1
    assert texture.note_list(band).tolist() == [[0, 0, 60, 4], [0, 4, 60, 2], [1, 2, 40, 14]]


@given(st.lists(st.tuples(st.integers(0, 31), st.integers(0, 2), st.integers(0, 127), st.integers(1, 12)), max_size=30))
def test_every_onset_is_one_note_and_no_note_outlasts_its_sound(notes: list[tuple[int, int, int, int]]) -> None:
    band = roll(*notes, parts=3)
    listed = texture.note_list(band)
    assert len(listed) == int((band == 2).sum())
    assert int(listed[:, 3].sum()) == int((band != 0).sum())


def test_densities_of_a_known_bar() -> None:
    band = roll((0, 0, 60, 4), (4, 0, 62, 1), (16, 0, 60, 16), (0, 1, 48, 16), parts=2)
    notes = texture.note_list(band)
    assert texture.onsets_per_bar(notes, 32) == 2.0
    assert texture.mean_duration(notes) == pytest.approx((4 + 1 + 16 + 16) / 4)
    assert texture.qualified_notes(notes) == 0.75
    assert texture.empty_bars(band).tolist() == [0.0, 0.5]
    assert texture.classes_per_bar(band) == 1.5
    assert texture.classes_per_step(band) == 33 / 32


def test_positions_share_out_the_onsets_of_a_bar() -> None:
    shares = texture.onset_positions(
        texture.note_list(roll((0, 0, 60, 1), (16, 0, 60, 1), (20, 0, 60, 1), (22, 0, 60, 1)))
    )
    assert (shares[0], shares[4], shares[6], shares.sum()) == (0.5, 0.25, 0.25, 1.0)


def test_sync_asks_for_an_onset_of_the_band_under_each_of_the_melody() -> None:
    sung = melody((60, 4), (62, 4), (64, 8))
    assert texture.onset_sync(sung.onset, roll((0, 0, 48, 8), (8, 0, 50, 8), steps=16)) == pytest.approx(2 / 3)


def test_semitones_inside_need_two_notes_and_hear_them_over_octaves() -> None:
    band = roll((0, 0, 60, 8), (0, 0, 71, 4), (8, 0, 60, 8), steps=16)
    assert texture.semitones_inside(band) == 1.0
    assert texture.semitones_inside(roll((0, 0, 60, 8), (0, 0, 67, 8), steps=16)) == 0.0


def test_two_equal_bars_are_alike_and_two_unrelated_ones_are_not() -> None:
    equal = roll((0, 0, 60, 4), (16, 0, 60, 4))
    assert form.self_similarity(equal) == pytest.approx(1.0)
    assert form.self_similarity(roll((0, 0, 60, 4), (24, 0, 61, 4))) == pytest.approx(0.0)
    assert form.likeness(equal, equal) == pytest.approx(1.0)


def test_the_drum_pattern_is_the_share_on_eighths() -> None:
    drums = roll((0, 0, 36, 1), (2, 0, 42, 1), (4, 0, 38, 1), (7, 0, 36, 1))
    assert texture.drum_pattern(drums) == 0.75
    assert np.isnan(texture.drum_pattern(np.zeros((1, 16, 128), np.uint8)))


def test_tonal_distance_is_zero_in_unison_and_grows_with_the_interval() -> None:
    def apart(pitch: int) -> float:
        return texture.tonal_distance(roll((0, 0, 60, 16), (0, 1, pitch, 16), parts=2, steps=16))

    assert apart(72) == pytest.approx(0.0)
    assert 0.0 < apart(67) < apart(61) < apart(66) + 1e-9


def test_bass_on_one_counts_only_bars_where_the_true_bass_has_it() -> None:
    true = roll((0, 0, 40, 4), (16, 0, 40, 4), (36, 0, 40, 4), steps=48)[0]
    assert texture.bass_on_one(roll((0, 0, 43, 4), (17, 0, 43, 4), (32, 0, 43, 4), steps=48)[0], true) == 0.5


def test_ranges_and_crossings_are_shares_of_what_sounds() -> None:
    band = roll((0, 0, 60, 8), (8, 0, 40, 8), (0, 1, 50, 16), parts=2, steps=16)
    assert texture.in_range(band, [(50, 70), (40, 60)]) == 0.75
    assert texture.crossings(band) == 0.5


GENRE = Genre(
    "test", "Test", "plain", 100,
    (Part("drums", "drums", 10), Part("bass", "bass", 2, low=28, high=55), Part("keys", "comp", 3, low=48, high=84)),
)  # fmt: skip


def song(seed: int) -> tuple[MelodyRoll, Cells]:
    rng = np.random.default_rng(seed)
    chords = rng.choice([48, 53, 55, 57], 4)
    notes = [(16 * bar, 2, chord + tone, 8) for bar, chord in enumerate(chords) for tone in (0, 4, 7)]
    notes += [(16 * bar, 1, chord - 12, 16) for bar, chord in enumerate(chords)]
    notes += [(step, 0, 42, 1) for step in range(0, 64, 2)]
    sung = melody(*[(int(chord) + 12 + int(rng.choice([0, 4, 7])), 16) for chord in chords])
    return sung, roll(*notes, steps=64, parts=3)


def test_truth_stands_at_closure_one_and_distance_zero_and_a_wrong_song_does_not() -> None:
    band, songs = BandRows.of(GENRE), [song(seed) for seed in range(8)]
    truth = [measure(sung, cells, cells, band) for sung, cells in songs]
    other = [measure(sung, songs[i - 3][1], cells, band) for i, (sung, cells) in enumerate(songs)]
    drone = [
        measure(sung, roll((16, 1, 40, 48), (16, 2, 61, 48), steps=64, parts=3), cells, band) for sung, cells in songs
    ]
    right, wrong, dull = (summarise(system, truth, other) for system in (truth, other, drone))
    assert (right.closure, right.distance) == (1.0, 0.0)
    assert wrong.closure == 0.0
    assert dull.distance > 1.0 > wrong.distance
    assert max(dull.deviations, key=dull.deviations.__getitem__) != "sync"
    assert right.band["bass_on_one"] == 1.0
    assert right.band["drum_pattern"] == 1.0


def test_bar_one_is_not_counted() -> None:
    sung, cells = song(1)
    spoilt = cells.copy()
    spoilt[1:, :16] = 0
    band = BandRows.of(GENRE)
    assert measure(sung, spoilt, cells, band).harmony == measure(sung, cells, cells, band).harmony


def test_groove_is_full_when_bars_repeat_their_rhythm_and_empty_when_they_share_none() -> None:
    steady = roll(*[(step, 0, 60 + step % 5, 2) for step in range(0, 48, 4)], steps=48)
    assert form.groove(steady) == 1.0
    assert form.groove(roll((0, 0, 60, 2), (18, 0, 60, 2))) == 0.0
    assert form.groove(roll((0, 0, 60, 2), (4, 0, 60, 2), (16, 0, 60, 2))) == 0.5
    assert np.isnan(form.groove(roll()))


def test_novelty_is_how_unlike_all_earlier_bars_a_bar_is() -> None:
    one = (0, 0, 60, 4)
    back = roll(one, (20, 0, 61, 4), (32, 0, 60, 4), steps=48)
    assert form.novelty(back) == pytest.approx(0.5)
    assert form.novelty(roll(one, (16, 0, 60, 4))) == pytest.approx(0.0)
