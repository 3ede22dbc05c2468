"""Commands that need no MIDI port work where python-rtmidi, or a library that it needs, is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--help"], 0, "Plug in a MIDI keyboard"),
        (["--version"], 0, "composerd"),
        (["config"], 0, "poll_ms"),
        (["genres"], 0, "symphony"),
        (["ctl", "status"], 1, "no composerd answers"),
        (["service", "--help"], 0, "install"),
        (["takes"], 0, ""),
    ],
)
def test_what_needs_no_port_needs_no_rtmidi(words: list[str], status: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "rtmidi.py").write_text("raise ImportError('libasound.so.2: cannot open shared object file')")
    places = ("PYTHONPATH", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
    environ = {**os.environ, **dict.fromkeys(places, str(tmp_path))}
    command = [sys.executable, "-m", "composerd", *words]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert (done.returncode != 0) == bool(status)
    assert said in done.stdout + done.stderr


def test_playing_without_rtmidi_is_one_line_that_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "rtmidi.py").write_text("raise ImportError('libasound.so.2: cannot open shared object file')")
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "composerd", "ports"], env=environ, capture_output=True, text=True)
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
    assert "libasound.so.2" in done.stderr
