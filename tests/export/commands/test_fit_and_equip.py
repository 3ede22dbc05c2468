"""`fit-harmonist`, `equip`, `verify` and `train`: what they write and say, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from composerd.errors import ConfigError
from composerd.generators.session import load_model
from composerd.generators.tables import net_of
from composerd_export.cli import COMMANDS, main
from composerd_export.commands.small_training import datasets_of, hyper_of
from composerd_export.commands.train import device_named, sources
from composerd_export.data.rolls import load
from composerd_export.datasets import DATASETS, dataset_named
from composerd_export.nets.voicing import VoicingNet, VoicingSize
from composerd_export.onnx.groove import entry_of
from composerd_export.onnx.harmonist import from_arrays, shipped_arrays, write
from composerd_export.training.groove_trainer import GrooveHyper
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint
from composerd_export.training.voicing_trainer import VoicingHyper
from make_models import tiny_corpora, tiny_groove, tiny_model

BAR = 96


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_corpora(tmp_path_factory.mktemp("data"))


def songs(path: Path) -> Path:
    """A song of two bars over C and F."""
    about = [{"id": "one", "source": "POP909 001"}]
    np.savez(
        path, meta=np.frombuffer(json.dumps({"pieces": about}).encode(), np.uint8), bar_ptr=np.array([0, 2]),
        blen=np.array([BAR, BAR]), bnum=np.array([4, 4]), bden=np.array([4, 4]), note_ptr=np.array([0, 8]),
        don=np.array([0] + [24] * 7), dur=np.full(8, 24), pitch=np.array([60, 64, 67, 64, 65, 69, 72, 69]),
        cseg_ptr=np.array([0, 2]), cdel=np.array([0, 0]), clen=np.array([BAR, BAR]), croot=np.array([0, 5]),
        cqual=np.array([0, 0]), cbass=np.array([0, 5]),
    )  # fmt: skip
    return path


def error(capsys: pytest.CaptureFixture[str]) -> str:
    line = capsys.readouterr().err
    assert line.startswith("composerd-export: ")
    assert line.count("\n") == 1
    return line


# -- fit-harmonist


def test_a_harmonist_is_trained_on_songs_and_written_songs_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "own.npz"
    assert main(["fit-harmonist", "--songs", str(songs(tmp_path / "s.npz")), "--steps", "1", "-o", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("step 1 of 1, loss ")
    assert said[1].startswith(f"{out}: 601 songs, ")
    with np.load(out) as stored:
        arrays = dict(stored.items())
    assert set(arrays) == set(shipped_arrays())
    assert arrays["past_in.bias"].shape == shipped_arrays()["past_in.bias"].shape, "it goes on from the shipped one"
    net_of(arrays, "own.npz")


def test_one_step_from_the_shipped_net_changes_it_a_little(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.npz"
    corpus = str(data / "pop" / "train.npz")
    assert main(["fit-harmonist", "--dataset", corpus, "--steps", "1", "-o", str(out)]) == 0
    shipped = from_arrays(shipped_arrays()).state_dict()
    with np.load(out) as stored:
        own = from_arrays(dict(stored.items())).state_dict()
    apart = max(float((own[name] - value).abs().max()) for name, value in shipped.items())
    assert 0 < apart < 0.05


def test_equal_seeds_fit_equal_harmonists(data: Path, tmp_path: Path) -> None:
    corpus, found = str(data / "bach" / "train.npz"), []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        out = tmp_path / f"{name}.npz"
        words = ["--dataset", corpus, "--style", "hymn", "--per-beat", "--steps", "1", "--seed", seed, "-o", str(out)]
        assert main(["fit-harmonist", *words]) == 0
        with np.load(out) as stored:
            found.append({key: stored[key] for key in stored.files})
    assert all(np.array_equal(found[0][key], found[1][key]) for key in found[0])
    assert any(not np.array_equal(found[0][key], found[2][key]) for key in found[0])


@pytest.mark.parametrize("words", [(), ("--fresh",)])
def test_without_a_song_nothing_is_trained_or_written(
    tmp_path: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "own.npz"
    assert main(["fit-harmonist", *words, "--steps", "1", "-o", str(out)]) == ConfigError.status
    assert "--songs, --dataset: found no song with a melody and chords, expected at least one" in error(capsys)
    assert not out.parent.exists()


def test_arrays_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "own.npz"
    write(path, {"a": np.arange(3)})
    before = path.read_bytes()
    with pytest.raises(ValueError, match="allow_pickle"):
        write(path, {"a": np.array([object()])})
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["own.npz"]


# -- equip and verify


def voicing(path: Path) -> Path:
    torch.manual_seed(5)
    from composerd.contract.voicing_layout import VoicingLayout
    from layouts import BAND

    layout, hyper = VoicingLayout(BAND, ("pop",)), VoicingHyper(size=VoicingSize(4, 8, 0.0))
    VoicingCheckpoint(BAND, ("pop",), hyper, VoicingNet(layout, hyper.size).state_dict()).save(path)
    return path


def test_a_voicing_net_is_put_in_beside_the_groove_net_which_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tiny_model(tmp_path / "pop.onnx")
    before = entry_of(path)
    assert load_model(path).voicing is None
    assert main(["equip", str(path), "--voicing", str(voicing(tmp_path / "v.pt"))]) == 0
    assert capsys.readouterr().out.startswith(f"{path}: ")
    model = load_model(path)
    assert model.voicing is not None
    assert entry_of(path) == before
    assert model.card.checksum != "0" * 64


def test_several_files_are_equipped_at_once_and_each_has_its_own_name(tmp_path: Path) -> None:
    files = [tiny_model(tmp_path / f"{name}.onnx") for name in ("a", "b")]
    tiny_groove().save(tmp_path / "g.pt")
    assert main(["equip", *map(str, files), "--groove", str(tmp_path / "g.pt")]) == 0
    assert [load_model(file).card.name for file in files] == ["a", "b"]


def test_a_file_whose_card_is_none_is_refused_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import onnx

    path = tiny_model(tmp_path / "pop.onnx")
    model = onnx.load(str(path))
    del model.metadata_props[:]
    path.write_bytes(before := model.SerializeToString())
    assert main(["equip", str(path), "--voicing", str(voicing(tmp_path / "v.pt"))]) == ConfigError.status
    assert "pop.onnx: card is not JSON" in error(capsys)
    assert path.read_bytes() == before


def test_a_file_is_verified_without_its_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tiny_model(tmp_path / "m.onnx", "mine")
    assert main(["verify", str(path)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{path}: card, checksum and session agree, ")
    assert "torch and ONNX" not in said


# -- options and data of trainings


def test_the_device_is_the_processor_where_there_is_no_other() -> None:
    assert device_named("cpu") == "cpu"
    if torch.cuda.is_available():
        assert device_named("auto") == device_named("cuda") == "cuda"
    else:
        assert device_named("auto") == "cpu"
        with pytest.raises(ConfigError, match="--device: found cuda, but torch sees no such device"):
            device_named("cuda")


def test_the_card_counts_pieces_by_source_and_licence(data: Path) -> None:
    rolls = load(DATASETS["pop"], data, "train")
    assert sources(rolls) == [{"source": "made up", "licence": "CC0-1.0", "pieces": 4}]


def options(**given: Any) -> Any:
    import argparse

    usual: dict[str, Any] = dict.fromkeys(("epochs", "epoch_updates", "learning_rate", "weight_decay", "seed", "rows"))
    return argparse.Namespace(**{**usual, "parts": "pop", **given})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"epochs": 0}, "--epochs: found 0, expected a number above 0"),
        ({"learning_rate": -0.1}, "--learning-rate: found -0.1, expected a number above 0"),
        ({"weight_decay": float("inf")}, "--weight-decay: found inf, expected a number above 0"),
        ({"seed": 2**31}, "--seed: found 2147483648, expected 0 to 2147483647"),
        ({"rows": 1.5}, "--rows: found 1.5, expected a number from 0 to 1"),
    ],
)
def test_a_hyperparameter_out_of_its_bounds_is_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as told:
        hyper_of(options(**given), GrooveHyper(), {"rows": "share of something"})
    assert str(told.value) == words


def test_given_hyperparameters_replace_the_usual_ones_and_no_others() -> None:
    found = hyper_of(options(epochs=3, seed=0, rows=64), GrooveHyper(), {"rows": "steps"})
    assert (found.epochs, found.seed, found.rows) == (3, 0, 64)
    assert found.learning_rate == GrooveHyper().learning_rate


def test_datasets_go_together_by_number_and_kind_of_their_parts(data: Path) -> None:
    names = [one.name for one in datasets_of(options(datasets=["rock", "pop", "jazz"]), data)]
    assert names == ["rock", "pop", "jazz"]
    with pytest.raises(ConfigError, match="parts are of like number and kind"):
        datasets_of(options(datasets=["rock", "symphony"]), data)
    with pytest.raises(ConfigError, match="found jazz twice"):
        datasets_of(options(datasets=["jazz", "pop", "jazz"]), data)


def test_a_corpus_of_ones_own_has_the_parts_of_a_genre_and_no_further_sets(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "train.npz").write_bytes(b"")
    found = dataset_named("mine", tmp_path, "jazz")
    assert (found.name, found.folder, found.sets, found.genuine_weight) == ("mine", "mine", (("", 1.0),), 1.0)
    assert found.tracks == DATASETS["jazz"].tracks
    assert dataset_named("rock", tmp_path, "jazz") is DATASETS["rock"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_subcommand_tells_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert said.startswith(f"usage: composerd-export {name} ")
    assert COMMANDS[name][1] in " ".join(said.split())
