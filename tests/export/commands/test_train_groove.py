"""`train-groove`: a few updates on a tiny corpus."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

pytest.importorskip("torch")

from composerd_export.cli import main
from composerd_export.training.groove_checkpoint import GrooveCheckpoint
from make_models import tiny_corpora

SMALL = ["--epoch-updates", "1", "--rows", "32"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_corpora(tmp_path_factory.mktemp("data"))


def run(data: Path, out: Path, *options: str, datasets: tuple[str, ...] = ("pop",)) -> int:
    return main(["train-groove", "--datasets", *datasets, "--data", str(data), "--out", str(out), *SMALL, *options])


def test_a_training_writes_checkpoints_and_curves_and_goes_on(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, tmp_path, "--epochs", "1") == 0
    assert {path.name for path in tmp_path.iterdir()} == {"last.pt", "best.pt", "curves.csv"}
    first = GrooveCheckpoint.load(tmp_path / "last.pt")
    assert (first.epoch, first.layout.genres) == (1, ("pop",))
    assert run(data, tmp_path, "--epochs", "2", "--resume") == 0
    rows = list(csv.DictReader((tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["epoch"] for row in rows] == ["1.0", "2.0"]
    assert {"plan", "drums", "band", "validation plan"} <= set(rows[0])
    assert GrooveCheckpoint.load(tmp_path / "best.pt").training == {}
    assert "epoch 2/2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--rows", "0"), "--rows: found 0, expected a number above 0"),
        (("--resume",), "no such checkpoint"),
    ],
)
def test_a_mistake_is_one_line(
    data: Path, tmp_path: Path, options: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, tmp_path, *options) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_datasets_of_other_parts_do_not_go_together(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, tmp_path, datasets=("pop", "bach")) == 2
    assert "expected datasets whose parts are of like number and kind" in capsys.readouterr().err


@pytest.mark.parametrize("datasets", [("pop", "pop"), ("pop", "bach", "pop")])
@pytest.mark.parametrize("command", ["train-groove", "train-voicing"])
def test_a_dataset_that_is_named_twice_is_refused_and_nothing_is_written(
    data: Path, tmp_path: Path, command: str, datasets: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert main([command, "--datasets", *datasets, "--data", str(data), "--out", str(out)]) == 2
    assert capsys.readouterr().err == ("composerd-export: --datasets: found pop twice, expected each dataset once\n")
    assert not out.exists()
