"""Curves of a training as CSV and picture."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from composerd_export.training.curves import columns, draw_curves, write_csv

CURVES = [{"epoch": 1.0, "generator": 2.0}, {"epoch": 2.0, "generator": 1.5, "discriminator": 0.5}]


def test_columns_are_in_order_of_appearance() -> None:
    assert columns(CURVES) == ["epoch", "generator", "discriminator"]


def test_a_value_that_an_epoch_lacks_is_empty_in_the_csv(tmp_path: Path) -> None:
    write_csv(CURVES, tmp_path / "curves.csv")
    lines = (tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["epoch,generator,discriminator", "1.0,2.0,", "2.0,1.5,0.5"]
    assert [path.name for path in tmp_path.iterdir()] == ["curves.csv"]


def test_curves_are_drawn(tmp_path: Path) -> None:
    draw_curves(CURVES, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
