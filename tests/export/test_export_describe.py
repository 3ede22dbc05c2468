"""models/README.md is made of the cards."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from composerd.contract.layout import DRUMS, Layout
from composerd.errors import ConfigError
from composerd.generators.session import load_model
from composerd_export.calibrate import onset_rates, song_rates
from composerd_export.cli import main
from composerd_export.data.batches import Windows
from composerd_export.data.rolls import load
from composerd_export.describe import command, curves_of
from composerd_export.export import write_model
from composerd_export.hyper import Hyper
from composerd_export.nets.datasets import DATASETS
from layouts import BAND
from make_models import tiny_checkpoint, tiny_corpora, tiny_model


def test_the_readme_names_files_data_licences_and_figures(tmp_path: Path) -> None:
    point = replace(tiny_checkpoint(), data=[{"source": "mine", "licence": "CC0-1.0", "pieces": 3}])
    card = write_model(point, tmp_path / "pop.onnx")
    rows = [{"name": "human", "mode": "", "values": {"closure": 1.0, "DP": None}}]
    (tmp_path / "pop.json").write_text(json.dumps({"rows": rows}))
    assert main(["describe", str(tmp_path), "--metrics", str(tmp_path)]) == 0
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    for words in ("pop.onnx", "musegan", "drums, bass, keys", "| mine | CC0-1.0 | 3 |", "| human |  | 1.00 |"):
        assert words in text
    assert "checksum `" in text
    assert card.name in text


def test_the_readme_shows_hyperparameters_and_the_curves_of_the_training(tmp_path: Path) -> None:
    curves = [{"epoch": 1.0, "generator": 9.5}, {"epoch": 2.0, "generator": 7.25, "critic": 2.0}]
    card = write_model(replace(tiny_checkpoint(), curves=curves), tmp_path / "pop.onnx")
    assert card.metrics == {"curves": {"epoch": [1.0, 2.0], "generator": [9.5, 7.25], "critic": [None, 2.0]}}
    assert curves_of(load_model(tmp_path / "pop.onnx").card) == curves
    assert main(["describe", str(tmp_path)]) == 0
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "learning rate 0.0015, critic rate 0.0004, update ratio 1" in text
    assert "](curves/pop.png)" in text
    assert (tmp_path / "curves" / "pop.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_without_models_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", str(tmp_path)]) == ConfigError.status
    assert "found no .onnx files" in capsys.readouterr().err


def test_a_broken_table_of_metrics_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny_model(tmp_path / "pop.onnx")
    (tmp_path / "pop.json").write_text("[]")
    assert main(["describe", str(tmp_path), "--metrics", str(tmp_path)]) == ConfigError.status
    assert "pop.json: not what" in capsys.readouterr().err


def test_the_command_says_what_differs_from_the_defaults(tmp_path: Path) -> None:
    hyper = Hyper(epochs=12, update_ratio=3)
    card = write_model(replace(tiny_checkpoint(), hyper=replace(hyper, width=16, middle=1)), tmp_path / "pop.onnx")
    first, second = command(card).splitlines()
    assert first == (
        "composerd-export train --dataset pop --model musegan --epochs 12 --update-ratio 3 --width 16 --middle 1"
    )
    assert second.endswith("-o models/pop.onnx")


def test_rates_are_read_off_the_songs(tmp_path: Path) -> None:
    dataset = replace(DATASETS["pop"], tracks=BAND)
    rolls = load(dataset, tiny_corpora(tmp_path), "train")
    rates = song_rates(rolls, Layout(BAND))
    assert set(rates) == {track.name for track in BAND if track.kind != DRUMS}
    assert rates["bass"][0] == pytest.approx(np.log(1 / 4), abs=1e-3), "a note a beat"
    assert rates["keys"][0] == pytest.approx(np.log(1 / 16), abs=1e-3), "a chord a bar"
    batch = Windows(rolls, BAND).draw(4, np.random.default_rng(0))
    found = onset_rates(Layout(BAND), batch.window, batch)
    assert found["bass"].tolist() == pytest.approx([0.25])
    assert found["drums"][:4].tolist() == pytest.approx([0.125, 0.125, 0.0, 0.25])
