"""A shipped model's file, damaged: refused in one line, never a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composerd.config.paths import shipped_models
from composerd.contract.card import seal
from composerd.errors import ModelError
from composerd.generators.session import load_model

SHIPPED = (shipped_models() / "bach.onnx").read_bytes()
CARD_AT = SHIPPED.index(b"composerd.card")
places = st.one_of(st.integers(0, len(SHIPPED) - 1), st.integers(0, 3000), st.integers(CARD_AT - 200, len(SHIPPED) - 1))
damages = st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=20)
"""bytes written over, also where the graph and the card lie"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


def damaged(damage: list[tuple[int, int]]) -> bytes:
    data = bytearray(SHIPPED)
    for at, byte in damage:
        data[at] = byte
    return bytes(data)


def refusal(path: Path, data: bytes) -> str:
    """Empty where the file is taken for a model."""
    path.write_bytes(data)
    try:
        load_model(path)
    except ModelError as error:
        return str(error)
    return ""


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages, st.integers(0, len(SHIPPED)))
def test_a_model_that_was_changed_or_cut_is_refused_by_name(
    folder: Path, damage: list[tuple[int, int]], cut: int
) -> None:
    for data in (damaged(damage), SHIPPED[:cut]):
        if data != SHIPPED:
            assert refusal(folder / "m.onnx", data).startswith(f"{folder / 'm.onnx'}: ")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages)
def test_a_model_that_was_damaged_before_it_was_sealed_runs_or_is_refused_in_one_line(
    folder: Path, damage: list[tuple[int, int]]
) -> None:
    try:
        data = seal(damaged(damage))
    except ValueError:  # without a checksum's place it is no model of ours
        return
    found = refusal(folder / "m.onnx", data)
    assert "\n" not in found
    assert found == "" or found.startswith(f"{folder / 'm.onnx'}: ")


def test_a_model_whose_tensors_have_names_that_are_no_text_is_refused_by_name(folder: Path) -> None:
    named = seal(SHIPPED.replace(b"logits", b"\x80ogits"))
    assert refusal(folder / "m.onnx", named).startswith(f"{folder / 'm.onnx'}: not a usable ONNX file")
