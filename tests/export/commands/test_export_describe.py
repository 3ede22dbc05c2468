"""models/README.md is made of the cards."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from composerd.errors import ConfigError
from composerd.generators.session import load_model
from composerd_export.cli import main
from composerd_export.evaluation.provenance import command
from composerd_export.evaluation.readme import curves_of
from composerd_export.onnx.writer import write_model
from composerd_export.training.hyperparameters import Hyper
from make_models import tiny_checkpoint, tiny_groove, tiny_model


def test_the_readme_names_files_data_licences_and_figures(tmp_path: Path) -> None:
    point = replace(tiny_checkpoint(), data=[{"source": "mine", "licence": "CC0-1.0", "pieces": 3}])
    card = write_model(point, tmp_path / "pop.onnx", tiny_groove())
    rows = [{"name": "human", "mode": "", "values": {"closure": 1.0, "DP": None}}]
    (tmp_path / "pop.json").write_text(json.dumps({"rows": rows}))
    assert main(["describe", str(tmp_path), "--metrics", str(tmp_path)]) == 0
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    for words in ("pop.onnx", "musegan", "drums, bass, keys", "| mine | CC0-1.0 | 3 |", "| `closure` | 1.00 |"):
        assert words in text
    assert "checksum `" in text
    assert card.name in text


def test_the_readme_shows_hyperparameters_and_the_curves_of_the_training(tmp_path: Path) -> None:
    curves = [{"epoch": 1.0, "generator": 9.5}, {"epoch": 2.0, "generator": 7.25, "discriminator": 2.0}]
    card = write_model(replace(tiny_checkpoint(), curves=curves), tmp_path / "pop.onnx", tiny_groove())
    assert card.metrics == {"curves": {"epoch": [1.0, 2.0], "generator": [9.5, 7.25], "discriminator": [None, 2.0]}}
    assert curves_of(load_model(tmp_path / "pop.onnx").card) == curves
    assert main(["describe", str(tmp_path)]) == 0
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "learning rate 0.0015, discriminator rate 0.0004, update ratio 1" in text
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
    card = write_model(
        replace(tiny_checkpoint(), hyper=replace(hyper, width=16, middle=1)), tmp_path / "pop.onnx", tiny_groove()
    )
    first, groove, voicing, second = command(card).splitlines()
    assert first == (
        "composerd-export train --dataset pop --model musegan --epochs 12 --update-ratio 3 --width 16 --middle 1"
    )
    assert groove == "composerd-export train-groove --datasets rock pop jazz --epochs 8"
    assert voicing == "composerd-export train-voicing --datasets rock pop jazz --epochs 16"
    nets = "--groove runs/groove-rock-pop-jazz/best.pt --voicing runs/voicing-rock-pop-jazz/best.pt"
    assert second.endswith(f"{nets} -o models/pop.onnx")


def test_the_readme_puts_people_beside_the_judges_figures(tmp_path: Path) -> None:
    tiny_model(tmp_path / "pop.onnx")
    bare: dict[str, object] = {"mode": "", "judgements": [], "means": {"bass.onsets": 5.0}, "genre": None, "solo": {}}
    told = {"against": "people", "windows": 9, "against_windows": 8, "auc": [0.9, 0.8, 1.0], "groups": {}}
    judged = [
        {**bare, "name": "people"},
        {**bare, "name": "other people", "judgements": [{**told, "auc": [0.6, 0.5, 0.7]}]},
        {**bare, "name": "pop", "mode": "jam", "judgements": [told], "means": {"bass.onsets": 4.4}},
    ]
    (tmp_path / "pop-judge.json").write_text(json.dumps({"about": {"command": "the command"}, "judge": judged}))
    (tmp_path / "rolls" / "pop").mkdir(parents=True)
    (tmp_path / "rolls" / "pop" / "01.png").write_bytes(b"")
    assert main(["describe", str(tmp_path), "--metrics", str(tmp_path)]) == 0
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| distinguished from people (8 windows), area under the curve | other people (9) | pop, jam (9) |" in text
    assert "| everything | 0.60 [0.50 0.70] | 0.90 [0.80 1.00] |" in text
    assert "| bass onsets a bar | 3.80 | 5.00 | 5.00 | 4.40 (0.50) |" in text
    assert "the command" in text
    assert "](rolls/pop/01.png)" in text
