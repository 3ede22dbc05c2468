"""From a checkpoint to a file that the daemon plays, and back to torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from composerd.contract.card import KEY
from composerd.errors import ComposerdError, ConfigError, ModelError
from composerd.generators.session import load_model
from composerd_export.cli import main
from composerd_export.onnx.examples import examples_of
from composerd_export.onnx.harmonist import shipped_arrays, write
from composerd_export.onnx.verify import TOLERANCE, difference, verify
from composerd_export.onnx.writer import packed_harmonist, write_model
from composerd_export.training.checkpoint import load_checkpoint, save_checkpoint
from layouts import BAND, CHORALE
from make_models import tiny_checkpoint, tiny_corpora, tiny_groove, tiny_model


@pytest.mark.parametrize(("genre", "family", "tracks"), [("pop", "musegan", BAND), ("bach", "unet", CHORALE)])
def test_torch_and_the_file_agree_at_every_length(tmp_path: Path, genre: str, family: str, tracks: tuple) -> None:  # type: ignore[type-arg]
    point = tiny_checkpoint(genre, family, tracks)
    write_model(point, tmp_path / "m.onnx", tiny_groove(genre, tracks))
    real = examples_of(point, tiny_corpora(tmp_path / "data"))
    assert difference(load_model(tmp_path / "m.onnx"), point, real) < TOLERANCE


def test_the_card_of_a_file_says_what_the_checkpoint_is(tmp_path: Path) -> None:
    point = replace(tiny_checkpoint(), data=[{"source": "mine", "licence": "CC0-1.0", "pieces": 3}])
    written = write_model(point, tmp_path / "mine.onnx", tiny_groove())
    card = load_model(tmp_path / "mine.onnx").card
    assert (card.name, card.family, card.genre, card.tracks) == ("mine", "musegan", "pop", BAND)
    assert card.data == tuple(point.data)
    assert card.hyperparameters == point.hyper.to_json()
    assert card.parameters == written.parameters == sum(value.numel() for value in point.net().parameters())
    assert card.multiply_accumulates > 0
    assert len(card.checksum) == 64


def test_equal_checkpoints_make_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        tiny_model(tmp_path / name / "m.onnx")
    assert (tmp_path / "a" / "m.onnx").read_bytes() == (tmp_path / "b" / "m.onnx").read_bytes()


def test_the_net_in_the_file_drops_nothing(tmp_path: Path) -> None:
    """The exporter restores a training net's dropout; a file with it would answer differently every time."""
    tiny_model(tmp_path / "m.onnx")
    assert "Dropout" not in {node.op_type for node in onnx.load(tmp_path / "m.onnx").graph.node}


def test_verify_accepts_a_good_file_and_says_what_it_did(tmp_path: Path) -> None:
    point, real = tiny_checkpoint("mine"), examples_of(tiny_checkpoint(), tiny_corpora(tmp_path / "data"))
    write_model(point, tmp_path / "m.onnx", tiny_groove())
    said = verify(tmp_path / "m.onnx", point, real)
    for words in ("checksum and session agree", "torch and ONNX differ by", "notes played", "ms a run"):
        assert words in said


def test_verify_refuses_another_nets_file(tmp_path: Path) -> None:
    tiny_model(tmp_path / "m.onnx")
    other = tiny_checkpoint(seed=2)
    with pytest.raises(ComposerdError, match="torch and ONNX differ by"):
        verify(tmp_path / "m.onnx", other, examples_of(other, tiny_corpora(tmp_path / "data")))


def test_verify_refuses_a_tampered_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tiny_model(tmp_path / "m.onnx")
    model = onnx.load(path)
    weights = next(tensor for tensor in model.graph.initializer if tensor.data_type == onnx.TensorProto.INT8)
    weights.raw_data = bytes(len(weights.raw_data))
    path.write_bytes(model.SerializeToString())
    assert main(["verify", str(path)]) == ModelError.status
    assert "m.onnx: checksum: found" in capsys.readouterr().err


def test_verify_refuses_a_file_whose_card_was_rewritten(tmp_path: Path) -> None:
    path = tiny_model(tmp_path / "m.onnx")
    model = onnx.load(path)
    entry = next(prop for prop in model.metadata_props if prop.key == KEY)
    rewritten = entry.value.replace('"genre":"pop"', '"genre":"jaz"')
    assert rewritten != entry.value
    entry.value = rewritten
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="checksum"):
        load_model(path)


