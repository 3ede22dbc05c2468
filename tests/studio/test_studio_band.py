"""The band that a studio starts where none runs: it ends with the studio, however that ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from composerd.control.client import ask
from jackd import JackServer, wait_for
from studio_process import folders, is_alive, studio

pytestmark = [pytest.mark.jack, pytest.mark.timeout(300)]
PATIENCE = 120.0
"""seconds: a busy machine may take long to end a program"""


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_the_band_ends_with_its_last_take_when_the_studio_ends_or_is_killed(
    jack: JackServer, tmp_path: Path, number: signal.Signals
) -> None:
    env = folders(tmp_path, JACK_DEFAULT_SERVER=jack.name, JACK_NO_START_SERVER="1")
    control = tmp_path / "run" / "composerd" / "control.sock"
    with studio(env, "--midi-api", "jack", "--no-audio") as running:
        band = ask([control], {"do": "status"})["status"]["pid"]
        ask([control], {"do": "note", "pitch": 60, "velocity": 90})
        wait_for("the note", lambda: ask([control], {"do": "status"})["status"]["state"] != "ready", PATIENCE)
        os.kill(running.process.pid, number)
        running.process.wait(PATIENCE)
        wait_for("the band's end", lambda: not is_alive(band), PATIENCE)
    takes = tmp_path / ".local" / "share" / "composerd" / "takes"
    assert [path.suffix for path in takes.glob("0*")] == [".mid"]
    assert not control.exists()


def test_a_band_that_ran_before_plays_on_when_the_studio_is_killed(jack: JackServer, tmp_path: Path) -> None:
    env = folders(tmp_path, JACK_DEFAULT_SERVER=jack.name, JACK_NO_START_SERVER="1")
    control = tmp_path / "run" / "composerd" / "control.sock"
    with studio(env, "--midi-api", "jack", "--no-audio"):
        band = ask([control], {"do": "status"})["status"]["pid"]
        with studio(env) as second:
            os.kill(second.process.pid, signal.SIGKILL)
            second.process.wait(PATIENCE)
        assert ask([control], {"do": "status"})["status"]["pid"] == band
