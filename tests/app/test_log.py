import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from composerd.app import log


class Screen:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def above(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(autouse=True)
def _quiet_afterwards() -> Iterator[None]:
    yield
    logger = logging.getLogger(log.LOGGER)
    logger.handlers.clear()
    logger.setLevel(logging.NOTSET)
    logger.propagate = True


def logged(level: str, journald: bool) -> list[str]:
    screen = Screen()
    with log.lines_to(level, screen, journald):
        logger = logging.getLogger("composerd.engine")
        logger.debug("asked")
        logger.info("bars 1–8")
        logger.warning("disk full")
    return screen.lines


def test_the_journal_gets_priorities_and_no_time() -> None:
    assert logged("debug", journald=True) == ["<7>asked", "<6>bars 1–8", "<4>disk full"]


def test_a_terminal_gets_the_time_and_the_level_of_what_is_not_ordinary() -> None:
    lines = logged("info", journald=False)
    assert [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in lines] == ["bars 1–8", "warning: disk full"]
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in lines)


def test_each_line_of_a_traceback_carries_its_priority() -> None:
    screen = Screen()
    with log.lines_to("info", screen, journald=True):
        try:
            raise ValueError("broken")
        except ValueError:
            logging.getLogger("composerd").exception("stopped")
    assert len(screen.lines[0].splitlines()) > 3
    assert all(line.startswith("<3>") for line in screen.lines[0].splitlines())


def test_the_journal_is_known_by_the_stream_it_names(capfd: pytest.CaptureFixture[str]) -> None:
    del capfd  # gives stderr a file descriptor
    status = os.fstat(sys.stderr.fileno())
    assert log.under_journald({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
    assert not log.under_journald({"JOURNAL_STREAM": "1:2"})
    assert not log.under_journald({})


def test_a_log_whose_reader_went_away_is_borne(capsys: pytest.CaptureFixture[str]) -> None:
    stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # closed to be written to
    stream.close()
    log.Plain(stream).above("lost")
    assert capsys.readouterr().err == ""


def in_the_journal(tmp_path: Path, program: str) -> list[str]:
    """What `program` writes to a stderr that is the journal's, by lines."""
    with (tmp_path / "journal").open("w") as stream:
        status = os.fstat(stream.fileno())
        environ = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        subprocess.run([sys.executable, "-c", program], stderr=stream, env=environ, check=False)
    return (tmp_path / "journal").read_text().splitlines()


MAIN = "from composerd.cli.main import main; "


def test_wrong_settings_are_an_error_in_the_journal_too(tmp_path: Path) -> None:
    (said,) = in_the_journal(tmp_path, MAIN + "main(['play', '--genre', 'polka'])")
    assert said.startswith("<3>composerd: --genre: unknown genre 'polka'; possible: ")


@pytest.mark.parametrize(
    "crash", ["raise ValueError", "import threading; threading.Thread(target=print, args=1).start()"]
)
def test_every_line_of_a_crash_is_a_disaster_in_the_journal(tmp_path: Path, crash: str) -> None:
    said = in_the_journal(tmp_path, MAIN + f"main(['genres']); {crash}")
    assert len(said) > 2
    assert all(line.startswith("<2>") for line in said)


class Stopped:
    """A terminal after Ctrl-S: a line is not taken until `go_on`."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.lines: list[str] = []

    def above(self, line: str) -> None:
        self.go_on.wait()
        self.lines.append(line)


def test_a_terminal_that_takes_nothing_does_not_block_who_logs() -> None:
    screen = Stopped()
    with log.lines_to("info", screen, journald=True):
        for number in range(1000):
            logging.getLogger("composerd").info("line %d", number)
        assert screen.lines == []
        screen.go_on.set()
    assert screen.lines == [f"<6>line {number}" for number in range(1000)]
