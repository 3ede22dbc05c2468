"""Another composerd that plays from the keyboard is named with the command that stops it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from composerd.app.other_daemon import how_to_stop
from composerd.control.settings import RemoteSettings
from composerd.engine.messages import Snapshot
from socket_daemon import SocketDaemon

PLAYING = Snapshot("playing", "pop", 120.0, keyboard="AKM322 MIDI 1")


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RemoteSettings:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return RemoteSettings(socket=str(tmp_path / "control.sock"))


def test_the_one_that_plays_from_the_keyboard_is_named_by_its_process(remote: RemoteSettings) -> None:
    with SocketDaemon(Path(remote.socket), snapshot=PLAYING):
        found = how_to_stop(remote, "AKM322 MIDI 1")
    assert found == f"process {os.getpid()}, `composerd ctl quit` stops it"


def test_one_that_plays_from_another_keyboard_is_not_meant(remote: RemoteSettings) -> None:
    with SocketDaemon(Path(remote.socket), snapshot=PLAYING):
        assert how_to_stop(remote, "Oxygen 49") == "Ctrl-C where it runs stops it"


def test_one_that_does_not_answer_is_stopped_where_it_runs(remote: RemoteSettings) -> None:
    assert how_to_stop(remote, "AKM322 MIDI 1") == "Ctrl-C where it runs stops it"
