"""What an unforeseen error in a thread does."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from queue import SimpleQueue
from threading import Event

import pytest

import composerd
from composerd.threads import spawn

PATIENCE = 20.0


def test_an_unforeseen_error_is_logged_once_and_the_thread_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    wanted, done = SimpleQueue[str](), Event()

    def work() -> None:
        while (word := wanted.get()) != "end":
            raise KeyError(word)
        done.set()

    with caplog.at_level(logging.ERROR):
        thread = spawn("worker", work)
        for word in ("a", "a", "b", "end"):
            wanted.put(word)
        assert done.wait(PATIENCE)
        thread.join(PATIENCE)
    told = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [str(error) for error in told] == ["'a'", "'b'"]
    assert "'worker'" in caplog.records[0].getMessage()
    assert not thread.is_alive()


def test_of_a_thread_that_the_music_needs_the_error_is_handed_on_and_the_thread_ends() -> None:
    crashes = SimpleQueue[BaseException]()

    def work() -> None:
        raise ZeroDivisionError

    thread = spawn("composer", work, crashes.put)
    assert isinstance(crashes.get(timeout=PATIENCE), ZeroDivisionError)
    thread.join(PATIENCE)
    assert not thread.is_alive()


ELSEWHERE = ("threads.py", "bench/", "devices/audio/process.py", "app/log.py")
"""the policy itself; measurements; a process of its own; the last log lines of a program that ends"""


def test_every_thread_of_the_daemon_is_started_under_the_policy() -> None:
    root = Path(composerd.__file__).parent
    started = [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*.py"))
        if re.search(r"\bThread\(", path.read_text(encoding="utf-8"))
    ]
    assert [name for name in started if not name.startswith(ELSEWHERE)] == []
