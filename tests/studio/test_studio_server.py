"""The studio's process over its real sockets: what a page gets, and what hostile pages and clients do not."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from bands import play_by_rules
from composerd.engine.commands.band import Panic
from composerd.engine.commands.time import SetTempo
from composerd.engine.messages import KeyboardMessage, Played, TimedCommand
from composerd.music.midi import note_on
from composerd.studio.server import MOST_CONNECTIONS, MOST_PAGES
from jackd import wait_for
from studio_process import FakeBand, Studio, folders, studio

MOST_MB = 60
"""of the page's process"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="module")
def band(home: Path) -> Iterator[FakeBand]:
    with FakeBand(folders(home)) as band:
        yield band


@pytest.fixture(scope="module")
def page(home: Path, band: FakeBand) -> Iterator[Studio]:
    assert band.heard() == []  # it runs: the studio starts none of its own
    with studio(folders(home)) as running:
        yield running


@pytest.fixture(autouse=True)
def _heard_before(band: FakeBand) -> None:
    band.heard()


def opened(page: Studio, **headers: str) -> ClientConnection:
    origin = headers.pop("origin", f"http://127.0.0.1:{page.port}")
    return connect(
        f"ws://127.0.0.1:{page.port}/live",
        origin=Origin(origin) if origin else None,
        additional_headers=headers,
        max_size=None,
        max_queue=None,
        open_timeout=20,
    )


def asked(line: ClientConnection, patience: float = 20, **request: Any) -> dict[str, Any]:
    """The answer to a request; news that come before are passed over."""
    line.send(json.dumps({"id": 1, **request}))
    while True:
        heard = json.loads(line.recv(timeout=patience))
        if "answer" in heard:
            answer = heard["answer"]
            assert isinstance(answer, dict)
            return answer


def sent(page: Studio, data: bytes, ends: bool = False) -> bytes:
    """What comes back for raw bytes until the other end hangs up; `ends`: nothing more will come from here."""
    with socket.create_connection(("127.0.0.1", page.port), timeout=20) as line:
        line.sendall(data)
        if ends:
            line.shutdown(socket.SHUT_WR)
        got = b""
        try:
            while piece := line.recv(65536):
                got += piece
        except ConnectionResetError:
            pass
        return got


def get(page: Studio, path: str = "/", host: str | None = None, method: str = "GET", more: str = "") -> bytes:
    host = f"127.0.0.1:{page.port}" if host is None else host
    return sent(page, f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())


def test_the_page_and_all_that_it_asks_for_come_from_here(page: Studio) -> None:
    index = get(page)
    assert index.startswith(b"HTTP/1.1 200")
    for path in {part.split('"')[0] for part in index.decode().split('="/')[1:]}:
        assert get(page, f"/{path}").startswith(b"HTTP/1.1 200"), path
    assert b"//" not in index.partition(b"<body>")[0].replace(b"http://127.0.0.1", b"").partition(b"<html")[2]


def test_what_was_fetched_before_is_not_sent_again(page: Studio) -> None:
    tag = get(page).decode().partition("ETag: ")[2].splitlines()[0]
    assert get(page, more=f"If-None-Match: {tag}\r\n").startswith(b"HTTP/1.1 304")


def test_a_strict_policy_goes_with_every_answer(page: Studio) -> None:
    for answer in (get(page), get(page, "/nothing"), get(page, host="evil.example")):
        for line in (b"default-src 'none'", b"nosniff", b"frame-ancestors 'none'", b"trusted-types"):
            assert line in answer
        assert b"Access-Control" not in answer


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/js/../../server.py", "/%2e%2e/server.py", "/etc/passwd", "//", "/js/"]
)
def test_no_path_of_a_request_becomes_one_on_the_disk(page: Studio, path: str) -> None:
    assert get(page, path).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "", "127.0.0.1.evil.example"])
def test_another_host_is_refused(page: Studio, host: str) -> None:
    assert get(page, host=host).startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "HEAD"])
def test_nothing_but_get_is_answered(page: Studio, method: str) -> None:
    assert get(page, method=method).startswith(b"HTTP/1.1 405")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "https://127.0.0.1", "http://localhost:1"])
