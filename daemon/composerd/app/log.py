"""Formats and writes log lines: with the time in a terminal, with journald's priorities (sd-daemon(3)) under
systemd."""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import SimpleQueue
from types import TracebackType
from typing import Protocol, TextIO

LOGGER = "composerd"
PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""level of logging -> priority of syslog (sd-daemon(3))"""
PATIENCE = 1.0
"""seconds to wait for a terminal to take the last lines"""
LAST_LINES = "last log lines"
"""name of the thread that waits for the terminal at the end"""
ERROR = f"<{PRIORITIES[logging.ERROR]}>"


class Screen(Protocol):
    """A terminal with a status line, above which log lines are written."""

    def above(self, line: str) -> None: ...


class JournalFormatter(logging.Formatter):
    """Formats as `<6>message`, without a time, since the journal adds one; every line of a traceback has the
    priority."""

    def format(self, record: logging.LogRecord) -> str:
        priority = PRIORITIES.get(record.levelno, 6)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def mark_crashes() -> None:
    """Print uncaught exceptions of all threads with the priority of a critical error.

    For a stderr that is the journal's, which would take them for information.
    """

    def crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        lines = "".join(traceback.format_exception(kind, error, trace)).splitlines()
        print("\n".join(f"<{PRIORITIES[logging.CRITICAL]}>{line}" for line in lines), file=sys.stderr, flush=True)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is not SystemExit:  # ends a thread on purpose
            crashed(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = crashed
    threading.excepthook = in_thread


class TerminalFormatter(logging.Formatter):
    """Formats as `12:03:04 message`, with the level's name unless it is INFO."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return line if record.levelno == logging.INFO else f"{line[:9]}{record.levelname.lower()}: {line[9:]}"


class ScreenHandler(logging.Handler):
    """Writes log lines to the terminal, above the status line."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        self._screen.above(self.format(record))


class Plain:
    """A stream without a status line; errors of a closed pipe are ignored."""

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


@contextmanager
def lines_to(level: str, screen: Screen | None = None, journald: bool | None = None) -> Iterator[None]:
    """Context in which log lines of `level` and above go to `screen` (None: stderr).

    A thread writes them, so that a blocked terminal (Ctrl-S, a slow ssh) never blocks the caller.
    """
    from logging.handlers import QueueHandler, QueueListener  # imports pickle and sockets, which --help does without

    to_journal = under_journald() if journald is None else journald
    handler = ScreenHandler(screen or Plain(sys.stderr))
    handler.setFormatter(JournalFormatter() if to_journal else TerminalFormatter())
    waiting: SimpleQueue[logging.LogRecord] = SimpleQueue()
    listener = QueueListener(waiting, handler)
    logger = logging.getLogger(LOGGER)
    logger.handlers[:] = [QueueHandler(waiting)]
    logger.setLevel(level.upper())
    logger.propagate = False
    listener.start()
    try:
        yield
    finally:
        logger.handlers[:] = [handler]
        ending = threading.Thread(target=listener.stop, name=LAST_LINES, daemon=True)
        ending.start()
        ending.join(PATIENCE)
