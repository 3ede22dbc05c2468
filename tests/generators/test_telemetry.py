"""Running a model writes no files and sends nothing over the network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from composerd.config import paths

PROGRAM = """
import sys
from pathlib import Path
from composerd.generators.session import load_model
load_model(Path(sys.argv[1]))
"""


def test_nothing_is_kept_or_told_about_who_runs_a_model(tmp_path: Path) -> None:
    """onnxruntime 1.32 writes an id of the machine into the cache folder, and a queue of reports to its makers."""
    environ = {name: text for name, text in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environ |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM, str(paths.shipped_models() / "bach.onnx")]
    subprocess.run(command, env=environ, check=True)
    assert list(tmp_path.rglob("*")) == []
