"""The control socket: what each request does, and what no request can do."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.cli import main
from composerd.commands import ctl
from composerd.commands.ctl import ARGUMENTS, request_of, status_lines
from composerd.devices.remote import server
from composerd.devices.remote.client import ask
from composerd.devices.remote.protocol import COMMANDS, LONGEST_LINE
from composerd.devices.remote.server import ControlSocket, Desk
from composerd.devices.remote.settings import RemoteSettings, client_paths, server_path
from composerd.engine.messages import (
    Break,
    ChooseGenre,
    EndBand,
    Fill,
    Finish,
    Message,
    Mode,
    Mute,
    Panic,
    SaveTake,
    SetCreativity,
    SetFollow,
    SetLeftHand,
    SetMetre,
    SetMetronome,
    SetMode,
    SetPace,
    SetPan,
    SetSwing,
    SetTempo,
    SetVariation,
    SetVolume,
    Snapshot,
    Solo,
    StartBand,
    StepGenre,
    StopBand,
    Tap,
)
from composerd.errors import ConfigError, DeviceError
from composerd.music.metre import Metre

SNAPSHOT = Snapshot("playing", "jazz", 120.0, bar=3, beat=2, chord="Dm7", keyboard="AKM322 MIDI 1")


class Daemon:
    """A control socket with an inbox behind it."""

    def __init__(self, path: Path, group: str = "") -> None:
        self.path = path
        self.inbox: SimpleQueue[Message] = SimpleQueue()
        desk = Desk(self.inbox.put, lambda: 12.5, lambda: SNAPSHOT, self.complaint)
        self.socket = ControlSocket(path, desk, group)

    def complaint(self, message: Message) -> str:
        return "no such genre" if message == ChooseGenre("polka") else ""

    def heard(self) -> list[Message]:
        found = []
        while not self.inbox.empty():
            found.append(self.inbox.get())
        return found

    def connect(self) -> socket.socket:
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(20)
        try:
            line.connect(str(self.path))
        except OSError:
            line.close()
            raise
        return line


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "control.sock")
    daemon.socket.start()
    yield daemon
    daemon.socket.close()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("genre rock", ChooseGenre("rock")),
        ("mode phrase", SetMode(Mode.PHRASE)),
        ("tempo 96.5", SetTempo(96.5)),
        ("start", StartBand(12.5)),
        ("stop", StopBand(12.5)),
        ("panic", Panic()),
        ("mute bass", Mute("bass")),
        ("mute bass on", Mute("bass", True)),
        ("solo drums off", Solo("drums", False)),
        ("next_genre", StepGenre(1)),
        ("previous_genre", StepGenre(-1)),
        ("tap", Tap(12.5)),
        ("metre 3/4", SetMetre(Metre(3, 4))),
        ("half_time", SetPace(0.5)),
        ("double_time", SetPace(2.0)),
        ("follow", SetFollow()),
        ("follow ON", SetFollow(True)),
        ("left_hand off", SetLeftHand(False)),
        ("metronome on", SetMetronome(True)),
        ("end", EndBand()),
        ("fill", Fill()),
        ("break", Break()),
        ("variation", SetVariation()),
        ("variation auto", SetVariation("auto")),
        ("variation b", SetVariation("B")),
        ("volume master 0", SetVolume("master", 0.0)),
        ("volume metronome 127", SetVolume("metronome", 1.0)),
        ("pan bass 0", SetPan("bass", -1.0)),
        ("pan comp 64", SetPan("comp", 0.0)),
        ("creativity 0.7", SetCreativity(0.7)),
        ("swing 0.5", SetSwing(0.5)),
        ("swing", SetSwing(None)),
        ("quit", Finish("asked by ctl")),
        ("volume band 127", SetVolume("band", 1.0)),
        ("save", SaveTake(12.5)),
    ],
)
def test_a_request_on_the_command_line_reaches_the_inbox(daemon: Daemon, words: str, message: Message) -> None:
    assert main(["ctl", *words.split(), "--socket", str(daemon.path)]) == 0
    assert daemon.heard() == [message]


def test_status_is_the_latest_snapshot(daemon: Daemon, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "status", "--socket", str(daemon.path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert {"state: playing", "genre: jazz", "bpm: 120", "keyboard: AKM322 MIDI 1", f"pid: {os.getpid()}"} <= set(said)
    assert main(["ctl", "status", "--json", "--socket", str(daemon.path)]) == 0
    status = json.loads(capsys.readouterr().out)["status"]
    assert (status["bar"], status["beat"], status["next_chord"]) == (3, 2, "")
    assert daemon.heard() == []


def test_what_cannot_be_done_is_said_and_not_tried(daemon: Daemon, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "genre", "polka", "--socket", str(daemon.path)]) == 1
    assert "no such genre" in capsys.readouterr().err
    assert daemon.heard() == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("gener rock", "did you mean genre"),
        ("tempo", "expected BPM"),
        ("tempo fast", "expected a number"),
        ("tempo nan", "expected a number"),
        ("mode jma", "expected jam or phrase"),
        ("variation C", "expected A, B or auto"),
        ("volume band 3.5", "expected a whole number"),
        ("panic now", "expected nothing more"),
        ("mute", "expected PART \\[ON\\]"),
        ("mute bass perhaps", "expected on or off"),
    ],
)
def test_a_mistyped_request_is_explained_before_anything_is_sent(words: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        request_of(words.split())


def test_without_a_daemon_it_says_where_it_looked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "status", "--socket", str(tmp_path / "nobody")]) == 1
    assert f"no composerd answers: {tmp_path}/nobody: No such file or directory" in capsys.readouterr().err


def test_only_the_user_may_open_the_socket(daemon: Daemon) -> None:
    assert stat.S_IMODE(daemon.path.stat().st_mode) == 0o600


def test_a_group_may_use_it_where_that_was_set(tmp_path: Path) -> None:
    import grp

    group = grp.getgrgid(os.getgid())
    daemon = Daemon(tmp_path / "control.sock", group.gr_name)
    daemon.socket.start()
    found = daemon.path.stat()
    daemon.socket.close()
    assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o660, group.gr_gid)


def test_a_group_that_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"remote\.group: found 'nobodys-group'"):
        Daemon(tmp_path / "control.sock", "nobodys-group").socket.start()
    assert not (tmp_path / "control.sock").exists()


def test_a_socket_left_by_a_killed_daemon_is_taken_over_but_a_living_one_is_not(tmp_path: Path, daemon: Daemon) -> None:
    with pytest.raises(DeviceError, match="another composerd has it"):
        Daemon(daemon.path).socket.start()
    left = tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))
    heir = Daemon(left)
    heir.socket.start()
    assert ask([left], {"do": "status"})["ok"]
    heir.socket.close()
    assert not left.exists()


def test_a_file_where_the_socket_should_be_is_left_alone(tmp_path: Path) -> None:
    song = tmp_path / "song.mid"
    song.write_bytes(b"MThd")
    with pytest.raises(ConfigError, match=r"remote\.socket: .*song\.mid: is a file"):
        Daemon(song).socket.start()
    assert song.read_bytes() == b"MThd"


def test_the_session_of_another_user_is_not_trusted(tmp_path: Path) -> None:
    theirs = tmp_path / "composerd"
    theirs.symlink_to(tmp_path)
    with pytest.raises(DeviceError, match="expected a folder of our own"):
        Daemon(theirs / "control.sock").socket.start()


def test_a_client_looks_where_a_daemon_listens() -> None:
    session, service = {"XDG_RUNTIME_DIR": "/run/user/7"}, {"RUNTIME_DIRECTORY": "/run/composerd"}
    looked = client_paths(RemoteSettings(), session)
    assert server_path(RemoteSettings(), session) in looked
    assert server_path(RemoteSettings(), service) in looked
    chosen = RemoteSettings(socket="/run/mine.sock")
    assert client_paths(chosen, session) == (server_path(chosen, service),)


def test_every_request_of_the_command_line_is_one_of_the_protocol_and_in_the_help() -> None:
    assert {"status", *(kind.__struct_config__.tag for kind in COMMANDS)} == set(ARGUMENTS)
    words = set(re.findall(r"[a-z_]+", ctl.__doc__ or ""))
    assert set(ARGUMENTS) <= words


def test_the_documentation_has_every_field_of_every_request() -> None:
    page = (Path(__file__).parents[2] / "docs" / "controls.md").read_text()
    rows = [line.split("|")[1:3] for line in page.partition("| `do` | fields |")[2].splitlines() if line[:3] == "| `"]
    documented = {
        word: set(re.findall(r"`([a-z]+)`", fields)) for words, fields in rows for word in re.findall(r"`(\w+)`", words)
    }
    for kind in COMMANDS:
        fields = {one.name for one in msgspec.structs.fields(kind)} - {"v", "id"}
        assert fields <= documented.get(str(kind.__struct_config__.tag), set())


def test_what_was_chosen_shows_in_the_status_and_what_is_off_does_not() -> None:
    chosen = replace(SNAPSHOT, variation="auto B", muted=("bass", "drums"), follow=True)
    said = status_lines(json.loads(msgspec.json.encode(chosen)))
    assert {"variation: auto B", "muted: bass, drums", "follow: on"} <= set(said)
    assert not [line for line in said if line.startswith(("solo", "left hand"))]


# what hostile clients do

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
)
NEAR = st.fixed_dictionaries(
    {"v": st.just(1) | JSON, "do": st.sampled_from(sorted(ARGUMENTS)) | JSON},
    optional=dict.fromkeys(("id", "name", "bpm", "part", "level", "mode", "on", "place", "amount", "more"), JSON),
)


def answered(line: bytes) -> tuple[dict[str, Any], list[Message]]:
    inbox: list[Message] = []
    desk = Desk(inbox.append, lambda: 0.0, lambda: SNAPSHOT)
    answer = ControlSocket(Path("/nowhere"), desk).answer(line)
    assert answer.endswith(b"\n")
    assert answer.count(b"\n") == 1
    found = json.loads(answer)
    assert isinstance(found, dict)
    return found, inbox


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
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
        b'{"v":1,"do":"swing"}',
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
    daemon = Daemon(tmp_path_factory.mktemp("ctl") / "s")
    daemon.socket.start()
    with daemon.connect() as hostile:
        for part in parts:
            hostile.sendall(part)
        assert ask([daemon.path], {"do": "status"})["status"]["genre"] == "jazz"
    daemon.socket.close()
    assert daemon.heard() == []


def test_an_endless_line_ends_the_conversation(daemon: Daemon) -> None:
    with daemon.connect() as hostile:
        hostile.sendall(b"x" * (2 * LONGEST_LINE))
        assert b"longer than" in hostile.makefile("rb").readline()
    assert ask([daemon.path], {"do": "status"})["ok"]


def test_more_clients_than_there_is_room_for_do_not_keep_the_next_one_out(daemon: Daemon) -> None:
    with contextlib.ExitStack() as silent:
        for _ in range(server.MOST_CLIENTS + 5):
            silent.enter_context(daemon.connect())
        assert ask([daemon.path], {"do": "panic"})["ok"]
    assert daemon.heard() == [Panic()]


def test_a_client_that_never_reads_does_not_keep_others_waiting(daemon: Daemon) -> None:
    with daemon.connect() as deaf:
        deaf.settimeout(0.2)
        with contextlib.suppress(TimeoutError):  # what it sends is no longer taken: just so
            deaf.sendall(b'{"v":1,"do":"status"}\n' * 20_000)
        assert ask([daemon.path], {"do": "status"})["ok"]


def test_many_requests_on_one_connection_are_answered_in_order(daemon: Daemon) -> None:
    with daemon.connect() as line:
        line.sendall(b"".join(b'{"v":1,"id":%d,"do":"tempo","bpm":%d}\n' % (i, 60 + i) for i in range(20)))
        answers = line.makefile("rb")
        assert [json.loads(answers.readline())["id"] for _ in range(20)] == list(range(20))
    assert daemon.heard() == [SetTempo(60.0 + i) for i in range(20)]


def test_before_the_first_snapshot_status_is_refused_politely() -> None:
    desk = Desk(lambda _: None, lambda: 0.0, lambda: None)
    answer = json.loads(ControlSocket(Path("/nowhere"), desk).answer(b'{"v":1,"id":"a","do":"status"}'))
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