def test_another_origin_gets_no_socket(page: Studio, band: FakeBand, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        opened(page, origin=origin)
    assert refused.value.response.status_code == 403
    assert band.heard() == []


def test_a_page_commands_the_band_and_hears_it(page: Studio, band: FakeBand) -> None:
    with opened(page) as line:
        first = json.loads(line.recv(timeout=20))
        while not first.get("connected"):
            first = json.loads(line.recv(timeout=20))
        assert (first["snapshot"]["state"], first["genre"]["name"]) == ("ready", "duo")
        assert asked(line, do="tempo", bpm=96)["ok"]
        assert band.heard() == [TimedCommand(12.5, SetTempo(96.0))]
        band.broadcast.play(Played(12.4, 1, note_on(2, 40, 90), 3.0))
        band.broadcast.flush()
        assert json.loads(line.recv(timeout=20))["notes"] == [[12.4, 1, 40, 90, 3.0]]


def test_keys_that_a_page_holds_are_let_go_when_it_is_closed(page: Studio, band: FakeBand) -> None:
    with opened(page) as line:
        assert asked(line, do="note", pitch=60, velocity=90)["ok"]
    first, second = band.inbox.get(timeout=20), band.inbox.get(timeout=20)
    assert isinstance(first, KeyboardMessage)
    assert isinstance(second, KeyboardMessage)
    assert (first.message.starts_note, second.message.ends_note, second.message.data1) == (True, True, 60)


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "watch"},
        {"do": "tempo", "bpm": "fast"},
        {"do": "nothing"},
        {"studio": "nothing"},
        {"studio": "take", "name": "../x"},
        {"studio": "take_file", "name": "x", "kind": "exe"},
        {"studio": "takes", "more": 1},
        {"studio": "change_setting", "name": "remote.socket", "value": "/tmp/x"},
        {"studio": "change_setting", "name": "engine.dynamics", "value": "9"},
        {"do": "panic", "studio": "takes"},
        {},
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(page: Studio, band: FakeBand, request_: dict[str, Any]) -> None:
    with opened(page) as line:
        answer = asked(line, **request_)
    assert answer["ok"] is False
    assert "\n" not in answer["error"]
    assert "Traceback" not in answer["error"]
    assert band.heard() == []


def test_a_genre_that_is_not_there_is_refused_as_the_start_refuses_it(page: Studio, home: Path) -> None:
    with opened(page) as line:
        answer = asked(line, studio="change_setting", name="band.genre", value="polka")
        assert answer["error"].startswith("unknown genre 'polka'")
        assert not (home / ".config" / "composerd" / "config.yaml").exists()


def test_an_examination_goes_on_without_its_page_and_another_page_gets_its_findings(page: Studio, home: Path) -> None:
    play_by_rules(home / ".local" / "share")
    with opened(page) as line:
        assert asked(line, studio="examination")["found"] == {}
        line.send(json.dumps({"id": 2, "studio": "doctor"}))
        wait_for("the examination", lambda: any(EXAMINER in command_of(one) for one in with_home(home)))
    with opened(page) as line:
        assert asked(line, studio="examination")["found"]["running"]
        found = asked(line, patience=110, studio="doctor")["found"]
        assert (found["running"], found["problem"]) == (False, "")
        assert [one["name"] for one in found["findings"]][:2] == ["settings", "midi"]
        assert asked(line, studio="examination")["found"]["findings"] == found["findings"]
    shutil.rmtree(home / ".local" / "share" / "composerd" / "genres")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_studio_ends_while_it_examines_and_nothing_of_it_lives_on(tmp_path: Path, number: signal.Signals) -> None:
    env = folders(tmp_path)
    with FakeBand(env), studio(env) as running, opened(running) as line:
        line.send(json.dumps({"id": 1, "studio": "doctor"}))
        wait_for("the examination", lambda: any(EXAMINER in command_of(one) for one in with_home(tmp_path)))
        os.kill(running.process.pid, number)
        running.process.wait(60)
        wait_for("the end of all", lambda: not with_home(tmp_path), 60)


EXAMINER = b"composerd.studio.examiner"