def test_a_harmonist_of_a_genre_of_ones_own_goes_into_the_file(tmp_path: Path) -> None:
    arrays = {**shipped_arrays(), "follow": np.zeros((3, 3, 3, 12), np.float16)}
    write(tmp_path / "own.npz", arrays)
    write_model(tiny_checkpoint(), tmp_path / "m.onnx", tiny_groove(), tmp_path / "own.npz")
    found = load_model(tmp_path / "m.onnx").harmony
    assert found is not None
    assert not found.follow.any()
    (tmp_path / "bad.npz").write_bytes(b"no harmonist")
    with pytest.raises(ConfigError, match=r"--harmony: .*bad\.npz"):
        packed_harmonist(tmp_path / "bad.npz")


def test_a_name_without_onnx_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_checkpoint(tiny_checkpoint(), tmp_path / "best.pt")
    assert main(["export", str(tmp_path / "best.pt"), "--groove", "g.pt", "-o", str(tmp_path / "model.bin")]) == 2
    assert "expected a name that ends in .onnx" in capsys.readouterr().err


def test_a_genre_is_trained_exported_and_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tiny_corpora(tmp_path / "data")
    sizes = ["--width", "16", "--middle", "1", "--batch", "4", "--epoch-windows", "32", "--epochs", "1"]
    options = ["--dataset", "bach", "--data", str(data), "--out", str(tmp_path / "run"), "--threads", "1"]
    assert main(["train", *options, *sizes, "--device", "cpu", "--preview-every", "0"]) == 0
    best, model = tmp_path / "run" / "best.pt", tmp_path / "bach.onnx"
    groove = tmp_path / "groove"
    rhythm = ["--datasets", "bach", "--data", str(data), "--epochs", "2", "--epoch-updates", "3", "--rows", "64"]
    assert main(["train-groove", *rhythm, "--out", str(groove)]) == 0
    assert main(["train-groove", *rhythm, "--out", str(groove), "--epochs", "3", "--resume"]) == 0
    voicing = tmp_path / "voicing"
    notes = ["--datasets", "bach", "--data", str(data), "--epochs", "2", "--epoch-updates", "2", "--rows", "64"]
    assert main(["train-voicing", *notes, "--out", str(voicing)]) == 0
    assert main(["train-voicing", *notes, "--out", str(voicing), "--epochs", "3", "--resume"]) == 0
    nets = ["--groove", str(groove / "best.pt"), "--voicing", str(voicing / "best.pt")]
    assert main(["export", str(best), *nets, "-o", str(model), "--data", str(data)]) == 0
    assert main(["equip", str(model), *nets]) == 0
    assert main(["verify", str(model), "--checkpoint", str(best), "--data", str(data)]) == 0
    assert "notes played" in capsys.readouterr().out
    loaded = load_model(model)
    assert loaded.groove.layout.genres == ("bach",)
    assert loaded.voicing is not None
    assert loaded.voicing.layout.genres == ("bach",)
    assert torch.is_tensor(next(iter(load_checkpoint(best).weights.values())))


@pytest.mark.parametrize("command", ["train-groove", "train-voicing"])
def test_small_nets_refuse_what_cannot_be(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(tiny_corpora(tmp_path / "data")), "--out", str(tmp_path / "run")]
    assert main([command, "--datasets", "bach", "pop", *data]) == 2
    assert "expected datasets whose parts are of like number and kind" in capsys.readouterr().err
    assert main([command, "--datasets", "bach", *data, "--epochs", "-1"]) == 2
    assert "--epochs: found -1, expected a number above 0" in capsys.readouterr().err
    assert main([command, "--datasets", "bach", *data, "--resume"]) == 2
    assert "last.pt: no such checkpoint" in capsys.readouterr().err


def test_a_checkpoint_of_another_net_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tiny_model(tmp_path / "pop.onnx")
    tiny_groove().save(tmp_path / "groove.pt")
    assert main(["equip", str(model), "--voicing", str(tmp_path / "groove.pt")]) == 2
    assert "groove.pt: not a checkpoint of a voicing net of this version" in capsys.readouterr().err
    assert main(["equip", str(model)]) == 2
    assert "expected --groove, --voicing or both, found neither" in capsys.readouterr().err
