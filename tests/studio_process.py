"""A studio in a process of its own, as a user starts it, with folders of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from composerd.control.server import ControlSocket, Handlers
from composerd.control.watch import Broadcast
from composerd.engine.messages import Message, Snapshot
from fakes import duo


@dataclass(frozen=True)
class Studio:
    url: str
    """as printed, with the token where there is one"""
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.url.split(":")[2].partition("/")[0])

    @property
    def resident_mb(self) -> float:
        """Memory of the page's process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def folders(home: Path, **more: str) -> dict[str, str]:
    """An environment in which everything is read and written below `home`."""
    run = home / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "COMPOSERD_"))}
    return {**kept, "HOME": str(home), "XDG_RUNTIME_DIR": str(run), "PYTHONUNBUFFERED": "1", **more}


@contextlib.contextmanager
def studio(env: Mapping[str, str], *options: str, before: Sequence[str] = ()) -> Iterator[Studio]:
    command = [*before, sys.executable, "-m", "composerd", "studio", "--port", "0", *options]
    process = subprocess.Popen(command, env=dict(env), stdout=subprocess.PIPE, text=True, cwd=env["HOME"])
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("the studio is at http://"), line
        yield Studio(line.split()[-1], process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def is_alive(pid: int) -> bool:
    """Whether a process runs (one that has ended and is not collected yet does not)."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class FakeBand:
    """A control socket where a studio looks for one, with an inbox behind it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.inbox: SimpleQueue[Message] = SimpleQueue()
        self.broadcast = Broadcast()
        self.broadcast.set_genre(duo())
        self.snapshot = Snapshot("ready", "duo", 120.0)
        self.broadcast.show(self.snapshot)
        self.now = 12.5
        handlers = Handlers(self.inbox.put, lambda: self.now, lambda: self.snapshot, broadcast=self.broadcast)
        self.socket = ControlSocket(Path(env["XDG_RUNTIME_DIR"]) / "composerd" / "control.sock", handlers)

    def heard(self) -> list[Message]:
        found = []
        while True:
            try:
                found.append(self.inbox.get_nowait())
            except Empty:
                return found

    def __enter__(self) -> FakeBand:
        self.socket.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
