"""Pieces as training arrays: bars and phases, parts and their stand-ins, chords, and how often pieces are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from composerd.contract.frames import UNKNOWN_PHASE
from composerd.contract.layout import DRUM_CLASSES, DRUMS, MONO, POLY, Track
from composerd.errors import ConfigError
from composerd.music.harmony.labelling import NO_CHORD, chord_of
from composerd.music.roll import HELD, ONSET, REST
from composerd_export.data.corpus import Corpus, Piece, write_corpus
from composerd_export.data.rolls import FEWEST, Rolls, load, straighten, track_cells
from composerd_export.datasets import DATASETS, Dataset

TRACKS = ("melody", "drums", "bass", "guitar", "keys", "strings", "other")
MELODY, DRUM, BASS, GUITAR, KEYS, STRINGS, OTHER = range(7)
PARTS = (
    Track("drums", "drums", DRUMS, 0, 127),
    Track("bass", "bass", MONO, 24, 59),
    Track("guitar", "comp", POLY, 36, 81, polyphony=6),
    Track("keys", "pad", POLY, 36, 88, polyphony=5),
)
DATASET = Dataset(
    "mine",
    "musegan",
    "mine",
    "melody",
    PARTS,
    stand_ins=(("guitar", ("keys", "other")), ("keys", ("strings", "other"))),
)
Row = tuple[int, int, int, int, int]
Bar = tuple[int, int, int]
"""numerator, denominator, ticks"""
FOUR, THREE, TWO, SIX, FIVE = (4, 4, 96), (3, 4, 72), (2, 4, 48), (6, 8, 72), (5, 4, 120)


def piece(rows: Sequence[Row], bars: Sequence[Bar] = (FOUR,) * 4, **meta: object) -> Piece:
    starts = np.cumsum([0, *(length for _, _, length in bars[:-1])]).tolist()
    grid = [(start, *bar) for start, bar in zip(starts, bars, strict=True)]
    return Piece(np.array(sorted(rows), np.int32).reshape(-1, 5), np.array(grid, np.int32), {"id": "a", **meta})


def quarters(pitch: int, track: int, count: int = 16, first: int = 0) -> list[Row]:
    return [(24 * (first + at), 24, pitch, 80, track) for at in range(count)]


def chord(*pitches: int, at: int, length: int, track: int = KEYS) -> list[Row]:
    return [(at, length, pitch, 70, track) for pitch in pitches]


def read(tmp_path: Path, *pieces: Piece, dataset: Dataset = DATASET, **sets: Sequence[Piece]) -> Rolls:
    """The train split of `pieces`, and of further sets by their prefix."""
    for prefix, some in (("", pieces), *sets.items()):
        write_corpus(tmp_path / dataset.folder / f"{prefix}train.npz", Corpus(TRACKS, tuple(some)))
    return load(dataset, tmp_path, "train")


TUNE = quarters(72, MELODY)


def phases(tmp_path: Path, *bars: Bar) -> list[int]:
    return [int(phase) for phase in read(tmp_path, piece(TUNE, bars)).phase]


def test_steps_are_numbered_in_bars_of_four_and_of_three(tmp_path: Path) -> None:
    assert phases(tmp_path, FOUR, THREE, FOUR) == [*range(16), *range(16, 28), *range(16)]


def test_bars_of_two_are_read_in_pairs(tmp_path: Path) -> None:
    assert phases(tmp_path, TWO, TWO, TWO) == [*range(16), *range(8)]
    assert phases(tmp_path, FOUR, TWO, FOUR) == [*range(16), *range(8), *range(16)], "an odd one is cut short"


def test_eighths_in_threes_are_bars_of_twelve_steps(tmp_path: Path) -> None:
    assert phases(tmp_path, SIX, SIX) == [*range(16, 28)] * 2
    assert phases(tmp_path, (3, 8, 36), (3, 8, 36)) == [*range(16, 28)]
    assert phases(tmp_path, (12, 8, 144)) == [*range(16, 28)] * 2


def test_other_bars_have_no_phase_and_the_next_ones_begin_anew(tmp_path: Path) -> None:
    unknown = [UNKNOWN_PHASE]
    assert phases(tmp_path, FOUR, FIVE, FOUR) == [*range(16), *unknown * 20, *range(16)]
    assert phases(tmp_path, TWO, FIVE, TWO, TWO) == [*range(8), *unknown * 20, *range(16)]


def test_bars_beside_the_grid_have_no_phase(tmp_path: Path) -> None:
    assert set(phases(tmp_path, (4, 4, 99), FOUR, FOUR)) == {UNKNOWN_PHASE}


def test_a_part_with_hardly_a_note_is_not_there(tmp_path: Path) -> None:
    few, enough = (quarters(40, BASS, count) for count in (FEWEST, FEWEST + 1))
    assert read(tmp_path, piece([*TUNE, *few])).present[0].tolist() == [False, False, False, False]
    assert read(tmp_path, piece([*TUNE, *enough])).present[0].tolist() == [False, True, False, False]


def sounding(rolls: Rolls, part: int) -> list[int]:
    return (np.flatnonzero(rolls.cells[part].any(0)) + PARTS[part].low).tolist()


def test_another_part_stands_in_for_one_that_a_piece_lacks(tmp_path: Path) -> None:
    strings, other = quarters(64, STRINGS), quarters(67, OTHER)
    rolls = read(tmp_path, piece([*TUNE, *strings, *other]))
    assert sounding(rolls, 2) == [67], "the keys are missing as well, so that `other` is the guitar"
    assert sounding(rolls, 3) == [64]
    assert rolls.present[0].tolist() == [False, False, True, True]


def test_a_part_of_the_net_stands_in_for_no_other_and_none_is_read_twice(tmp_path: Path) -> None:
    keys = quarters(60, KEYS)
    alone = read(tmp_path, piece([*TUNE, *keys]))
    assert sounding(alone, 2) == [], "keys are the keys"
    assert sounding(alone, 3) == [60]
    one = read(tmp_path, piece([*TUNE, *quarters(67, OTHER)]))
    assert (sounding(one, 2), sounding(one, 3)) == ([67], [])


def test_the_melody_is_no_accompaniment(tmp_path: Path) -> None:
    dataset = replace(DATASET, stand_ins=(("guitar", ("melody",)),))
    assert sounding(read(tmp_path, piece(TUNE), dataset=dataset), 2) == []


def test_notes_beyond_a_parts_range_are_moved_by_octaves(tmp_path: Path) -> None:
    rolls = read(tmp_path, piece([*TUNE, *quarters(76, BASS)]))
    assert sounding(rolls, 1) == [52]


def test_drums_are_classes_that_begin_and_never_last() -> None:
    names = [name for name, _, _ in DRUM_CLASSES]
    rows = [(0, 24, 36, 90, 1), (24, 24, 38, 90, 1), (26, 6, 42, 90, 1), (93, 6, 36, 90, 1), (0, 6, 60, 90, 1)]
    cells = track_cells(PARTS[0], np.array(rows, np.int32), 16)
    struck = [(int(step), names[row]) for step, row in np.argwhere(cells).tolist()]
    assert struck[0] == (0, "kick")
    assert (4, "snare") in struck
    assert len(struck) == 3, "a key of no class is left out, and so is what rounds to the next bar"
    assert set(np.unique(cells).tolist()) == {0, ONSET}


def test_a_voice_is_cut_by_its_next_note_and_lasts_no_longer_than_written() -> None:
    rows = [(0, 96, 40, 80, 2), (48, 12, 43, 80, 2)]
    cells = track_cells(PARTS[1], np.array(rows, np.int32), 16)
    assert np.flatnonzero(cells[:, 40 - 24]).tolist() == list(range(8))
    assert cells[:2, 40 - 24].tolist() == [ONSET, HELD]
    assert np.flatnonzero(cells[:, 43 - 24]).tolist() == [8, 9]


def test_a_silent_voice_is_silent() -> None:
    assert not track_cells(PARTS[1], np.zeros((0, 5), np.int32), 16).any()


C, G_SEVEN, A_MINOR = (48, 52, 55), (43, 47, 50, 53), (45, 48, 52)


def test_each_half_bar_has_the_chord_that_sounds_in_it(tmp_path: Path) -> None:
    rows = [
        *TUNE[:8],
        *chord(*C, at=0, length=48),
        *chord(*G_SEVEN, at=48, length=48),
        *chord(*A_MINOR, at=96, length=96),
    ]
    rolls = read(tmp_path, piece(rows, (FOUR,) * 3))
    named = [str(chord_of(int(index))) if index >= 0 else "" for index in rolls.chord[::8]]
    assert named == ["C", "G7", "Am", "Am", "", ""]
    assert rolls.chord_bass[::8].tolist() == [0, 7, 9, 9, -1, -1]
    assert rolls.chord_cell[::8].tolist() == [0, 1, 2, 3, 4, 5]


def test_chords_last_a_beat_where_the_dataset_plans_by_beats(tmp_path: Path) -> None:
    rows = [*TUNE[:4], *chord(*C, at=0, length=24), *chord(*G_SEVEN, at=24, length=24)]
    by_beats = read(tmp_path, piece(rows, (FOUR,)), dataset=replace(DATASET, plan_steps=4))
    assert by_beats.chord_cell.tolist() == np.repeat([0, 1, 2, 3], 4).tolist()
    assert by_beats.chord[0] != by_beats.chord[4]


def test_a_waltz_has_a_chord_a_bar(tmp_path: Path) -> None:
    rows = [*TUNE[:6], *chord(*C, at=0, length=72), *chord(*A_MINOR, at=72, length=72)]
    rolls = read(tmp_path, piece(rows, (THREE, THREE)))
    assert rolls.chord_cell.tolist() == [0] * 12 + [1] * 12


def test_drums_sound_no_chord(tmp_path: Path) -> None:
    rows = quarters(48, DRUM)
    rolls = read(tmp_path, piece([(0, 6, 72, 80, MELODY), *rows]))
    assert set(rolls.chord[8:].tolist()) == {NO_CHORD}


def test_pieces_follow_each_other_and_number_their_chords_on(tmp_path: Path) -> None:
    one, two = piece(TUNE, (FOUR,) * 2, title="one"), piece(TUNE, (THREE,), title="two")
    rolls = read(tmp_path, one, two)
    assert rolls.piece.tolist() == [0] * 32 + [1] * 12
    assert [meta["title"] for meta in rolls.meta] == ["one", "two"]
    assert rolls.chord_cell[[31, 32]].tolist() == [3, 4]


def test_pieces_without_notes_or_bars_are_left_out(tmp_path: Path) -> None:
    empty, no_bars = piece([]), Piece(piece(TUNE).notes, np.zeros((0, 4), np.int32), {})
    assert len(read(tmp_path, empty, no_bars, piece(TUNE)).meta) == 1
    with pytest.raises(ConfigError, match="found no song in mine's train split"):
        read(tmp_path / "other", empty)


def test_genuine_pieces_and_further_sets_are_drawn_by_their_weights(tmp_path: Path) -> None:
    dataset = replace(DATASET, sets=(("", 1.0), ("more_", 0.5), ("none_", 9.0)), genuine_weight=3.0)
    made = piece(TUNE, derived=["bass"])
    rolls = read(tmp_path, piece(TUNE), made, dataset=dataset, more_=(piece(TUNE), made))
    assert rolls.weights.tolist() == [3.0, 1.0, 1.5, 0.5], "a set without a file is left out"


def test_only_so_many_pieces_of_a_set_are_read_as_asked_for(tmp_path: Path) -> None:
    read(tmp_path, *[piece(TUNE)] * 5)
    assert len(load(DATASET, tmp_path, "train", limit=2).meta) == 2


def test_swung_eighths_are_straightened_for_jazz_alone(tmp_path: Path) -> None:
    swung = [(24 * beat + off, 8, 72, 80, MELODY) for beat in range(8) for off in (0, 16)]
    jazz = replace(DATASET, name="jazz")
    for dataset, wanted in ((DATASET, {0, 3}), (jazz, {0, 2})):
        rolls = read(tmp_path / dataset.name, piece(swung, swing=True), dataset=dataset)
        assert set((np.flatnonzero(rolls.melody_onset) % 4).tolist()) == wanted
    assert set((np.flatnonzero(read(tmp_path / "x", piece(swung), dataset=jazz).melody_onset) % 4).tolist()) == {0, 3}


def test_straight_notes_of_whole_beats_and_the_lengths_of_swung_ones_keep_their_bar() -> None:
    bars = np.array([(0, 3, 4, 72), (72, 4, 4, 96)], np.int32)
    notes = np.array([(72, 24, 60, 80, 0), (72 + 16, 32, 60, 80, 0), (100, 4, 60, 80, 0)], np.int32)
    moved = straighten(notes, bars)
    assert moved[:, 0].tolist() == [72, 84, 99]
    assert moved[:, 1].tolist() == [24, 36, 3]
    shortest = np.array([(100, 1, 60, 80, 0)], np.int32)
    assert straighten(shortest, bars)[0, 1] == 1, "no note vanishes"


def test_the_melody_is_the_datasets_own_track_and_lies_in_midis_range(tmp_path: Path) -> None:
    rolls = read(tmp_path, piece([*TUNE, *quarters(60, KEYS)]), dataset=replace(DATASET, melody="keys"))
    assert set(rolls.melody.tolist()) == {60}
    rests = read(tmp_path / "rest", piece(quarters(72, MELODY, 4), (FOUR,) * 2))
    assert rests.melody[16:].tolist() == [REST] * 16


def test_every_dataset_of_ours_names_tracks_that_may_stand_in_once() -> None:
    for dataset in DATASETS.values():
        own = {track.name for track in dataset.tracks}
        assert {name for name, _ in dataset.stand_ins} <= own
        assert all(source in own for track in dataset.tracks for source in track.sources)
