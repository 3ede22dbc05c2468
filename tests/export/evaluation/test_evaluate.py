from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from composerd.contract.card import Card, Grid
from composerd.contract.layout import Track
from composerd.errors import ConfigError
from composerd.library.genre_files import load_genre
from composerd.music.genre import Genre
from composerd.music.harmony.labelling import KeyFit
from composerd.music.roll import ONSET
from composerd_export.cli import main
from composerd_export.data.corpus import BAND_TRACKS, Corpus, Piece, write_corpus
from composerd_export.datasets import DATASETS
from composerd_export.evaluation.baselines import (
    NearestNeighbour,
    another_song,
    another_song_in_key,
    fitted,
    others,
    shifted,
    transposed,
)  # fmt: skip
from composerd_export.evaluation.diversity import between_seeds, between_songs
from composerd_export.evaluation.generators import band_for
from composerd_export.evaluation.songs import SongClip, choose, tracks_of
from composerd_export.training.checkpoint import save_checkpoint
from composerd_export.training.hyperparameters import Hyper, preset
from make_models import tiny_checkpoint

MELODY, DRUMS, BASS, GUITAR, KEYS = range(5)
GENRE: Genre = load_genre("rock")
SCALE = (0, 2, 4, 5, 7, 9, 11)
ROOTS = (0, 5, 7, 9)


def piece(seed: int, bars: int = 12, key: int = 0) -> Piece:
    """Four chords, a melody of their tones and neighbours, a band."""
    rng = np.random.default_rng(seed)
    notes: list[tuple[int, int, int, int, int]] = []
    for bar in range(bars):
        root, at = key + int(rng.choice(ROOTS)), 96 * bar
        tones = [root, root + (3 if (root - key) % 12 == 9 else 4), root + 7]
        notes += [(at + 24 * beat, 24, 60 + int(rng.choice(tones)), 80, MELODY) for beat in range(4)]
        notes += [(at + 24 * beat, 20, 36 + root, 80, BASS) for beat in range(0, 4, 2)]
        notes += [(at + 12 * eighth, 12, 48 + tone, 80, GUITAR) for eighth in range(8) for tone in tones]
        notes += [(at, 96, 60 + tone, 80, KEYS) for tone in tones]
        notes += [(at + 12 * eighth, 1, 42, 80, DRUMS) for eighth in range(8)]
    grid = [(96 * bar, 4, 4, 96) for bar in range(bars)]
    rows = np.array(sorted(notes), np.int32)
    return Piece(rows, np.array(grid, np.int32), {"id": f"song{seed}", "bpm": 100.0, "derived": ["keys"] * (seed % 2)})


def corpus(count: int = 6, first: int = 0) -> Corpus:
    return Corpus(BAND_TRACKS, tuple(piece(first + seed, key=seed % 5) for seed in range(count)))


def songs(count: int = 6, bars: int = 8) -> list[SongClip]:
    found = corpus()
    return choose(found, GENRE, tracks_of(GENRE, found), count, bars)


def test_songs_are_clips_of_different_pieces_first_and_of_the_same_ones_later() -> None:
    chosen = songs(9, 4)
    assert len({song.work for song in chosen[:6]}) == 6
    assert len({song.name for song in chosen}) == 9
    assert all(song.steps == 64 and song.cells.shape == (4, 64, 128) for song in chosen)
    assert [song.name for song in songs(9, 4)] == [song.name for song in chosen]


def test_clips_have_a_melody_a_band_and_begin_with_onsets() -> None:
    for song in songs():
        assert song.melody.onset[0]
        assert ((song.cells[:, 0] == ONSET) == (song.cells[:, 0] != 0)).all()
    silent = Piece(piece(1).notes[piece(1).notes[:, 4] != MELODY], piece(1).bars, {"id": "silent"})
    alone = Piece(piece(1).notes[piece(1).notes[:, 4] <= BASS], piece(1).bars, {"id": "alone"})
    poor = Corpus(BAND_TRACKS, (silent, alone))
    assert choose(poor, GENRE, tracks_of(GENRE, poor), 4) == []


def test_genuine_leaves_out_generated_parts() -> None:
    found = corpus()
    chosen = choose(found, GENRE, tracks_of(GENRE, found), 10, genuine=True)
    assert {song.work for song in chosen} == {"song0", "song2", "song4"}


def test_pairs_of_two_four_bars_are_read_as_four_four() -> None:
    four = piece(0)
    bars = np.array([(48 * bar, 2, 4, 48) for bar in range(24)], np.int32)
    found = Corpus(BAND_TRACKS, (Piece(four.notes, bars, {"id": "march"}),))
    assert [song.name for song in choose(found, GENRE, tracks_of(GENRE, found), 3)] == ["march@0"]


