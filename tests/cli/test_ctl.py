"""The control socket: what each request does, and what no request can do."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.cli.commands.ctl import overview, request_of, status_lines
from composerd.cli.main import main
from composerd.control import server
from composerd.control.client import ask, held
from composerd.control.protocol import LONGEST_LINE
from composerd.control.server import ControlSocket, Handlers
from composerd.control.settings import RemoteSettings, client_paths, server_path
from composerd.engine.command_table import Command
from composerd.engine.commands import TABLE
from composerd.engine.commands.band import EndBand, Panic, Quit, SaveTake, SetMode, StartBand, StopBand, ToggleBand
from composerd.engine.commands.form import AutoVariation, Break, Fill, SetVariation
from composerd.engine.commands.genre import ChooseGenre, NextGenre, PreviousGenre
from composerd.engine.commands.harmony import SetCreativity, SetLeftHand
from composerd.engine.commands.mixer import Mute, SetBandVolume, SetPan, SetVolume, Solo
from composerd.engine.commands.time import (
    DoubleTime,
    HalfTime,
    SetFollow,
    SetMetre,
    SetMetronome,
    SetSwing,
    SetTempo,
    Tap,
)
from composerd.engine.messages import HoldKeyboard, Message, Snapshot, TimedCommand
from composerd.errors import ConfigError, DeviceError
from socket_daemon import SocketDaemon

SNAPSHOT = Snapshot("playing", "jazz", 120.0, bar=3, beat=2, chord="Dm7", keyboard="AKM322 MIDI 1")


def complaint(command: Command) -> str:
    return "no such genre" if command == ChooseGenre("polka") else ""


def daemon_at(path: Path, group: str = "") -> SocketDaemon:
    return SocketDaemon(path, group, SNAPSHOT, complaint)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[SocketDaemon]:
    with daemon_at(tmp_path / "control.sock") as daemon:
        yield daemon


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("genre rock", ChooseGenre("rock")),
        ("mode phrase", SetMode("phrase")),
        ("tempo 96.5", SetTempo(96.5)),
        ("start", StartBand()),
        ("stop", StopBand()),
        ("panic", Panic()),
        ("mute bass", Mute("bass")),
        ("mute bass on", Mute("bass", True)),
        ("solo drums off", Solo("drums", False)),
        ("next_genre", NextGenre()),
        ("previous_genre", PreviousGenre()),
        ("tap", Tap()),
        ("metre 3/4", SetMetre("3/4")),
        ("half_time", HalfTime()),
        ("double_time", DoubleTime()),
        ("follow", SetFollow()),
        ("follow ON", SetFollow(True)),
        ("left_hand off", SetLeftHand(False)),
        ("metronome on", SetMetronome(True)),
        ("end", EndBand()),
        ("end now", EndBand("now")),
        ("play", ToggleBand()),
        ("band_volume 90", SetBandVolume(90)),
        ("auto_variation", AutoVariation()),
        ("fill", Fill()),
        ("break", Break()),
        ("variation", SetVariation()),
        ("variation auto", SetVariation("auto")),
        ("variation b", SetVariation("B")),
        ("volume master 0", SetVolume("master", 0)),
        ("volume metronome 127", SetVolume("metronome", 127)),
        ("pan bass 0", SetPan("bass", 0)),
        ("pan comp 64", SetPan("comp", 64)),
        ("creativity 0.7", SetCreativity(0.7)),
        ("swing 0.5", SetSwing(0.5)),
        ("swing", SetSwing(None)),
        ("quit", Quit()),
        ("volume band 127", SetVolume("band", 127)),
        ("save", SaveTake()),
    ],
)
def test_a_request_on_the_command_line_reaches_the_inbox(daemon: SocketDaemon, words: str, command: Command) -> None:
    assert main(["ctl", *words.split(), "--socket", str(daemon.path)]) == 0
    assert daemon.heard() == [TimedCommand(12.5, command)]


def test_status_is_the_latest_snapshot(daemon: SocketDaemon, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "status", "--socket", str(daemon.path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert {"state: playing", "genre: jazz", "bpm: 120", "keyboard: AKM322 MIDI 1", f"pid: {os.getpid()}"} <= set(said)
    assert main(["ctl", "status", "--json", "--socket", str(daemon.path)]) == 0
    status = json.loads(capsys.readouterr().out)["status"]
    assert (status["bar"], status["beat"], status["next_chord"]) == (3, 2, "")
    assert daemon.heard() == []


def test_what_cannot_be_done_is_said_and_not_tried(daemon: SocketDaemon, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "genre", "polka", "--socket", str(daemon.path)]) == 1
    assert "no such genre" in capsys.readouterr().err
    assert daemon.heard() == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("gener rock", "unknown request 'gener'; did you mean genre\\?"),
        ("tempo", "expected BPM"),
        ("tempo fast", "expected a number"),
        ("tempo nan", "expected a number"),
        ("tempo 301", "found '301', expected a number from 30 to 300 quarter notes a minute"),
        ("volume bass 128", "level: found '128', expected a whole number from 0 to 127"),
        ("metre 5/12", "expected a time signature such as 4/4"),
        ("mode jma", "expected jam or phrase"),
        ("variation C", "expected A, B or auto"),
        ("volume band 3.5", "expected a whole number"),
        ("panic now", "expected nothing more"),
        ("mute", "expected PART \\[on\\|off\\]"),
        ("mute bass perhaps", "expected on or off"),
    ],
)
def test_a_mistyped_request_is_explained_before_anything_is_sent(words: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        request_of(words.split())


def test_without_a_daemon_it_says_where_it_looked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "status", "--socket", str(tmp_path / "nobody")]) == 1
    assert f"no composerd answers: {tmp_path}/nobody: No such file or directory" in capsys.readouterr().err


def test_only_the_user_may_open_the_socket(daemon: SocketDaemon) -> None:
    assert stat.S_IMODE(daemon.path.stat().st_mode) == 0o600


def test_a_group_may_use_it_where_that_was_set(tmp_path: Path) -> None:
    import grp

    group = grp.getgrgid(os.getgid())
    daemon = daemon_at(tmp_path / "control.sock", group.gr_name)
    daemon.socket.start()
    found = daemon.path.stat()
    daemon.socket.close()
    assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o660, group.gr_gid)


def test_a_group_that_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"remote\.group: found 'nobodys-group'"):
        daemon_at(tmp_path / "control.sock", "nobodys-group").socket.start()
    assert not (tmp_path / "control.sock").exists()


def test_a_socket_left_by_a_killed_daemon_is_taken_over_but_a_living_one_is_not(
    tmp_path: Path, daemon: SocketDaemon
) -> None:
    with pytest.raises(DeviceError, match="is in use by another composerd"):
        daemon_at(daemon.path).socket.start()
    left = tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))
    heir = daemon_at(left)
    heir.socket.start()
    assert ask([left], {"do": "status"})["ok"]
    heir.socket.close()
    assert not left.exists()


def test_a_file_where_the_socket_should_be_is_left_alone(tmp_path: Path) -> None:
    song = tmp_path / "song.mid"
    song.write_bytes(b"MThd")
    with pytest.raises(ConfigError, match=r"remote\.socket: found the file .*song\.mid, expected a socket"):
        daemon_at(song).socket.start()
    assert song.read_bytes() == b"MThd"


def test_the_session_of_another_user_is_not_trusted(tmp_path: Path) -> None:
    theirs = tmp_path / "composerd"
    theirs.symlink_to(tmp_path)
    with pytest.raises(DeviceError, match="expected a folder of our own"):
        daemon_at(theirs / "control.sock").socket.start()


def test_a_client_looks_where_a_daemon_listens() -> None:
    session, service = {"XDG_RUNTIME_DIR": "/run/user/7"}, {"RUNTIME_DIRECTORY": "/run/composerd"}
    looked = client_paths(RemoteSettings(), session)
    assert server_path(RemoteSettings(), session) in looked
    assert server_path(RemoteSettings(), service) in looked
    chosen = RemoteSettings(socket="/run/mine.sock")
    assert client_paths(chosen, session) == (server_path(chosen, service),)


def test_every_request_and_the_scale_of_its_values_are_in_the_help() -> None:
    said = "\n".join(overview())
    assert all(f"  {word.usage} " in said for word in TABLE.words.values())
    assert "LEVEL: 0 to 127; MIDI controller 7; 100 is ordinary" in said


def test_what_was_chosen_shows_in_the_status_and_what_is_off_does_not() -> None:
    chosen = replace(SNAPSHOT, variation="auto B", muted=("bass", "drums"), follow=True)
    said = status_lines(json.loads(msgspec.json.encode(chosen)))
    assert {"variation: auto B", "muted: bass, drums", "follow: on"} <= set(said)
    assert not [line for line in said if line.startswith(("solo", "left hand"))]


def test_where_every_control_stands_shows_in_the_status_but_parts_only_where_they_were_moved() -> None:
    volumes, places, mutes = {"bass": 0, "drums": 100}, {"bass": 64, "drums": 64}, {"bass": True, "drums": False}
    controls = {"creativity": 0.3, "volume": volumes, "pan": places, "mute": mutes}
    said = status_lines({**msgspec.to_builtins(SNAPSHOT), "metre": "7/8", "controls": controls})
    assert {"creativity: 0.3", "volume: bass 0", "metre: 7/8"} <= set(said)
    assert not [line for line in said if line.startswith(("pan", "controls", "mute:"))]


# what hostile clients do

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
)
NEAR = st.fixed_dictionaries(
    {"v": st.just(1) | JSON, "do": st.sampled_from(["status", *TABLE.words]) | JSON},
    optional=dict.fromkeys(("id", "name", "bpm", "part", "level", "mode", "on", "place", "amount", "more"), JSON),
)


def answered(line: bytes) -> tuple[dict[str, Any], list[Message]]:
    inbox: list[Message] = []
    handlers = Handlers(inbox.append, lambda: 0.0, lambda: SNAPSHOT)
    answer = ControlSocket(Path("/nowhere"), handlers).answer(line)
    assert answer.endswith(b"\n")
    assert answer.count(b"\n") == 1
    found = json.loads(answer)
    assert isinstance(found, dict)
    return found, inbox


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200).filter(lambda line: b'"do"' not in line))  # hypothesis also draws from our own literals
def test_any_bytes_get_one_line_of_answer_and_do_nothing(line: bytes) -> None:
    answer, inbox = answered(line)
    assert answer["ok"] is False
    assert inbox == []


@settings(max_examples=300, deadline=None)
@given(NEAR)
def test_anything_like_a_request_is_either_refused_or_one_command(request: dict[str, Any]) -> None:
    answer, inbox = answered(json.dumps(request).encode())
    if answer["ok"]:
        assert len(inbox) == (request["do"] != "status")
        assert answer["id"] == request.get("id")
    else:
        assert inbox == []
        assert answer["error"]


@pytest.mark.parametrize(
    "line",
    [
        b"[" * (LONGEST_LINE - 1),
        b'{"v":1,"do":"status","id":' + b"9" * 3000 + b"}",
        b'{"v":1,"do":"tempo","bpm":1e999}',
        b'{"v":1,"do":"tempo","bpm":NaN}',
        b'{"v":1,"do":"volume","part":"band","level":128}',
        b'{"v":1,"do":"genre","name":""}',
        b'{"v":1,"do":"pan","part":"bass","place":-1}',
        b'{"v":1,"do":"variation","name":"C"}',
        b'{"v":1,"do":"metre","name":"0/4"}',
        b'{"v":1,"do":"swing","amount":1.01}',
        b'{"v":2,"do":"panic"}',
        b'{"do":"panic"}',
        b'{"v":1,"do":"panic","really":true}',
        '{"v":1,"do":"genre","name":"\ud800"}'.encode("utf-8", "surrogatepass"),
    ],
)
def test_a_request_out_of_bounds_is_refused(line: bytes) -> None:
    answer, inbox = answered(line)
    assert (answer["ok"], inbox) == (False, [])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=4))
def test_after_any_bytes_from_one_client_the_next_is_served(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    daemon = daemon_at(tmp_path_factory.mktemp("ctl") / "s")
    daemon.socket.start()
    with daemon.connect() as hostile:
        with contextlib.suppress(ConnectionError):  # it may be hung up on before it has said all
            for part in parts:
                hostile.sendall(part)
        assert ask([daemon.path], {"do": "status"})["status"]["genre"] == "jazz"
    daemon.socket.close()
    assert daemon.heard() == []


def test_an_endless_line_ends_the_conversation(daemon: SocketDaemon) -> None:
    with daemon.connect() as hostile:
        hostile.sendall(b"x" * (2 * LONGEST_LINE))
        assert b"longer than" in hostile.makefile("rb").readline()
    assert ask([daemon.path], {"do": "status"})["ok"]


def test_more_clients_than_there_is_room_for_do_not_keep_the_next_one_out(daemon: SocketDaemon) -> None:
    with contextlib.ExitStack() as silent:
        for _ in range(server.MOST_CLIENTS + 5):
            silent.enter_context(daemon.connect())
        assert ask([daemon.path], {"do": "panic"})["ok"]
    assert daemon.heard() == [TimedCommand(12.5, Panic())]


def test_a_client_that_never_reads_does_not_keep_others_waiting(daemon: SocketDaemon) -> None:
    with daemon.connect() as deaf:
        deaf.settimeout(0.2)
        with contextlib.suppress(TimeoutError):  # what it sends is no longer taken: just so
            deaf.sendall(b'{"v":1,"do":"status"}\n' * 20_000)
        assert ask([daemon.path], {"do": "status"})["ok"]


def test_many_requests_on_one_connection_are_answered_in_order(daemon: SocketDaemon) -> None:
    with daemon.connect() as line:
        line.sendall(b"".join(b'{"v":1,"id":%d,"do":"tempo","bpm":%d}\n' % (i, 60 + i) for i in range(20)))
        answers = line.makefile("rb")
        assert [json.loads(answers.readline())["id"] for _ in range(20)] == list(range(20))
    assert daemon.heard() == [TimedCommand(12.5, SetTempo(60.0 + i)) for i in range(20)]


def test_while_a_client_learns_the_keyboard_is_held_and_its_page_is_read_again_when_it_leaves(
    daemon: SocketDaemon,
) -> None:
    with held([daemon.path], {"do": "learn"}) as running:
        assert running == daemon.path
        assert daemon.heard() == [HoldKeyboard(True)]
        assert not daemon.reread.is_set()
    assert daemon.inbox.get(timeout=20) == HoldKeyboard(False)
    assert daemon.reread.wait(20)


def test_without_a_daemon_there_is_nothing_to_hold(tmp_path: Path) -> None:
    with held([tmp_path / "nobody"], {"do": "learn"}) as running:
        assert running is None


def test_before_the_first_snapshot_status_is_refused_politely() -> None:
    handlers = Handlers(lambda _: None, lambda: 0.0, lambda: None)
    answer = json.loads(ControlSocket(Path("/nowhere"), handlers).answer(b'{"v":1,"id":"a","do":"status"}'))
    assert answer == {"v": 1, "id": "a", "ok": False, "error": "not ready yet"}


def test_an_answer_that_is_no_answer_is_a_device_error(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "other.sock"))
        listener.listen()
        other = Thread(target=greet, args=(listener,))
        other.start()
        with pytest.raises(DeviceError, match="gave no answer"):
            ask([tmp_path / "other.sock"], {"do": "status"})
        other.join()


def greet(listener: socket.socket) -> None:
    """Another program's way to open a conversation."""
    with listener.accept()[0] as line:
        line.recv(100)
        line.sendall(b"220 mail\n")
