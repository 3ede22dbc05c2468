"""What the studio runs in separate processes ends with its time, with the studio, and says why it failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from composerd.errors import ComposerdError, DeviceError
from composerd.studio.examination import Examination
from composerd.studio.work import Work
from jackd import wait_for
from studio_process import is_alive


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of the test's own."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "task.py"


def test_each_line_is_heard_and_a_process_that_fails_is_told_by_its_last_line(module: Path) -> None:
    module.write_text("import sys\nprint('one')\nprint('two')\nsys.exit('composerd: it is broken')\n")
    heard: list[str] = []
    with pytest.raises(ComposerdError, match=r"^it is broken$"):
        Work().run("task", seconds=60, what="the task", hear=heard.append)
    assert heard == ["one", "two"]


def test_what_takes_too_long_is_ended_with_all_that_it_started_and_that_is_said(module: Path) -> None:
    child = f"subprocess.Popen([{sys.executable!r}, '-c', 'input()'], stdin=subprocess.PIPE)"
    module.write_text(f"import subprocess\nchild = {child}\nprint(child.pid, flush=True)\nchild.wait()\n")
    heard: list[str] = []
    with pytest.raises(DeviceError, match=r"^the task took more than 0\.05 minutes and was ended$"):
        Work().run("task", seconds=3, what="the task", hear=heard.append)
    wait_for("the end of its child", lambda: not is_alive(int(heard[0])))


def test_nothing_is_started_once_the_studio_ends() -> None:
    work = Work()
    work.end()
    with pytest.raises(DeviceError, match="the studio ends"):
        work.run("task", seconds=60, what="the task")


def test_an_examination_that_does_not_come_to_its_end_says_why() -> None:
    work, examination = Work(), Examination()
    assert examination.state() == {}
    work.end()
    assert examination.run(work, None)["problem"] == "the examination: the studio ends"
    assert not examination.running
