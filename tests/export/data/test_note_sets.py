"""Corpora as notes: what each part sounds and begins, packed in bits, with chords, melody and bars of all datasets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from composerd.contract.layout import DRUMS
from composerd.contract.voicing_layout import MANNER, manner_of
from composerd.errors import ConfigError
from composerd.music.harmony.labelling import NO_CHORD
from composerd.music.roll import ONSET, PITCHES
from composerd_export.data.bars import textures
from composerd_export.data.corpus import TRACK, Corpus, Piece, write_corpus
from composerd_export.data.notes import NoteSet, manners, read_notes
from composerd_export.data.rolls import Rolls, load
from composerd_export.datasets import DATASETS
from layouts import BAND
from make_models import tiny_corpora, tiny_piece

POP = replace(DATASETS["pop"], tracks=BAND)
BASS, KEYS = range(2)
STEPS = 12 * 16
"""of a piece"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_corpora(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def notes(data: Path) -> NoteSet:
    return read_notes([POP], data, "train")


@pytest.fixture(scope="module")
def rolls(data: Path) -> Rolls:
    return load(POP, data, "train")


def unpacked(found: NoteSet, part: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.unpackbits(found.tape.sounding[part], axis=-1)


def test_what_sounds_is_what_the_rolls_have_in_their_ranges(notes: NoteSet, rolls: Rolls) -> None:
    pitched = [index for index, track in enumerate(BAND) if track.kind != DRUMS]
    assert notes.tape.sounding.shape == (2, 4 * STEPS, PITCHES // 8)
    for part, index in enumerate(pitched):
        track, sounds = BAND[index], unpacked(notes, part)
        assert np.array_equal(sounds[:, track.low : track.high + 1] > 0, rolls.cells[index] > 0)
        assert not sounds[:, : track.low].any()
        assert not sounds[:, track.high + 1 :].any()


def test_notes_begin_where_the_rolls_have_onsets(notes: NoteSet, rolls: Rolls) -> None:
    every = np.arange(len(notes.tape.chord))
    for part, index in ((BASS, 1), (KEYS, 2)):
        struck, track = notes.struck(part, every), BAND[index]
        assert np.array_equal(struck[:, track.low : track.high + 1] > 0, rolls.cells[index] == ONSET)
        begins = struck.any(1) & (notes.tape.chord != NO_CHORD)
        assert np.array_equal(notes.begins[part], begins)
        assert np.array_equal(notes.tape.strikes[part], np.flatnonzero(begins))
        assert np.array_equal(notes.voices[part], unpacked(notes, part).sum(1))


def test_the_bass_plays_quarters_and_the_keys_a_chord_a_bar(notes: NoteSet) -> None:
    assert notes.tape.strikes[BASS][:5].tolist() == [0, 4, 8, 12, 16]
    assert notes.tape.strikes[KEYS][:3].tolist() == [0, 16, 32]
    assert set(notes.voices[BASS].tolist()) == {1}
    assert set(notes.voices[KEYS].tolist()) == {3}
    assert np.flatnonzero(notes.struck(KEYS, np.array([16]))[0]).tolist() == [65, 69, 72]


def test_chords_have_their_age_and_the_next_chord_within_a_piece(notes: NoteSet) -> None:
    tape = notes.tape
    assert tape.begun[:18].tolist() == [*range(16), 0, 1]
    assert (tape.following[0], tape.follows[0]) == (tape.chord[16], 16)
    assert tape.follows[15] == 1
    assert tape.following[STEPS - 1] == NO_CHORD, "the next piece is no chord to come"
    assert tape.begun[STEPS] == 0


def test_melody_and_phases_are_those_of_the_rolls(notes: NoteSet, rolls: Rolls) -> None:
    assert np.array_equal(notes.tape.melody, rolls.melody)
    assert np.array_equal(notes.tape.onset, rolls.melody_onset)
    assert np.array_equal(notes.tape.phase, rolls.phase)
    assert np.array_equal(notes.tape.bass, rolls.sheet_bass)


def test_the_bars_are_those_of_the_groove_nets_set(notes: NoteSet) -> None:
    assert len(notes.bars) == 4 * 12
    assert notes.bars.start[:3].tolist() == [0, 16, 32]
    assert notes.layout.genres == ("pop",)
    assert notes.bars.layout.genres == ("pop",)
    assert notes.layout.pitched == BAND[1:]


def test_two_datasets_follow_each_other_with_ranges_of_their_own(data: Path) -> None:
    lower = (*BAND[:2], type(BAND[2])("keys", "comp", BAND[2].kind, 31, 72, polyphony=4, sources=("bass",)))
    both = read_notes([POP, replace(POP, name="low", tracks=lower)], data, "train", limit=1)
    assert both.tape.sounding.shape[1] == 2 * STEPS
    assert both.bars.genre.tolist() == [0] * 12 + [1] * 12
    here, there = (np.flatnonzero(both.struck(KEYS, np.array([at]))[0]) for at in (16, STEPS + 16))
    assert here.tolist() == [65, 69, 72]
    assert sorted(there % 12) == sorted(here % 12)
    assert there.max() <= 72
    assert both.tape.strikes[BASS][-1] >= STEPS


def test_only_so_many_pieces_are_read_as_asked_for(data: Path) -> None:
    assert read_notes([POP], data, "train", limit=2).tape.sounding.shape[1] == 2 * STEPS
    assert read_notes([POP], data, "valid").tape.sounding.shape[1] == 2 * STEPS


@pytest.mark.parametrize(
    ("tracks", "words"),
    [((0, 1), "pop: found no note of a pitched part in the train split"),
     ((0,), "pop: found no bar of 4/4 or 3/4 in which a part plays")],
)  # fmt: skip
def test_a_corpus_without_a_note_to_learn_from_names_dataset_and_split(
    tmp_path: Path, tracks: tuple[int, ...], words: str
) -> None:
    whole = tiny_piece(0)
    piece = Piece(whole.notes[np.isin(whole.notes[:, TRACK], tracks)], whole.bars, whole.meta)
    write_corpus(tmp_path / "pop" / "train.npz", Corpus(("melody", "drums", "bass", "keys"), (piece,)))
    with pytest.raises(ConfigError, match=words):
        read_notes([POP], tmp_path, "train")


def test_a_missing_split_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"train\.npz: no such corpus file"):
        read_notes([POP], tmp_path, "train")


def test_a_piece_has_one_manner_of_each_part(notes: NoteSet) -> None:
    """The keys' triads of a chord a bar never repeat, the bass repeats the root three times of four."""
    assert notes.manner.shape == (len(notes.bars), 2, len(MANNER))
    assert (notes.manner == notes.manner[:1]).all(0)[:, [0, 2]].all(), "all pieces are alike but for their key"
    size, _, repeats = notes.manner[0, KEYS]
    assert (size, repeats) == (manner_of(BAND[2], 3.0, 0.0, 0.0)[0], 0)
    size, _, repeats = notes.manner[0, BASS]
    assert (size, repeats) == (0, manner_of(BAND[1], 1.0, 0.0, 0.75)[2])


def test_the_register_of_a_manner_is_where_in_the_parts_range_it_plays() -> None:
    keys = BAND[2]
    classes = [manner_of(keys, 1.0, pitch, 0.0)[1] for pitch in (keys.low, (keys.low + keys.high) / 2, keys.high)]
    assert classes == sorted(set(classes))
    assert (classes[0], classes[-1]) == (0, MANNER[1] - 1)


def test_manners_are_of_the_pieces_whose_textures_the_groove_net_has(notes: NoteSet) -> None:
    (genre,) = manners(notes)
    assert len(genre) == len(textures(notes.bars)[0]) == 4
    assert genre[0] == notes.manner[0].tolist()
