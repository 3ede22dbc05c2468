"""A line of the control socket: its number, its version, its fields; and where the socket lies."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.control.protocol import Note, Pedal, Refused, Status, Watch, done, read_request, refused
from composerd.control.settings import SYSTEM, RemoteSettings, client_paths, make_folder, server_path, session_folder
from composerd.engine.commands.time import SetTempo
from composerd.errors import DeviceError

OWN = f"/tmp/composerd-{os.getuid()}/control.sock"


def refusal(line: bytes | str | dict[str, object]) -> Refused:
    text = json.dumps(line) if isinstance(line, dict) else line
    with pytest.raises(Refused) as told:
        read_request(text.encode() if isinstance(text, str) else text)
    return told.value


@pytest.mark.parametrize("number", [None, 0, 7, -(2**53), 2**53, "", "x", "é" * 64])
def test_an_answer_has_its_requests_number(number: object) -> None:
    request = read_request(json.dumps({"v": 1, "id": number, "do": "status"}).encode())
    assert json.loads(done(request)) == {"v": 1, "id": number, "ok": True}
    assert refusal({"v": 2, "id": number, "do": "status"}).id == number


@pytest.mark.parametrize("number", [1.5, True, [], {}, 2**53 + 1, "x" * 65])
def test_a_number_that_is_none_is_refused_and_not_sent_back(number: object) -> None:
    told = refusal({"v": 1, "id": number, "do": "status"})
    assert told.id is None
    assert told.why.startswith("id: found ")


@pytest.mark.parametrize("version", [None, 0, 2, "1", 1.0, True, []])
def test_another_version_is_refused(version: object) -> None:
    assert refusal({"v": version, "do": "status"}).why.startswith("v: found ")
    assert refusal({"do": "status"}).why == "v: found null, expected 1"


@pytest.mark.parametrize("line", ["", "status", "[]", "7", "{", "[" * 5000, b"\xff", '{"v":1}{"v":1}'])
def test_what_is_no_object_is_refused(line: bytes | str) -> None:
    assert refusal(line).why == "expected one JSON object a line"


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"do": "status"}, Status()),
        ({"do": "watch"}, Watch()),
        ({"do": "note", "pitch": 60, "velocity": 0}, Note(60, 0)),
        ({"do": "pedal", "down": True}, Pedal(True)),
        ({"do": "tempo", "bpm": 90}, SetTempo(90.0)),
    ],
)
def test_a_request_is_a_command_of_its_word(fields: dict[str, object], what: object) -> None:
    assert read_request(json.dumps({"v": 1, **fields}).encode()).what == what


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"do": None},
        {"do": "tempo"},
        {"do": "tempo", "bpm": "fast"},
        {"do": "tempo", "bpm": 90, "also": 1},
        {"do": "note", "pitch": 128, "velocity": 1},
        {"do": "note", "pitch": 60.5, "velocity": 1},
        {"do": "pedal", "down": 1},
        {"do": "nothing of ours"},
    ],
)
def test_a_wrong_or_unknown_field_is_refused_in_one_line_with_the_number(fields: dict[str, object]) -> None:
    told = refusal({"v": 1, "id": 5, **fields})
    assert told.id == 5
    assert told.why
    assert "\n" not in told.why


@given(st.text(max_size=200))
def test_a_refusal_is_one_line_of_json_whatever_it_says(why: str) -> None:
    line = refused(Refused(why.encode("utf-8", "replace").decode(), 3))
    assert line.count(b"\n") == 1
    assert json.loads(line)["ok"] is False


@pytest.mark.parametrize(
    ("socket", "environ", "listens", "asks"),
    [
        ("/x/y.sock", {"XDG_RUNTIME_DIR": "/run/user/7"}, "/x/y.sock", ["/x/y.sock"]),
        ("", {"XDG_RUNTIME_DIR": "/run/user/7"}, "/run/user/7/composerd/control.sock",
         ["/run/user/7/composerd/control.sock", str(SYSTEM)]),
        ("", {"RUNTIME_DIRECTORY": "/run/composerd:/run/b"}, "/run/composerd/control.sock", None),
        ("", {}, OWN, [OWN, str(SYSTEM)]),
        ("", {"XDG_RUNTIME_DIR": "here"}, OWN, None),
    ],
)  # fmt: skip
def test_a_socket_lies_where_it_is_set_else_in_the_services_or_the_sessions_folder(
    socket: str, environ: dict[str, str], listens: str, asks: list[str] | None
) -> None:
    settings = RemoteSettings(socket=socket)
    assert str(server_path(settings, environ)) == listens
    if asks is not None:
        assert [str(path) for path in client_paths(settings, environ)] == asks
    assert session_folder(environ).is_absolute()


def test_the_sockets_folder_is_its_users_alone_and_nothing_else_is_taken_for_one(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    make_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    make_folder(folder)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(folder)
    for wrong in ("file", "link", "file/below"):
        with pytest.raises(DeviceError, match=r"^control socket: "):
            make_folder(tmp_path / wrong)
