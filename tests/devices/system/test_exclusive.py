"""Threads enter one at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from composerd.devices.system import exclusive as locks
from composerd.devices.system.exclusive import exclusive

_HOLDER = """
import sys
from pathlib import Path
from composerd.devices.system.exclusive import exclusive
with exclusive(Path(sys.argv[1])) as alone:
    print(alone, flush=True)
    sys.stdin.read()
"""


def test_a_second_one_waits_until_the_first_is_out(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with exclusive(tmp_path) as alone:
            order.append(f"second, alone: {alone}")

    with exclusive(tmp_path) as alone:
        thread = threading.Thread(target=second)
        thread.start()
        order.append(f"first, alone: {alone}")
    thread.join()
    assert order == ["first, alone: True", "second, alone: True"]


def test_of_one_that_is_killed_in_there_nothing_is_left(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        holder.kill()
        holder.communicate()
    with exclusive(tmp_path) as alone:
        assert alone
    assert list(tmp_path.iterdir()) == []


def test_one_that_stays_in_there_is_not_waited_for_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.02)
    with exclusive(tmp_path), exclusive(tmp_path) as alone:
        assert not alone


def test_where_there_is_no_such_folder_it_says_so(tmp_path: Path) -> None:
    with exclusive(tmp_path / "snd") as alone:
        assert not alone
