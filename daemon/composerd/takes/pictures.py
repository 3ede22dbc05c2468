"""Reads a take's notes for drawing: seconds, pitches and parts; imports neither the engine nor numpy."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from composerd.errors import ConfigError
from composerd.files.midi_notes import NoteFile, read_notes

log = logging.getLogger(__name__)
SMALL = 240
"""most notes of a small picture"""


class DrawnNote(NamedTuple):
    """A note of a picture."""

    second: float
    seconds: float
    pitch: int
    velocity: int
    track: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The notes of a take, with bar lines and tempo."""

    seconds: float
    bpm: float
    """quarter notes a minute at the start"""
    metre: str
    tracks: tuple[str, ...]
    notes: tuple[DrawnNote, ...]
    bars: tuple[float, ...] = ()
    """seconds of the bar lines"""

    @property
    def small(self) -> tuple[DrawnNote, ...]:
        """At most SMALL notes, evenly selected."""
        by = max(1, -(-len(self.notes) // SMALL))
        return self.notes[::by]


def picture(path: Path) -> Picture | None:
    """Read a MIDI file for drawing; None if it cannot be read."""
    try:
        return _picture(read_notes(path))
    except ConfigError as error:
        log.debug("%s", error)
        return None


def _picture(file: NoteFile) -> Picture:
    notes = tuple(
        DrawnNote(round(n.second, 3), round(n.seconds, 3), n.pitch, n.velocity, n.track) for n in sorted(file.notes)
    )
    end = max((n.second + n.seconds for n in notes), default=0.0)
    return Picture(round(end, 2), file.bpm, file.metre, file.tracks, notes, file.bars)
