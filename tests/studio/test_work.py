"""What the studio runs in separate processes ends with its time, with the studio, and says why it failed."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from composerd.config import paths
from composerd.errors import ComposerdError, DeviceError
from composerd.studio.examination import Examination
from composerd.studio.machine_requests import Examine, TellExamination
from composerd.studio.services import Services
from composerd.studio.studio_paths import StudioPaths
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
        Work().run("task", seconds=60, what="the task", on_line=heard.append)
    assert heard == ["one", "two"]


def test_what_takes_too_long_is_ended_with_all_that_it_started_and_that_is_said(module: Path) -> None:
    child = f"subprocess.Popen([{sys.executable!r}, '-c', 'input()'], stdin=subprocess.PIPE)"
    module.write_text(f"import subprocess\nchild = {child}\nprint(child.pid, flush=True)\nchild.wait()\n")
    heard: list[str] = []
    with pytest.raises(DeviceError, match=r"^the task took more than 0\.05 minutes and was ended$"):
        Work().run("task", seconds=3, what="the task", on_line=heard.append)
    wait_for("the end of its child", lambda: not is_alive(int(heard[0])))


def test_what_runs_when_the_studio_ends_is_ended_even_if_it_will_not_hear(module: Path) -> None:
    deaf = "import signal, threading\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('deaf', flush=True)\n"
    module.write_text(f"{deaf}threading.Event().wait()\n")
    work, heard = Work(), threading.Event()
    said: list[str] = []

    def run() -> None:
        with pytest.raises(DeviceError) as caught:
            work.run("task", seconds=600, what="the task", on_line=lambda _: heard.set())
        said.append(str(caught.value))

    thread = threading.Thread(target=run)
    thread.start()
    assert heard.wait(60)
    work.end()
    thread.join(60)
    assert said == ["the task: the studio ends"]


@pytest.mark.parametrize("own_group", [False, True])
def test_a_process_that_has_ended_is_not_waited_for_because_another_holds_its_pipe(
    module: Path, own_group: bool
) -> None:
    code = "import threading; threading.Event().wait()"
    child = f"subprocess.Popen([{sys.executable!r}, '-c', {code!r}], start_new_session={own_group})"
    module.write_text(f"import subprocess\nprint({child}.pid, flush=True)\n")
    heard: list[str] = []
    Work().run("task", seconds=600, what="the task", on_line=heard.append)
    pid = int(heard[0])
    if own_group:  # one that took its leave, as a daemon does, lives on
        assert is_alive(pid)
        os.kill(pid, signal.SIGKILL)
    wait_for("the end of its child", lambda: not is_alive(pid))


def test_a_studio_in_the_background_starts_processes_that_can_be_interrupted(module: Path) -> None:
    module.write_text("import signal\nprint(signal.getsignal(signal.SIGINT) is signal.default_int_handler)\n")
    heard: list[str] = []
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell starts what it puts into the background
    try:
        Work().run("task", seconds=60, what="the task", on_line=heard.append)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == ["True"]


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


@pytest.fixture
def examiner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An examiner of the test's own."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    studio = tmp_path / "composerd" / "studio"
    studio.mkdir(parents=True)
    for package in (studio.parent, studio):
        (package / "__init__.py").touch()
    return studio / "examiner.py"


def test_what_else_the_examiner_prints_is_no_finding(examiner: Path) -> None:
    examiner.write_text(
        """print('jack server is not running\\n[1]\\n{"finding": {"name": "midi"}}\\n{"advice": []}')"""
    )
    found = Examination().run(Work(), None)
    assert (found["findings"], found["advice"], found["problem"]) == ([{"name": "midi"}], [], "")


def test_an_examination_that_fails_by_our_own_mistake_says_so_and_does_not_run_for_ever(examiner: Path) -> None:
    examiner.write_text("""print('{"advice": 5}')""")
    examination = Examination()
    with pytest.raises(TypeError):
        examination.run(Work(), None)
    state = examination.state()
    assert state["problem"].startswith("TypeError: ")
    assert not state["running"]


async def _of_eight_pages(place: StudioPaths, began: Path, go: Path) -> list[Any]:
    """The answers to the seven of eight pages that stay open while the machine is examined; two threads serve all."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
    services = Services(place)
    pages = [asyncio.create_task(services.carry_out(Examine(id=number))) for number in range(8)]
    try:
        await asyncio.to_thread(wait_for, "the examiner", began.exists)
        pages[0].cancel()
        assert (await services.carry_out(TellExamination(id=8)))["running"]
        await asyncio.to_thread(go.write_text, "")
        return await asyncio.wait_for(asyncio.gather(*pages[1:]), 20)
    finally:
        place.work.end()


def test_however_many_pages_ask_one_examination_runs_and_its_answer_is_for_all(examiner: Path, tmp_path: Path) -> None:
    began, go = tmp_path / "began", tmp_path / "go"
    os.mkfifo(go)
    examiner.write_text(f"print(1, file=open({str(began)!r}, 'a'))\nopen({str(go)!r}).read()\n")
    place = StudioPaths((), tmp_path, tmp_path, tmp_path / "config.yaml")
    answers = asyncio.run(_of_eight_pages(place, began, go))
    assert began.read_text() == "1\n"
    assert [(one["running"], one["problem"]) for one in answers] == [(False, "")] * 7


def test_a_second_examination_can_be_asked_for_after_the_first(examiner: Path, tmp_path: Path) -> None:
    examiner.write_text("""print('{"finding": {"name": "midi"}}')""")
    services = Services(StudioPaths((), tmp_path, tmp_path, tmp_path / "config.yaml"))

    async def twice() -> list[Any]:
        return [await services.carry_out(Examine(id=number)) for number in range(2)]

    assert [one["findings"] for one in asyncio.run(twice())] == [[{"name": "midi"}]] * 2


def test_an_examiner_that_fails_says_why_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    genres = tmp_path / ".local" / "share" / "composerd" / "genres"
    genres.mkdir(parents=True)
    for page in (paths.PACKAGE / "library" / "genres").glob("*.yaml"):  # all by rules: quick to measure
        (genres / page.name).write_text(re.sub("(?m)^model:.*", "model: plain", page.read_text()))
    mine = genres / "mine.yaml"
    mine.write_text(re.sub("(?m)^name:.*", "name: mine", (genres / "pop.yaml").read_text()))
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))

    def take_away(line: str) -> None:
        if "a decision for mine" in line:
            mine.unlink()

    with pytest.raises(ComposerdError, match=r"^unknown genre 'mine'; possible: bach"):
        Work().run("composerd.studio.examiner", seconds=300, what="the examination", on_line=take_away)
