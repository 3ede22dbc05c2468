"""A groove net is put into model files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from composerd.contract.layout import Track
from composerd.generators.session import load_model
from composerd_export.cli import main
from composerd_export.commands.equip import equip
from composerd_export.onnx.groove import entry_of
from composerd_export.onnx.weights import rounded
from layouts import BAND
from make_models import tiny_groove, tiny_model


def test_an_equipped_file_has_the_new_groove_net_and_is_sealed_anew(tmp_path: Path) -> None:
    path = tmp_path / "pop.onnx"
    tiny_model(path)
    before = entry_of(path)
    point = tiny_groove()
    point.extra["absent"] = [[0.25] * len(BAND)]
    point.save(tmp_path / "groove.pt")
    assert main(["equip", str(path), "--groove", str(tmp_path / "groove.pt")]) == 0
    assert entry_of(path) != before
    assert load_model(path).card.genre == "pop"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["groove.pt", "pop.onnx"]


def test_a_groove_net_of_other_parts_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pop.onnx"
    tiny_model(path)
    before = path.read_bytes()
    other = (*BAND[:2], Track("strings", "pad", "mono", 48, 84))
    tiny_groove(tracks=other).save(tmp_path / "groove.pt")
    assert main(["equip", str(path), "--groove", str(tmp_path / "groove.pt")]) == 2
    assert "expected the parts of the groove net" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path) -> None:
    from composerd.errors import ConfigError

    with pytest.raises(ConfigError, match="cannot be read"):
        equip(tmp_path / "none.onnx", tiny_groove(), None)
    (tmp_path / "text.onnx").write_text("no")
    with pytest.raises(ConfigError, match=r"text\.onnx"):
        equip(tmp_path / "text.onnx", tiny_groove(), None)


def test_a_weight_in_8_bits_is_within_half_a_step_of_its_row() -> None:
    values = np.random.default_rng(0).normal(0, 1, (4, 300)).astype(np.float32)
    stored, scale = rounded(values)
    assert stored.dtype == np.int8
    assert (np.abs(stored * scale - values) <= scale / 2 + 1e-7).all()
