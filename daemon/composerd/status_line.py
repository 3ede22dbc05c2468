"""How the performance stands: one living line in a terminal, or a plain line when something changes.

The conductor only leaves its latest snapshot here; a thread draws it, so that a terminal that blocks (Ctrl-S, a slow
ssh) never blocks the music.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from composerd.engine.messages import Snapshot

INTERVAL = 0.1
"""seconds between two drawings: a tenth is as fast as a beat counter is read"""
BARS_PER_LINE = 8
"""without a living line, a line is written at every so many bars"""
CLEAR = "\r\x1b[K"


def living(snapshot: Snapshot) -> str:
    """`bar 12.3  120 bpm  jazz  Dm7 → G7  AKM322 MIDI 1  late 0  dropped 0  B  muted drums  follow`."""
    place = f"{snapshot.bar}.{snapshot.beat}" if snapshot.bar else "–"
    chord = f"{snapshot.chord or '–'} → {snapshot.next_chord or '–'}"
    keyboard = snapshot.keyboard or "no keyboard"
    counts = f"late {snapshot.late}  dropped {snapshot.dropped}"
    fields = (
        f"{snapshot.state:<8}",
        f"{place:>6}",
        f"{snapshot.bpm:5.1f} bpm",
        snapshot.genre,
        f"{chord:<14}",
        keyboard,
    )
    return "  ".join((*fields, counts, *_chosen(snapshot), *snapshot.notes))


def fitting(snapshot: Snapshot, width: int) -> str:
    """The living line; where it does not fit, without wide gaps and what stands in brackets, then cut."""
    line = living(snapshot)
    if len(line) <= width:
        return line
    short = replace(snapshot, notes=tuple(note.partition(" (")[0] for note in snapshot.notes))
    counts = f"late {snapshot.late} dropped {snapshot.dropped}"
    return plain(short).replace(counts, f"{snapshot.late}/{snapshot.dropped} late", 1)[:width]


def _chosen(snapshot: Snapshot) -> list[str]:
    """What the player chose that is not the ordinary."""
    found = [snapshot.variation] if snapshot.variation not in ("", "A") else []
    parts = (("muted", snapshot.muted), ("solo", snapshot.solo))
    found += [f"{word} {', '.join(names)}" for word, names in parts if names]
    return found + [word for word, on in (("follow", snapshot.follow), ("left hand", snapshot.left_hand)) if on]


def plain(snapshot: Snapshot) -> str:
    return " ".join(living(snapshot).split())


class View(Protocol):
    """Draws a snapshot and puts things in order at the end."""

    def draw(self, snapshot: Snapshot) -> None: ...

    def close(self) -> None: ...


class LivingLine:
    """A `log.Screen` with the living line at its foot."""

    def __init__(self, stream: TextIO, width: Callable[[], int] | None = None) -> None:
        self._stream = stream
        self._width = width or (lambda: shutil.get_terminal_size().columns)
        self._drawn = ""
        self._lock = threading.Lock()

    def above(self, line: str) -> None:
        with self._lock:
            self._write(f"{CLEAR}{line}\n{self._drawn}" if self._drawn else f"{line}\n")

    def draw(self, snapshot: Snapshot) -> None:
        line = fitting(snapshot, max(1, self._width() - 1))
        with self._lock:
            if line != self._drawn:
                self._drawn = line
                self._write(CLEAR + line)

    def close(self) -> None:
        with self._lock:
            if self._drawn:
                self._write("\n")
            self._drawn = ""

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # a terminal that went away is no reason to stop playing
            return


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
        """Every line is whole."""


class Reporter:
    """Takes snapshots from the conductor and has the latest one drawn, ten times a second, while `with` it."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._latest: Snapshot | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="status line", daemon=True)

    def show(self, snapshot: Snapshot) -> None:
        """Never waits."""
        self._latest = snapshot

    def __enter__(self) -> Reporter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=1.0)
        self._view.close()

    def _run(self) -> None:
        while not self._over.wait(INTERVAL):
            self._draw()
        self._draw()

    def _draw(self) -> None:
        if self._latest is not None:
            self._view.draw(self._latest)