def test_another_song_is_fitted_in_a_cycle_and_never_of_the_same_work() -> None:
    chosen = songs()
    for index, song in enumerate(chosen):
        strangers = others(chosen, index)
        assert len(strangers) == 4
        assert all(stranger.work != song.work for stranger in strangers)
    assert fitted(chosen[0].cells[:, :48], 128)[:, 96:].tolist() == chosen[0].cells[:, :32].tolist()
    with pytest.raises(ValueError, match="two works"):
        others(chosen[:1], 0)


def test_another_song_in_key_moves_into_the_melodys_key_and_leaves_the_drums() -> None:
    one, two = songs()[:2]
    moved = another_song_in_key(one, two, (1, 2, 3))
    shift = (one.key.tonic - two.key.tonic - 3 * (two.key.minor - one.key.minor)) % 12
    plain = another_song(one, two)
    assert (moved[0] == plain[0]).all()
    assert {int(p - shift) % 12 for p in np.nonzero(moved[1])[1]} == {int(p) % 12 for p in np.nonzero(plain[1])[1]}


def test_transposed_notes_never_wrap_around() -> None:
    cells = np.zeros((1, 1, 128), np.uint8)
    cells[0, 0, [0, 127]] = ONSET
    assert np.nonzero(transposed(cells, 3, (0,))[0, 0])[0].tolist() == [3]
    assert np.nonzero(transposed(cells, -3, (0,))[0, 0])[0].tolist() == [124]


def test_a_shifted_song_is_a_bar_late() -> None:
    song = songs()[0]
    assert (shifted(song)[:, 16:] == song.cells[:, :-16]).all()


def test_the_nearest_neighbour_of_a_known_song_in_another_key_is_that_song() -> None:
    known = Corpus(BAND_TRACKS, tuple(piece(seed) for seed in range(4)))
    moved = Corpus(BAND_TRACKS, (piece(2, key=3),))
    tracks = tracks_of(GENRE, known)
    song = choose(moved, GENRE, tracks, 1)[0]
    played = NearestNeighbour.learn(known, GENRE, tracks).accompany(song)
    agree = (played[1:] == song.cells[1:]).mean()
    assert agree > 0.98
    assert played.shape == song.cells.shape


def test_songs_in_other_keys_are_compared_in_one() -> None:
    one = songs()[0]
    up = SongClip(
        "up", "other work", one.melody, transposed(one.cells, 4, (1, 2, 3)), one.bpm,
        KeyFit((one.key.tonic + 4) % 12, one.key.minor, 1.0),
    )  # fmt: skip
    assert between_songs([one, up], [one.cells, up.cells], (1, 2, 3)) == pytest.approx(1.0)
    assert between_songs([one, up], [one.cells, one.cells], (1, 2, 3)) < 0.9
    assert between_seeds([one.cells], [one.cells], (1, 2, 3)) == pytest.approx(1.0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_corpus(tmp_path / "data" / "rock" / "train.npz", corpus(4, 10))
    write_corpus(tmp_path / "data" / "rock" / "valid.npz", corpus(4))
    return tmp_path / "data"


def test_evaluate_puts_the_rules_beside_human_music(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "table.json", tmp_path / "table.png"]
    options = ["--json", str(files[0]), "--plot", str(files[1]), "--rolls", str(tmp_path / "rolls")]
    command = ["evaluate", "plain", "--dataset", "rock", "--data", str(data), "--songs", "3", "--bars", "4", *options]
    assert main(command) == 0
    table = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in table[1:11]] == [
        "human", "other people", "another song", "another song in key", "shifted by a bar",
        "nearest neighbour (phrase)", "plain (jam)", "plain (phrase)", "plain unguarded (jam)",
        "plain unguarded (phrase)",
    ]  # fmt: skip
    found = json.loads(files[0].read_text())
    rows = {(row["name"], row["mode"]): row["values"] for row in found["rows"]}
    assert rows["human", ""]["closure"] == 1.0
    assert rows["human", ""]["human"] == 0.0
    assert rows["other people", ""]["human"] > 0.0, "clips of the other half"
    assert rows["another song", ""]["closure"] == 0.0
    assert rows["plain", "phrase"]["closure"] > 0.8
    assert rows["plain", "jam"]["ms"] > 0
    assert found["about"]["dataset"] == "rock"
    assert files[1].read_bytes()[:4] == b"\x89PNG"
    assert len(list((tmp_path / "rolls").glob("*.png"))) == 3


