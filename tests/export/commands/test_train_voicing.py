"""`train-voicing`: a few updates on a tiny corpus."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

pytest.importorskip("torch")

from composerd_export.cli import main
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint
from make_models import tiny_corpora


def test_a_voicing_net_of_lines_and_chords_is_trained_and_goes_on(tmp_path: Path) -> None:
    data, out = tiny_corpora(tmp_path / "data"), tmp_path / "run"
    options = ["--datasets", "pop", "--data", str(data), "--out", str(out), "--epoch-updates", "2", "--rows", "48"]
    assert main(["train-voicing", *options, "--epochs", "1"]) == 0
    assert main(["train-voicing", *options, "--epochs", "2", "--resume"]) == 0
    rows = list(csv.DictReader((out / "curves.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["epoch"] for row in rows] == ["1.0", "2.0"]
    assert {"line", "chords", "validation line", "validation chords"} <= set(rows[0])
    point = VoicingCheckpoint.load(out / "best.pt")
    assert (point.epoch, point.genres, point.training) == (2, ("pop",), {})
    assert set(point.net().nets) == {"line", "chords"}


@pytest.mark.parametrize("share", ["-0.1", "1.5"])
def test_a_share_outside_0_to_1_is_refused_in_one_line(
    share: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--datasets", "pop", "--data", str(tiny_corpora(tmp_path / "data")), "--out", str(tmp_path / "run")]
    assert main(["train-voicing", *options, "--free-bass", share]) == 2
    assert f"--free-bass: found {share}, expected a number from 0 to 1" in capsys.readouterr().err