def command_of(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def with_home(home: Path) -> list[int]:
    """Processes that were started with this home folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"HOME={home}\0".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


def test_a_page_that_never_reads_keeps_no_other_waiting(page: Studio, band: FakeBand) -> None:
    with opened(page) as line, deaf(page):
        asked(line, studio="takes")
        heard: list[float] = []
        for i in range(4000):
            band.broadcast.play(Played(float(i), 1, note_on(2, 40, 90), 3.0))
            band.broadcast.flush()
            while i % 100 == 99 and len(heard) <= i:
                heard += [note[0] for note in json.loads(line.recv(timeout=20)).get("notes", [])]
        assert heard == [float(i) for i in range(4000)]
        assert page.resident_mb < MOST_MB


def deaf(page: Studio) -> socket.socket:
    """An open WebSocket of which nothing is ever read."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    line.settimeout(20)
    line.connect(("127.0.0.1", page.port))
    line.sendall(handshake(page))
    assert b"101" in line.recv(200)
    return line


def handshake(page: Studio) -> bytes:
    host = f"127.0.0.1:{page.port}"
    key = "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    return f"GET /live HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n{key}\r\n".encode()


def test_more_pages_than_there_is_room_for_are_told_so(page: Studio) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(MOST_PAGES):
            stack.enter_context(opened(page))
        with pytest.raises(ConnectionClosed, match="too many pages"), opened(page) as one_more:
            one_more.recv(timeout=20)


def test_a_flood_of_requests_ends_the_page_that_sends_it(page: Studio, band: FakeBand) -> None:
    with opened(page) as line, pytest.raises(ConnectionClosed, match="too many requests"):
        flood(line)
    with opened(page) as line:
        assert asked(line, do="panic")["ok"]
    assert band.heard() == [TimedCommand(12.5, Panic())]


def flood(line: ClientConnection) -> None:
    for number in range(5000):
        line.send(json.dumps({"id": number, "studio": "nothing"}))
    listen(line)


def listen(line: ClientConnection) -> None:
    """Until the other end hangs up."""
    while True:
        line.recv(timeout=20)


def test_an_upload_of_a_gigabyte_is_refused_before_it_is_read(page: Studio) -> None:
    with socket.create_connection(("127.0.0.1", page.port), timeout=20) as line:
        line.sendall(f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\nContent-Length: {1 << 30}\r\n\r\n".encode())
        assert swallowed(line, 1 << 30) < 16_000_000
    with opened(page) as upgraded:
        upgraded.socket.sendall(b"\x82\xff" + (1 << 30).to_bytes(8, "big") + b"mask" + b"x" * 1000)
        with pytest.raises(ConnectionClosed):
            listen(upgraded)
    assert page.resident_mb < MOST_MB


def swallowed(line: socket.socket, size: int) -> int:
    """How many bytes the other end takes before it hangs up."""
    taken, piece = 0, b"x" * 65536
    try:
        while taken < size:
            line.sendall(piece)
            taken += len(piece)
    except OSError:
        pass
    return taken


def test_who_sends_a_byte_at_a_time_keeps_nobody_out_and_is_hung_up_on(page: Studio) -> None:
    slow = [socket.create_connection(("127.0.0.1", page.port), timeout=30) for _ in range(MOST_CONNECTIONS + 40)]
    for line in slow:
        try:
            line.sendall(b"G")
        except OSError:
            continue
    assert get(page).startswith(b"HTTP/1.1 200")
    for line in slow:
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(1) == b""
        line.close()


def test_ten_thousand_fuzzed_requests_and_messages_change_nothing(page: Studio, band: FakeBand, home: Path) -> None:
    dice, before = random.Random(7), tree(home)
    for _ in range(400):
        sent(page, fuzzed_request(dice, page), ends=True)
    for _ in range(64):
        with opened(page) as line:
            try:
                for _ in range(150):
                    line.send(fuzzed_message(dice))
                asked(line, studio="nothing")
            except ConnectionClosed:
                pass
    assert band.heard() == []
    assert tree(home) == before, "nothing was written"
    assert page.process.poll() is None
    assert page.resident_mb < MOST_MB
    wait_for("the next page's turn, once those that hung up are noticed", lambda: panicked(page))


def panicked(page: Studio) -> bool:
    """Whether a page that opens now is let in, and its request is carried out."""
    try:
        with opened(page) as line:
            return asked(line, do="panic")["ok"] is True
    except ConnectionClosed:
        return False


def tree(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*") if "__pycache__" not in path.parts}


def fuzzed_request(dice: random.Random, page: Studio) -> bytes:
    """A request with some bytes changed, ended so that it is answered at once."""
    data = bytearray(
        handshake(page) if dice.random() < 0.5 else f"GET / HTTP/1.1\r\nHost: x:{page.port}\r\n\r\n".encode()
    )
    for _ in range(dice.randrange(1, 12)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data) + b"\r\n\r\n\x88\x80\x00\x00\x00\x00"


def fuzzed_message(dice: random.Random) -> str | bytes:
    words = [
        "id",
        "do",
        "studio",
        "name",
        "kind",
        "again",
        "note",
        "takes",
        "take",
        "rename_take",
        "../..",
        "\u0000",
        "null",
    ]
    match dice.randrange(4):
        case 0:
            return dice.randbytes(dice.randrange(60))
        case 1:
            return "[" * dice.randrange(2000)
        case 2:
            return json.dumps({dice.choice(words): dice.choice([*words, None, -1, 1e308, [], {}]) for _ in range(4)})
    return json.dumps({"id": dice.randrange(-5, 99), "studio": dice.choice(words), "name": dice.choice(words) * 40})


def test_on_a_network_only_the_printed_address_opens_and_its_cookie_keeps_open(home: Path, band: FakeBand) -> None:
    assert band.heard() == []
    with studio(folders(home), "--listen", "127.0.0.2") as local:  # loopback: no token
        assert "token" not in local.url
    with studio(folders(home), "--lan") as page:
        secret = page.url.partition("token=")[2]
        address = page.url.split("/")[2].split(":")[0]
        if address.startswith("127."):
            pytest.skip("this machine has no network")
        assert len(secret) >= 20
        refused = at(address, page, "/")
        assert refused.startswith(b"HTTP/1.1 403")
        assert secret.encode() not in refused
        assert at(address, page, "/?token=wrong").startswith(b"HTTP/1.1 403")
        with (
            pytest.raises(InvalidStatus),
            connect(f"ws://{address}:{page.port}/live", origin=Origin(f"http://{address}:{page.port}")),
        ):
            pass
        invited = at(address, page, f"/?token={secret}")
        assert invited.startswith(b"HTTP/1.1 303")
        cookie = invited.decode().partition("Set-Cookie: ")[2].splitlines()[0]
        assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
        assert at(address, page, "/", f"Cookie: {cookie.split(';')[0]}\r\n").startswith(b"HTTP/1.1 200")


def at(address: str, page: Studio, path: str, more: str = "") -> bytes:
    with socket.create_connection((address, page.port), timeout=20) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}:{page.port}\r\n{more}\r\n".encode())
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_a_socket_that_systemd_hands_over_is_served_and_no_band_is_started(tmp_path: Path) -> None:
    env = folders(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as line:
        start = f'exec 3<&{line.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "{sys.executable}" -m composerd studio'
        process = subprocess.Popen(["bash", "-c", start], env=env, pass_fds=(line.fileno(),), stdout=subprocess.PIPE)
        assert process.stdout is not None
        with process.stdout:
            said = process.stdout.readline().decode()
            port = line.getsockname()[1]
            assert said == f"the studio is at http://127.0.0.1:{port}/\n"
            with socket.create_connection(("127.0.0.1", port), timeout=20) as visitor:
                visitor.sendall(f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
                assert visitor.recv(12) == b"HTTP/1.1 200"
            process.terminate()
            process.wait(20)
    assert not (tmp_path / "run" / "composerd").exists()


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="systemd is not installed")
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_systemds_own_activator_starts_the_studio_at_the_first_visit(tmp_path: Path, host: str) -> None:
    port = free_port()
    program = [sys.executable, "-m", "composerd", "studio"]
    passed = [f"-E{name}" for name in ("HOME", "XDG_RUNTIME_DIR", "PATH", "PYTHONUNBUFFERED")]
    command = ["systemd-socket-activate", "-l", f"{host}:{port}", *passed, *program]
    process = subprocess.Popen(command, env=folders(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        while b"Listening on" not in (line := process.stderr.readline()):
            assert line, "it listens nowhere"
        with socket.create_connection((host.strip("[]"), port), timeout=20) as visitor:
            visitor.sendall(f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            assert process.stdout.readline().decode() == f"the studio is at http://{host}:{port}/\n"
            assert visitor.recv(12) == b"HTTP/1.1 200"
    finally:
        process.terminate()
        process.communicate(timeout=60)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        return int(line.getsockname()[1])
