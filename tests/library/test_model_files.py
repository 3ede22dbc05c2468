"""Which file of a model is taken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from composerd.config import paths
from composerd.library import model_files
from composerd.library.model_files import eight_bits_are_quick, in_precision

VNNI = "processor\t: 0\nflags\t\t: fpu sse2 avx2 avx_vnni\n"
"""as /proc/cpuinfo writes it"""


@pytest.fixture
def rock(tmp_path: Path) -> Path:
    """The shipped model of rock in 32 bits, and the same net in 8 beside it."""
    for name in ("rock.onnx", "rock-int8.onnx"):
        shutil.copy(paths.shipped_models() / name, tmp_path / name)
    return tmp_path / "rock.onnx"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "eight_bits_are_quick", lambda: True)


def test_the_8_bits_beside_a_model_are_taken_where_they_are_quick(rock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = rock.with_name("rock-int8.onnx")
    for is_quick, taken in ((True, small), (False, rock)):
        monkeypatch.setattr(model_files, "eight_bits_are_quick", lambda is_quick=is_quick: is_quick)
        assert in_precision(rock, "auto") == taken
        assert in_precision(rock, "int8") == small
        assert in_precision(rock, "fp32") == rock


@pytest.mark.usefixtures("quick")
def test_8_bits_of_another_training_are_not_taken_by_themselves(rock: Path) -> None:
    shutil.copy(paths.shipped_models() / "pop-int8.onnx", rock.with_name("rock-int8.onnx"))
    assert in_precision(rock, "auto") == rock
    rock.with_name("rock-int8.onnx").write_bytes(b"broken")
    assert in_precision(rock, "auto") == rock


@pytest.mark.usefixtures("quick")
def test_without_a_file_in_8_bits_there_is_nothing_to_choose(tmp_path: Path) -> None:
    mine = tmp_path / "mine.onnx"
    assert {in_precision(mine, precision) for precision in ("auto", "fp32", "int8")} == {mine}


@pytest.mark.parametrize(
    ("text", "quick"), [(VNNI, True), (VNNI.replace("avx_vnni", "avx"), False), ("Features\t: fp asimd\n", False)]
)
def test_the_processor_says_whether_8_bits_are_quick(tmp_path: Path, text: str, quick: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(text)
    assert eight_bits_are_quick(cpuinfo) is quick


def test_where_nothing_is_said_of_the_processor_32_bits_are_taken(tmp_path: Path) -> None:
    assert not eight_bits_are_quick(tmp_path / "none")
