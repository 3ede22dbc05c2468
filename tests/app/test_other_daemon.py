"""Another composerd that plays from the keyboard is named with the command that stops it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from answering import answering
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


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": True},
        {"ok": True, "status": None},
        {"ok": True, "status": "playing"},
        {"ok": True, "status": ["AKM322 MIDI 1"]},
        {"ok": True, "status": {}},
        {"ok": True, "status": {"keyboard": "AKM322 MIDI 1"}},
        {"ok": True, "status": {"keyboard": "AKM322 MIDI 1", "pid": "x"}},
        {"ok": False, "error": "unknown"},
        ["ok"],
        "hello",
    ],
    ids=json.dumps,
)
def test_another_programs_socket_names_nobody(remote: RemoteSettings, answer: object) -> None:
    with answering(Path(remote.socket), json.dumps(answer).encode() + b"\n"):
        assert how_to_stop(remote, "AKM322 MIDI 1") == "Ctrl-C where it runs stops it"


def test_a_socket_that_nobody_serves_any_more_names_nobody(remote: RemoteSettings) -> None:
    with SocketDaemon(Path(remote.socket), snapshot=PLAYING):
        pass
    Path(remote.socket).write_text("")
    assert how_to_stop(remote, "AKM322 MIDI 1") == "Ctrl-C where it runs stops it"


def test_a_process_that_is_gone_by_now_is_named_with_what_would_have_stopped_it(remote: RemoteSettings) -> None:
    gone = {"ok": True, "status": {"keyboard": "AKM322 MIDI 1", "pid": 0}}
    with answering(Path(remote.socket), json.dumps(gone).encode() + b"\n"):
        assert how_to_stop(remote, "AKM322 MIDI 1") == "process 0, `composerd ctl quit` stops it"
