"""What the harmonist learns from, and that the daemon computes what was trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from composerd.generators.tables import net_of
from composerd.music.harmony.encoding import FUTURE_WIDTH, PAST_WIDTH, STYLES
from composerd.music.harmony.net import CHORDS, QUALITY_COUNT, PastStates, log_softmax
from composerd_export.cli import main
from composerd_export.data.corpus import read_corpus
from composerd_export.data.harmony.corpora import songs_of
from composerd_export.data.harmony.examples import PreparedSong, example, piece_of, pieces_of
from composerd_export.data.harmony.written import BLUES, written_songs
from composerd_export.nets.harmonist import TorchHarmonyNet
from composerd_export.onnx.harmonist import followers, to_arrays
from composerd_export.training.harmonist_trainer import train
from make_models import tiny_corpora


def pieces() -> list[PreparedSong]:
    return [piece_of(song) for song in written_songs(6, seed=3)]


def test_written_songs_are_the_same_for_equal_seeds_and_their_blues_goes_to_the_fourth_and_fifth() -> None:
    one, again = written_songs(20, seed=2), written_songs(20, seed=2)
    for first, second in zip(one, again, strict=True):
        assert np.array_equal(first.pitch, second.pitch)
        assert np.array_equal(first.chords, second.chords)
    blues = next(song for song in one if song.title == BLUES[0])
    roots = [(int(root) - int(blues.chords[0, 0])) % 12 for root in blues.chords[::16, 0][:12]]
    assert roots == [0, 0, 0, 0, 5, 5, 0, 0, 7, 5, 0, 0]


def test_songs_without_a_note_or_a_chord_are_not_learned_from() -> None:
    song = written_songs(1, seed=4)[0]
    silent = replace(song, pitch=np.full_like(song.pitch, -1), onset=np.zeros_like(song.onset))
    assert len(pieces_of([song, silent, replace(song, chords=np.full_like(song.chords, -1))])) == 1


def test_an_example_is_the_same_in_every_key() -> None:
    one = written_songs(1, seed=5)[0]
    chords = (one.chords + np.array([5, 0, 5])) % np.array([12, 99, 12])
    higher = replace(one, pitch=np.where(one.pitch >= 0, one.pitch + 5, -1).astype(np.int16), chords=chords)
    for seed in range(40):
        here, there = (example(piece_of(song), np.random.default_rng(seed)) for song in (one, higher))
        if not np.array_equal(here.past, there.past):
            continue  # a key at random is a key at random
        assert np.array_equal(here.target, there.target)
        return
    raise AssertionError("no example had its key from what was heard")


def test_training_lowers_the_loss_and_numpy_says_what_torch_says() -> None:
    losses: list[float] = []
    torch.manual_seed(0)
    net = train(TorchHarmonyNet(16), pieces(), 30, lambda _, loss, __: losses.append(loss), size=4, rate=5e-3)
    assert np.isfinite(losses[-1])
    arrays = to_arrays(net.eval(), followers(pieces()))
    rounded = {name: torch.from_numpy(arrays[name].astype(np.float32)) for name in net.state_dict()}
    net.load_state_dict(rounded)
    dice = np.random.default_rng(1)
    past, future = (dice.random((40, width), np.float32) for width in (PAST_WIDTH, FUTURE_WIDTH))
    found = net_of(arrays, "own.npz")
    with torch.no_grad():
        state = net.fused(
            net.past_states(torch.from_numpy(past)[None]), net.future_states(torch.from_numpy(future)[None]), True
        )
        chords = torch.log_softmax(net.chords(state), -1)[0].numpy()
        asked = torch.arange(40)[None] % CHORDS
        colours = net.colour(state, asked, torch.ones(1, 40, len(STYLES)))[0].numpy()
    mine = found.fused(found.whole_past(past[None]), found.future(future[None]), whole=True)
    assert np.allclose(found.chords(mine)[0], chords, atol=1e-4)
    quality, _ = found.colour(mine[0], np.arange(40) % CHORDS, np.ones(len(STYLES), np.float32))
    assert np.allclose(quality, log_softmax(colours[:, :QUALITY_COUNT]), atol=1e-4)


def test_what_is_kept_of_the_past_goes_on_as_if_all_had_been_worked_out_anew() -> None:
    net = net_of(to_arrays(TorchHarmonyNet(16).eval(), followers(pieces())), "own.npz")
    rows = np.random.default_rng(2).random((2, 60, PAST_WIDTH), np.float32)
    states = PastStates(2, 60, 16)
    net.past(rows[:, :45], states)
    assert np.allclose(net.past(rows[:, 37:], states, 37), net.whole_past(rows), atol=1e-5)


def test_chords_are_read_off_a_corpus_of_bands(tmp_path: Path) -> None:
    corpus = read_corpus(tiny_corpora(tmp_path) / "pop" / "train.npz")
    songs = list(songs_of(corpus, "pop"))
    assert songs
    assert all((song.chords[:, 0] >= 0).any() for song in songs)


def test_the_command_trains_on_a_corpus_of_ones_own_and_says_what_is_wrong(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    data = tiny_corpora(tmp_path) / "pop" / "train.npz"
    out = tmp_path / "own.npz"
    assert main(["fit-harmonist", "--dataset", str(data), "--steps", "1", "-o", str(out)]) == 0
    with np.load(out) as stored:
        assert net_of(dict(stored.items()), "own.npz").follow.shape == (3, 3, 3, 12)
    assert main(["fit-harmonist", "--songs", str(tmp_path / "none.npz"), "-o", str(out)]) == 2
    assert "--songs: " in capsys.readouterr().err
