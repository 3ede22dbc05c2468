"""README and docs: what they name exists, what is generated is up to date, and every command in them runs."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import smf
from bands import play_by_rules
from charts import BLUES
from composerd.cli.main import COMMANDS
from composerd.cli.options import OPTIONS
from composerd.engine.commands import TABLE
from composerd.files.charts.formats import write_charts
from composerd.files.charts.text import read_text
from composerd.library.genre_files import genre_pages
from jackd import FakeKeyboard, FakeSynth, JackServer, wait_for

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"(<!-- not run: [^>]+ -->\n)?^ *```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LIMIT = 60.0
"""seconds within which a command has to end"""


def commands(page: Path) -> list[str]:
    """The page's `composerd …` lines in blocks of shell that are to be run, comments taken off."""
    blocks = [text for skipped, text in BLOCK.findall(page.read_text("utf-8")) if not skipped]
    lines = [line.split("  #")[0].strip() for text in blocks for line in text.splitlines()]
    return [line for line in lines if line.split(" ")[0] == "composerd"]


def kind(line: str) -> str:
    """How a command is run: live (until it is stopped), request (to a running daemon), takes (after one), or file."""
    words = line.split()
    name = words[1] if len(words) > 1 and words[1] in COMMANDS else "play"
    if name == "play" or (name == "demo" and "-o" not in words):
        return "live"
    return {"ctl": "request", "takes": "takes"}.get(name, "file")


LINES = sorted({line for page in PAGES for line in commands(page)})


@pytest.fixture
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_pages_are_up_to_date(generate: ModuleType) -> None:
    old = [page.name for page, text in generate.pages().items() if page.read_text("utf-8") != text]
    assert old == [], "run: python docs/generate.py"


@pytest.mark.parametrize("flag", OPTIONS)
def test_every_option_stands_in_the_reference(flag: str) -> None:
    assert re.search(rf"^\| `{flag}\b", (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_readme(name: str) -> None:
    assert re.search(rf"^composerd \[?{name}\b", README, re.MULTILINE)


@pytest.mark.parametrize("name", genre_pages({"HOME": "/nowhere"}))
def test_every_genre_stands_in_the_readme(name: str) -> None:
    assert f"| `{name}` |" in README


def test_the_readme_has_at_most_200_lines() -> None:
    assert len(README.splitlines()) <= 200


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not link.startswith("http") and not (page.parent / link).exists()] == []


def test_ci_finds_the_test_command() -> None:
    block = re.search(r"<!-- test command -->\n```sh\n(.+)\n```", README)
    assert block
    assert block[1].endswith("tests/check")


@pytest.mark.parametrize("name", TABLE.words)
def test_every_command_of_the_player_stands_in_the_page_of_controls(name: str) -> None:
    assert re.search(rf"`{name}\b", (ROOT / "docs" / "reference" / "controls.md").read_text("utf-8"))


@pytest.fixture
def home(jack: JackServer, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a user with `composerd` on the path, on a machine with JACK and a synth."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "composerd"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m composerd "$@"\n')
    program.chmod(0o755)
    own = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")}
    (tmp_path / "composerd" / "songs").mkdir(parents=True)
    for song in ("blues.txt", "composerd/songs/blues.chart"):
        (tmp_path / song).write_text(BLUES)
    (tmp_path / "composerd" / "sets").mkdir()
    (tmp_path / "composerd" / "sets" / "gig.txt").write_text("blues\n")
    (tmp_path / "standards.html").write_bytes(write_charts("standards.html", [read_text(BLUES)]))
    melody = smf.meta(3, b"melody") + smf.notes(smf.C_MAJOR) + smf.END
    (tmp_path / "melody.mid").write_bytes(smf.song(melody, smf.band()[0]))
    synth = FakeSynth()
    yield {
        **jack.env,
        **own,
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "COMPOSERD_MIDI__API": "jack",
        "COMPOSERD_AUDIO__ENABLED": "never",
        "PYTHONUNBUFFERED": "1",
    }
    synth.close()


def run(line: str, home: dict[str, str], folder: Path) -> str:
    """Run a line in a shell; what it printed. Fails where it fails; `doctor` may also find something (status 1)."""
    done = subprocess.run(
        ["sh", "-c", line], cwd=folder, env=home, timeout=LIMIT, capture_output=True, text=True, check=False
    )
    assert done.returncode in ((0, 1) if line == "composerd doctor" else (0,)), f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


@contextlib.contextmanager
def started(line: str, home: dict[str, str], folder: Path) -> Iterator[Callable[[], str]]:
    """Run a live command until the block ends; yields a function that returns its output so far."""
    with (folder / "log").open("w") as log:
        program = subprocess.Popen(["sh", "-c", f"exec {line}"], cwd=folder, env=home, stdout=log, stderr=log)
    try:
        wait_for("a start", lambda: (folder / "log").read_text() or program.poll() is not None)
        yield (folder / "log").read_text
        program.terminate()
        assert program.wait(LIMIT) in (0, 130), (folder / "log").read_text()
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()


@pytest.mark.jack
@pytest.mark.parametrize("line", [line for line in LINES if kind(line) == "live"])
def test_a_live_command_of_the_pages_starts_and_ends(line: str, home: dict[str, str], tmp_path: Path) -> None:
    with started(line, home, tmp_path) as said:
        assert "Traceback" not in said()


@pytest.mark.jack
@pytest.mark.parametrize("line", [line for line in LINES if kind(line) == "file"])
def test_a_command_of_the_pages_that_ends_by_itself_succeeds(line: str, home: dict[str, str], tmp_path: Path) -> None:
    if line == "composerd doctor":
        play_by_rules(tmp_path)
    run(line, home, tmp_path)
    if output := re.search(r"-o (\S+)", line):
        assert (tmp_path / output[1]).stat().st_size > 0


@pytest.mark.jack
def test_the_commands_to_a_running_composerd_and_about_its_takes_succeed(
    jack: JackServer, home: dict[str, str], tmp_path: Path
) -> None:
    with started("composerd", home, tmp_path) as said:
        keyboard = FakeKeyboard(jack)
        try:
            wait_for("the keyboard", lambda: "AKM322" in said())
            keyboard.press_until("a take", lambda: list(tmp_path.rglob("takes/*.journal")))
            answers = [run(line, home, tmp_path) for line in LINES if kind(line) == "request"]
            assert any("AKM322" in answer for answer in answers)
        finally:
            keyboard.pull()
    for line in LINES:
        if kind(line) == "takes":
            run(line, home, tmp_path)
    assert (tmp_path / "evening.mid").read_bytes().startswith(b"MThd")
