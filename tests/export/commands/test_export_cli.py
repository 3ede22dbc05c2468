"""`composerd-export` where the optional libraries are missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from composerd_export.cli import EXTRA

ROOT = Path(__file__).parents[3]


def export(folder: Path, missing: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program in an environment in which the library `missing` is not installed."""
    package = folder / "without" / missing
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"raise ModuleNotFoundError('No module named {missing}', name={missing!r})")
    paths = (package.parent, ROOT / "daemon", ROOT / "export")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    command = [sys.executable, "-m", "composerd_export.cli", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("command", "rest"),
    [("train", ("--dataset", "x")), ("export", ("x.pt",)), ("verify", ("x.pt", "x.onnx")), ("train", ("--help",))],
)
def test_without_torch_it_is_one_line_that_names_what_to_install(
    tmp_path: Path, command: str, rest: tuple[str, ...]
) -> None:
    done = export(tmp_path, "torch", command, *rest)
    install = "pip install '.[export]' in the checkout"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"composerd-export: {command} needs torch, which is not installed: {install}\n"


@pytest.mark.parametrize("library", EXTRA)
def test_an_import_works_without_each_of_the_optional_libraries(tmp_path: Path, library: str) -> None:
    done = export(tmp_path, library, "data", "import", str(tmp_path), "--name", "mine")
    assert (done.returncode, done.stderr.startswith(f"composerd-export: {tmp_path}: found no file ending")) == (2, True)
    assert export(tmp_path / "again", library, "--help").returncode == 0
