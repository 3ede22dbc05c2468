"""What goes out: the source archive, and the wheel built from it."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from composerd.config import paths
from composerd_export.cli import EXTRA

CHECKOUT = Path(__file__).parents[2]


def built(kind: str, source: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(sdist, wheel): the wheel is made of what the sdist holds and of nothing else."""
    folder = tmp_path_factory.mktemp("dist")
    sdist = built("sdist", CHECKOUT, folder / "sdist")
    subprocess.run(["tar", "xzf", str(sdist), "-C", str(folder)], check=True)  # tarfile's filters are not in every 3.11
    source = folder / sdist.name.removesuffix(".tar.gz")
    return sdist, built("wheel", source, folder / "wheel")


def test_the_wheel_holds_every_module_model_page_and_unit(archives: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(archives[1]) as wheel:
        names = set(wheel.namelist())
    shipped = (CHECKOUT / "daemon").rglob("*.py"), (CHECKOUT / "daemon").rglob("*.yaml")
    wanted = {str(file.relative_to(CHECKOUT / "daemon")) for files in shipped for file in files}
    wanted |= {f"composerd/models/{file.name}" for file in paths.shipped_models().glob("*.onnx")}
    wanted |= {f"composerd/systemd/{file.name}" for file in (CHECKOUT / "systemd").iterdir()}
    assert sorted(wanted - names) == []
    assert "composerd/py.typed" in names
    assert "composerd/models/bach.onnx" in names


def test_the_sdist_holds_the_tests_all_that_the_readme_links_to_and_nothing_that_was_built(
    archives: tuple[Path, Path],
) -> None:
    with tarfile.open(archives[0]) as sdist:
        names = [name.partition("/")[2] for name in sdist.getnames()]
    assert {"tests/check", "README.md", "LICENSE", "pyproject.toml"} <= set(names)
    linked = re.findall(r"\]\(((?!http)[^)#]+)\)", (CHECKOUT / "README.md").read_text())
    assert [link for link in linked if not any(f"{name}/".startswith(f"{link.rstrip('/')}/") for name in names)] == []
    assert [name for name in names if name.startswith(("out/", "runs/", ".venv/")) or name.endswith(".pyc")] == []


def test_the_wheel_asks_for_no_training_library(archives: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(archives[1]) as wheel:
        (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        asked = [line for line in wheel.read(metadata).decode().splitlines() if line.startswith("Requires-Dist: ")]
    always = [line.split()[1] for line in asked if "extra ==" not in line]
    assert "onnxruntime" in "".join(always)
    assert not [name for name in always if name.startswith(("torch", "matplotlib", "onnx>"))]


def test_without_the_export_extra_its_tests_are_skipped_and_all_others_found() -> None:
    hide = f"import sys; sys.modules.update(dict.fromkeys({EXTRA}))"
    collect = (
        "import pytest; sys.exit(pytest.main(['tests', '--collect-only', '--assert=plain', '-p', 'no:cacheprovider']))"
    )
    done = subprocess.run([sys.executable, "-c", f"{hide}; {collect}"], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "tests/contract/test_card.py" in done.stdout
    assert "tests/export/nets/test_nets.py" not in done.stdout
