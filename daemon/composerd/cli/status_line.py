"""The status line: one line in a terminal, rewritten in place, or without a terminal a log line at each change.

The conductor only stores its latest snapshot; a thread draws it, so that a blocked terminal (Ctrl-S, a slow ssh) does
not block the music.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TextIO

from composerd.threads import spawn

if TYPE_CHECKING:
    from composerd.engine.messages import Snapshot

THREAD = "status line"
"""name of the thread that draws"""
INTERVAL = 0.1
"""seconds between two drawings"""
IDLE_INTERVAL = 0.5
"""seconds between two drawings while nothing changes"""
BARS_PER_LINE = 8
"""without a terminal, bars between two lines"""
CLEAR = "\r\x1b[K"
UP, CLEAR_BELOW = "\x1b[{}A", "\r\x1b[J"
"""control sequences: up by so many rows; erase from here to the end of the screen (ECMA-48: CUU, ED)"""

ACCIDENTALS = str.maketrans({"b": "♭", "#": "♯"})
"""ASCII accidentals in key names -> the signs that chord names use"""


def living(snapshot: Snapshot) -> str:
    """`bar 12.3  120 bpm  jazz  Dm7 → G7  AKM322 MIDI 1  late 0  dropped 0  fuller  muted drums  follow`."""
    return _line(snapshot, f"late {snapshot.late}  dropped {snapshot.dropped}")


def _line(snapshot: Snapshot, counts: str) -> str:
    place = f"{snapshot.bar}.{snapshot.beat}" if snapshot.bar else "–"
    chord = f"{snapshot.chord or '–'} → {snapshot.next_chord or '–'}"
    keyboard = snapshot.keyboard or "no keyboard"
    fields = (
        f"{snapshot.state:<8}",
        f"{place:>6}",
        f"{snapshot.bpm:5.1f} bpm",
        snapshot.genre,
        f"{chord:<14}",
        *([f"in {snapshot.key.translate(ACCIDENTALS)}"] if snapshot.key else []),
        keyboard,
    )
    song = [f"[{snapshot.set_list}]"] if snapshot.set_list else []
    song += [": ".join(filter(None, (snapshot.song, snapshot.place)))] if snapshot.place else []
    song += [f"({' '.join(snapshot.ahead)})"] if snapshot.ahead else []
    return "  ".join((*fields, *song, counts, *_chosen(snapshot), *snapshot.notes))


def fitting(snapshot: Snapshot, width: int) -> str:
    """The status line; if it is too long, without wide gaps and brackets, then cut."""
    line = living(snapshot)
    if len(line) <= width:
        return line
    short = replace(snapshot, notes=tuple(note.partition(" (")[0] for note in snapshot.notes))
    return _single_spaced(_line(short, f"{snapshot.late}/{snapshot.dropped} late"))[:width]


def _chosen(snapshot: Snapshot) -> list[str]:
    """The player's choices that differ from the default."""
    found = [snapshot.metre] if snapshot.metre not in ("", "4/4") else []
    if snapshot.variation not in ("", "A"):
        from composerd.engine.commands.form import VARIATIONS  # not before a band plays: it takes long to import

        found.append(": ".join(VARIATIONS.get(word, word) for word in snapshot.variation.split()))
    parts = (("muted", snapshot.muted), ("solo", snapshot.solo))
    found += [f"{word} {', '.join(names)}" for word, names in parts if names]
    return found + [word for word, on in (("follow", snapshot.follow), ("left hand", snapshot.left_hand)) if on]


def plain(snapshot: Snapshot) -> str:
    """The status line without wide gaps, for a log."""
    return _single_spaced(living(snapshot))


def _single_spaced(line: str) -> str:
    return " ".join(line.split())


class StatusView(Protocol):
    """Draws snapshots, and cleans up at the end."""

    def draw(self, snapshot: Snapshot) -> None: ...

    def close(self) -> None: ...


class LivingLine:
    """A terminal with the status line below the log lines."""

    def __init__(self, stream: TextIO, width: Callable[[], int] | None = None) -> None:
        self._stream = stream
        self._width = width or (lambda: _columns(stream))
        self._drawn = ""
        self._lock = threading.Lock()

    def above(self, line: str) -> None:
        with self._lock:
            self._write(f"{self._cleared()}{line}\n{self._drawn}" if self._drawn else f"{line}\n")

    def draw(self, snapshot: Snapshot) -> None:
        line = fitting(snapshot, max(1, self._width() - 1))
        with self._lock:
            if line != self._drawn:
                cleared, self._drawn = self._cleared(), line
                self._write(cleared + line)

    def _cleared(self) -> str:
        """The control sequence that erases the drawn line, which occupies several rows if the terminal became
        narrower."""
        rows = max(0, len(self._drawn) - 1) // max(1, self._width())
        return f"{UP.format(rows)}{CLEAR_BELOW}" if rows else CLEAR

    def close(self) -> None:
        with self._lock:
            if self._drawn:
                self._write("\n")
            self._drawn = ""

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # the music goes on without the terminal
            return


def _columns(stream: TextIO) -> int:
    """The width of the terminal that `stream` writes to; a default if it is none or its width is unknown."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return columns or shutil.get_terminal_size().columns


class Milestones:
    """Writes a line when the state, genre, keyboard or the player's choices change, and at every eighth bar."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._last: tuple[object, ...] = ()

    def draw(self, snapshot: Snapshot) -> None:
        group = (snapshot.bar - 1) // BARS_PER_LINE if snapshot.bar else -1
        at = (snapshot.state, snapshot.genre, snapshot.keyboard, group, *_chosen(snapshot))
        if at != self._last:
            self._last = at
            self._write(plain(snapshot))

    def close(self) -> None:
        """Nothing to clean up: every line is complete."""


class Reporter:
    """Context that takes snapshots from the conductor and draws the latest one ten times a second."""

    def __init__(self, view: StatusView) -> None:
        self._view = view
        self._latest: Snapshot | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Take a snapshot. Does not block."""
        self._latest = snapshot

    def __enter__(self) -> Reporter:
        self._thread = spawn(THREAD, self._run)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=1.0)  # longer only if the terminal is blocked

    def _run(self) -> None:
        drawn, pause = self._latest, INTERVAL
        while not self._over.wait(pause):
            pause = INTERVAL if self._latest is not drawn else IDLE_INTERVAL
            drawn = self._latest
            self._draw()
        self._draw()
        self._view.close()

    def _draw(self) -> None:
        if self._latest is not None:
            self._view.draw(self._latest)
