"""The control socket's client against daemons that run, that are gone, and that answer nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest

from answering import answering
from composerd.control.client import ask, held
from composerd.engine.commands.band import EndBand
from composerd.engine.messages import HoldKeyboard, TimedCommand
from composerd.errors import ComposerdError, DeviceError
from socket_daemon import NOW, SocketDaemon


def test_a_command_reaches_the_daemon(tmp_path: Path) -> None:
    with SocketDaemon(tmp_path / "s") as daemon:
        assert ask([daemon.path], {"do": "end"})["ok"] is True
        assert daemon.heard() == [TimedCommand(NOW, EndBand())]


def test_the_first_daemon_that_runs_is_asked(tmp_path: Path) -> None:
    with SocketDaemon(tmp_path / "second") as daemon:
        ask([tmp_path / "first", daemon.path], {"do": "end"})
        assert len(daemon.heard()) == 1


def test_without_a_daemon_every_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(DeviceError) as told:
        ask([tmp_path / "none", tmp_path / "a file"], {"do": "end"})
    assert str(told.value).startswith("no composerd answers: ")
    assert "none: No such file or directory; " in str(told.value)
    assert "a file: Connection refused" in str(told.value)


def test_what_a_daemon_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    with SocketDaemon(tmp_path / "s") as daemon, pytest.raises(ComposerdError, match="refused: bpm: found 9000"):
        ask([daemon.path], {"do": "tempo", "bpm": 9000})


@pytest.mark.parametrize("answer", [b"", b"not json\n", b"\xff\xfe\n", b'{"ok": tru'])
def test_an_answer_that_is_none_is_told(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path / "s", answer), pytest.raises(DeviceError, match="composerd gave no answer"):
        ask([tmp_path / "s"], {"do": "status"})


@pytest.mark.parametrize("answer", [b"[]\n", b"3\n", b'"ok"\n', b"null\n"])
def test_an_answer_of_another_kind_is_told(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path / "s", answer), pytest.raises(DeviceError, match="that this version understands"):
        ask([tmp_path / "s"], {"do": "status"})


def test_a_refusal_without_a_reason_is_one_all_the_same(tmp_path: Path) -> None:
    with answering(tmp_path / "s", b"{}\n"), pytest.raises(ComposerdError, match="refused: no reason given"):
        ask([tmp_path / "s"], {"do": "status"})


def test_a_keyboard_is_held_until_the_block_ends(tmp_path: Path) -> None:
    with SocketDaemon(tmp_path / "s") as daemon:
        with held([daemon.path], {"do": "learn"}) as socket_of_it:
            assert socket_of_it == daemon.path
            assert daemon.inbox.get(timeout=20) == HoldKeyboard(True)
        assert daemon.inbox.get(timeout=20) == HoldKeyboard(False)


def test_where_no_daemon_runs_nothing_is_held(tmp_path: Path) -> None:
    with held([tmp_path / "none"], {"do": "learn"}) as found:
        assert found is None


def test_a_daemon_that_does_not_know_holding_holds_nothing(tmp_path: Path) -> None:
    with answering(tmp_path / "s", b'{"ok": false}\n'), held([tmp_path / "s"], {"do": "learn"}) as found:
        assert found is None


def test_a_daemon_that_hangs_up_before_it_has_heard_all_is_told_as_one_without_an_answer(tmp_path: Path) -> None:
    """More than a socket holds: the request is under way when the other end goes."""
    request = {"do": "x" * 10_000_000}
    for call in (ask, lambda paths, request: held(paths, request).__enter__()):
        path = tmp_path / f"s{id(call)}"
        with answering(path, b""), pytest.raises(DeviceError, match="composerd gave no answer: "):
            call([path], request)
