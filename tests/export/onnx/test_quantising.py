"""Models in 8 bits: made from a trained net, taken by the daemon that wants them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from composerd.app.generator_bank import bank
from composerd.engine.messages import Directions
from composerd.engine.phrase.request import phrase_request
from composerd.engine.settings import EngineSettings
from composerd.errors import ConfigError
from composerd.generators.session import load_model
from composerd.music.metre import BarGrid
from composerd.music.roll import MelodyRoll
from composerd_export.cli import main
from composerd_export.onnx.examples import examples_of
from composerd_export.onnx.verify import TOLERANCE_INT8, TUNE, difference, page_for
from composerd_export.training.checkpoint import load_checkpoint
from make_models import tiny_corpora

SIZES = ["--width", "16", "--middle", "1", "--batch", "4", "--epoch-windows", "32", "--epochs", "1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A net trained for an epoch on chorales, exported in 32 and in 8 bits."""
    home = tmp_path_factory.mktemp("int8")
    data = ["--data", str(tiny_corpora(home / "data"))]
    options = ["--dataset", "bach", *data, "--out", str(home), "--threads", "1", "--device", "cpu"]
    assert main(["train", *options, *SIZES, "--preview-every", "0"]) == 0
    rhythm = ["--datasets", "bach", *data, "--epochs", "2", "--epoch-updates", "3", "--rows", "64"]
    assert main(["train-groove", *rhythm, "--out", str(home / "groove")]) == 0
    export = ["export", str(home / "best.pt"), "--groove", str(home / "groove" / "best.pt"), *data]
    assert main([*export, "-o", str(home / "bach.onnx")]) == 0
    assert main([*export, "-o", str(home / "bach-int8.onnx"), "--int8"]) == 0
    return home


def test_the_convolutions_are_computed_in_integers_and_say_nearly_the_same(folder: Path) -> None:
    nodes = {node.op_type for node in onnx.load(folder / "bach-int8.onnx").graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= nodes
    small, best, data = folder / "bach-int8.onnx", folder / "best.pt", folder / "data"
    point = load_checkpoint(best)
    assert 0 < difference(load_model(small), point, examples_of(point, data)) < TOLERANCE_INT8
    assert main(["verify", str(small), "--checkpoint", str(best), "--data", str(data)]) == 0


@pytest.mark.parametrize(("precision", "taken"), [("fp32", "bach"), ("int8", "bach-int8")])
def test_the_daemon_takes_and_plays_the_precision_it_is_set_to(
    folder: Path, tmp_path: Path, precision: str, taken: str
) -> None:
    for name in ("bach", "bach-int8"):
        (tmp_path / f"{name}.onnx").write_bytes((folder / f"{name}.onnx").read_bytes() if name == taken else b"broken")

    def find(name: str) -> Path:
        return tmp_path / f"{name}.onnx"

    settings = EngineSettings(precision=precision)  # type: ignore[arg-type]
    genre = page_for(load_model(folder / "bach.onnx"))
    melody = MelodyRoll(0, np.repeat(np.array(TUNE, np.int16), 4), np.arange(4 * len(TUNE)) % 4 == 0)
    request = phrase_request(genre, BarGrid(), 100.0, melody, melody.end, directions=Directions())
    answer = bank(settings, find).compose(request)
    assert answer.problem == ""
    assert sum(len(section.notes) for section in answer.sections) > 20


def test_a_model_in_8_bits_is_named_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["export", str(folder / "best.pt"), "--groove", "g.pt", "-o", str(folder / "x.onnx"), "--int8"]
    assert main(command) == ConfigError.status
    assert "expected -int8 before .onnx" in capsys.readouterr().err