def test_models_beside_have_the_names_they_are_given(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_corpus(data / "pop" / "train.npz", corpus(4, 10))
    write_corpus(data / "pop" / "valid.npz", corpus(4))
    hyper = Hyper.from_json({**tiny_checkpoint().hyper.to_json(), **preset("wgan-gp", "pop"), "epochs": 2})
    save_checkpoint(replace(tiny_checkpoint(tracks=DATASETS["pop"].tracks), hyper=hyper), tmp_path / "best.pt")
    options = [
        "--data",
        str(data),
        "--songs",
        "2",
        "--bars",
        "4",
        "--mode",
        "phrase",
        "--json",
        str(tmp_path / "t.json"),
    ]
    beside = f"a gan={tmp_path / 'best.pt'}"
    assert main(["evaluate", "plain", "--dataset", "pop", *options, "--no-baselines", "--beside", beside]) == 0
    assert "a gan (phrase)" in capsys.readouterr().out
    about = json.loads((tmp_path / "t.json").read_text())["about"]
    assert about["command"] == (
        "composerd-export evaluate plain --dataset pop --songs 2 --bars 4 --mode phrase --no-baselines "
        f"--beside '{beside}'"
    )
    assert about["trained"]["a gan"].startswith(
        "composerd-export train --dataset pop --model musegan --recipe wgan-gp --epochs 2 "
    )
    assert about["trained"]["a gan"].endswith(f" --out {tmp_path}")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["plain", "--dataset", "polka"], "--dataset"),
        (["plain", "--dataset", "rock", "--songs", "1"], "--songs"),
        (["plain", "--dataset", "rock", "--creativity", "7"], "--creativity"),
        (["missing.onnx", "--dataset", "rock"], "missing.onnx"),
        (["plain", "--dataset", "rock", "--split", "test"], "test.npz"),
    ],
)
def test_mistakes_are_one_line(data: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *options, "--data", str(data)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_evaluating_twice_gives_the_same_figures(data: Path, tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.json"
        main(["evaluate", "plain", "--dataset", "rock", "--data", str(data), "--songs", "3", "--json", str(path)])
        rows = json.loads(path.read_text())["rows"]
        found.append([{**row, "values": {**row["values"], "ms": 0}} for row in rows])
    assert found[0] == found[1]


def test_several_takes_of_a_song_come_to_their_mean(data: Path, tmp_path: Path) -> None:
    def onsets(*options: str) -> float:
        path = tmp_path / "found.json"
        fixed = ["--dataset", "rock", "--data", str(data), "--songs", "3", "--mode", "phrase", "--no-unguarded"]
        main(["evaluate", "plain", *fixed, *options, "--json", str(path)])
        row = next(row for row in json.loads(path.read_text())["rows"] if row["name"] == "plain")
        return float(row["values"]["on/bar"])

    both, first, second = onsets("--takes", "2"), onsets(), onsets("--seed", "1")
    assert first != second
    assert both == pytest.approx((first + second) / 2, abs=1e-3)


def test_the_trials_and_the_sweep_are_played(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--songs", "2", "--bars", "4", "--no-baselines", "--no-unguarded", "--mode", "phrase"]
    command = ["evaluate", "plain", "--dataset", "rock", "--data", str(data), *options]
    assert main([*command, "--sweep", "--seeds", "--trials"]) == 0
    said = capsys.readouterr().out
    assert [line.split("  ")[0] for line in said.splitlines() if " at " in line] == [
        f"plain at {creativity:g} (phrase)" for creativity in (0, 0.25, 0.5, 0.75, 1)
    ]
    assert "the lowest octave   ok" in said
    assert "nothing             silent" in said, "the band waits for the first key"


def test_a_dataset_without_a_page_takes_the_bands_parts_from_the_card() -> None:
    tracks = (Track("drums", "drums", "drums", 0, 127), Track("bass", "bass", "mono", 28, 52, program=33))
    card = Card(name="m", family="musegan", genre="polka", tracks=tracks, inputs=(), outputs=(), grid=Grid())
    genre = band_for("polka", card)
    assert [(part.name, part.channel, part.low, part.high) for part in genre.parts] == [
        ("drums", 10, 0, 127), ("bass", 2, 28, 52),
    ]  # fmt: skip
    assert genre.problems() == []
    with pytest.raises(ConfigError, match="polka"):
        band_for("polka", None)


def test_a_song_is_read_bar_by_bar(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--songs", "2", "--bars", "4", "--no-baselines", "--mode", "phrase", "--read", "1"]
    assert main(["evaluate", "plain", "--dataset", "rock", "--data", str(data), *options]) == 0
    said = capsys.readouterr().out.splitlines()
    bars = [line for line in said if line.startswith("  1 |")]
    assert len(bars) == 3
    assert "drums 8 bass 2 guitar 24 keys 3" in bars[0]
    assert "clash" not in bars[0]
