"""Corpora that lack what a training needs: refused in one line, or trained on as far as they go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from composerd_export.cli import main
from composerd_export.data.corpus import START, TRACK, Corpus, Piece, write_corpus
from make_models import tiny_piece

TRACKS = ("melody", "drums", "bass", "keys")
MELODY, DRUMS, BASS, KEYS = range(4)
Spoil = Callable[[Piece], Piece]
COMMANDS = {
    "train": ("train", "--dataset", "mine", "--epochs", "1", "--width", "16", "--middle", "1", "--batch", "4",
              "--epoch-windows", "32", "--preview-every", "0"),
    "train-groove": ("train-groove", "--datasets", "mine", "--epochs", "1", "--epoch-updates", "1", "--rows", "64"),
    "train-voicing": ("train-voicing", "--datasets", "mine", "--epochs", "1", "--epoch-updates", "1", "--rows", "64",
                      "--bars", "16"),
}  # fmt: skip


def without(*tracks: int) -> Spoil:
    return lambda piece: Piece(piece.notes[~np.isin(piece.notes[:, TRACK], tracks)], piece.bars, piece.meta)


def made_by_rules(piece: Piece) -> Piece:
    return Piece(piece.notes, piece.bars, {**piece.meta, "derived": ["keys"]})


def in_five(piece: Piece) -> Piece:
    return Piece(piece.notes, np.array([(120 * bar, 5, 4, 120) for bar in range(9)], np.int32), piece.meta)


def one_bar_long(piece: Piece) -> Piece:
    return Piece(piece.notes[piece.notes[:, START] < 96], piece.bars[:1], piece.meta)


def one_bar_of_bass(piece: Piece) -> Piece:
    notes = piece.notes
    kept = (notes[:, TRACK] == MELODY) | (notes[:, TRACK] == BASS) & (notes[:, START] < 96)
    return Piece(notes[kept], piece.bars, piece.meta)


def trained(command: str, tmp_path: Path, spoil: Spoil, valid: Spoil | None = None) -> int:
    for split, keys, how in (("train", (0, 1), spoil), ("valid", (2, 3), valid or spoil)):
        pieces = tuple(how(tiny_piece(key)) for key in keys)
        write_corpus(tmp_path / "data" / "mine" / f"{split}.npz", Corpus(TRACKS, pieces))
    return main([*COMMANDS[command], "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")])


NO_MELODY = "found no bars with a melody to train or validate on"
NO_BARS = "found no bar of 4/4 or 3/4 in which a part plays"


@pytest.mark.parametrize(
    ("command", "spoil", "words"),
    [
        ("train", without(MELODY), NO_MELODY),
        ("train", in_five, NO_MELODY),
        ("train", one_bar_long, NO_MELODY),
        ("train-groove", in_five, NO_BARS),
        ("train-voicing", in_five, NO_BARS),
        ("train-groove", without(DRUMS, BASS, KEYS), NO_BARS),
        ("train-voicing", without(DRUMS, BASS, KEYS), NO_BARS),
        ("train-voicing", without(BASS, KEYS), "found no note of a pitched part"),
    ],
)
def test_a_corpus_that_cannot_be_trained_on_is_refused_in_one_line(
    command: str, spoil: Spoil, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(command, tmp_path, spoil) == 2
    error = capsys.readouterr().err
    assert words in error
    assert "mine" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", ["train-groove", "train-voicing"])
def test_the_split_that_lacks_something_is_named(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(command, tmp_path, lambda piece: piece, in_five) == 2
    assert "in the valid split" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "spoil"),
    [
        ("train-groove", made_by_rules),
        ("train-voicing", made_by_rules),
        ("train-groove", without(DRUMS)),
        ("train-groove", without(BASS, KEYS)),
        ("train-groove", without(MELODY)),
        ("train-voicing", without(KEYS)),
        ("train-voicing", one_bar_of_bass),
        ("train", without(DRUMS, KEYS)),
    ],
)
def test_a_corpus_without_some_parts_is_trained_on_as_far_as_it_goes(
    command: str, spoil: Spoil, tmp_path: Path
) -> None:
    assert trained(command, tmp_path, spoil) == 0
    assert (tmp_path / "out" / "best.pt").is_file()
