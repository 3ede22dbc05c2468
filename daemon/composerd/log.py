"""Log lines: with the time in a terminal, with journald's priorities (sd-daemon(3)) and no time under systemd."""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, TextIO

LOGGER = "composerd"
PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""syslog's, as sd-daemon(3) wants them"""
ERROR = f"<{PRIORITIES[logging.ERROR]}>"


class Screen(Protocol):
    """Whatever may have an unfinished line on the terminal: log lines go above it."""

    def above(self, line: str) -> None: ...


class JournalFormatter(logging.Formatter):
    """`<6>message`: the journal has its own clock; each line of a traceback carries its priority."""

    def format(self, record: logging.LogRecord) -> str:
        priority = PRIORITIES.get(record.levelno, 6)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def mark_crashes() -> None:
    """Give what Python prints of an uncaught exception, in whatever thread, the priority of a disaster.

    For a stderr that is the journal's: without it the last words of a crash pass for information.
    """

    def crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        lines = "".join(traceback.format_exception(kind, error, trace)).splitlines()
        print("\n".join(f"<{PRIORITIES[logging.CRITICAL]}>{line}" for line in lines), file=sys.stderr, flush=True)

    def in_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_type is not SystemExit:  # a thread's way to end itself
            crashed(told.exc_type, told.exc_value, told.exc_traceback)

    sys.excepthook = crashed
    threading.excepthook = in_thread


class TerminalFormatter(logging.Formatter):
    """`12:03:04 message`, with the level's name where it is not an ordinary message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return line if record.levelno == logging.INFO else f"{line[:9]}{record.levelname.lower()}: {line[9:]}"


class ScreenHandler(logging.Handler):
    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        self._screen.above(self.format(record))


class Plain:
    """A stream without a living line. A reader that went away is no reason to stop playing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def above(self, line: str) -> None:
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return


def under_journald(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether stderr is the journal's stream (systemd.exec(5), JOURNAL_STREAM: device:inode)."""
    try:
        status = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def set_up(level: str, screen: Screen | None = None, journald: bool | None = None) -> None:
    """Send every composerd logger's lines of `level` and above to `screen` (stderr where None)."""
    to_journal = under_journald() if journald is None else journald
    handler = ScreenHandler(screen or Plain(sys.stderr))
    handler.setFormatter(JournalFormatter() if to_journal else TerminalFormatter())
    logger = logging.getLogger(LOGGER)
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False
