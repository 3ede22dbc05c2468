"""Reads the notes of a MIDI file in seconds, track by track, for pictures and scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from composerd.errors import ConfigError, Line
from composerd.files.midi_reader import MidiTrack, read_midi
from composerd.music.metre import STEPS_PER_BEAT, Metre
from composerd.music.midi import Midi
from composerd.music.midi_tracks import Axis

MOST_BARS = 4000
MAX_SECONDS = 4 * 3600.0
"""later notes are left out"""


class FileNote(NamedTuple):
    """A note in seconds, with its track."""

    second: float
    seconds: float
    pitch: int
    velocity: int
    track: int
    """index in `NoteFile.tracks`"""
    tick: int
    ticks: int
    channel: int


@dataclass(frozen=True, slots=True)
class NoteFile:
    """All notes of a MIDI file on its time axis."""

    axis: Axis
    tracks: tuple[str, ...]
    """names of the tracks that have notes"""
    notes: tuple[FileNote, ...]

    @property
    def bpm(self) -> float:
        """The tempo at the start [quarter notes a minute]."""
        tempos = self.axis.tempos
        return round(60e6 / tempos[0].microseconds, 1) if tempos else 120.0

    @property
    def metre(self) -> str:
        """The time signature at the start."""
        metres = self.axis.metres
        return str(metres[0].metre if metres else Metre())

    @property
    def bars(self) -> tuple[float, ...]:
        """The bar lines up to the end of the last note [s]."""
        end = max((note.second + note.seconds for note in self.notes), default=0.0)
        grid, step, found = self.axis.bar_grid(), 0, list[float]()
        while len(found) < MOST_BARS and (second := self._second_of(step)) <= end:
            found.append(round(second, 3))
            step = grid.next_bar_line(step)
        return tuple(found)

    def _second_of(self, step: int) -> float:
        return self.axis.second_at(step * self.axis.ticks_per_beat / STEPS_PER_BEAT)


def read_tracks(path: Path) -> tuple[Axis, tuple[MidiTrack, ...]]:
    """Read time axis and tracks of a MIDI file. Raises ConfigError naming file, found and expected."""
    try:
        file = read_midi(path)
    except OSError as error:
        raise ConfigError.unreadable(path, error) from None
    except ValueError as problem:
        raise ConfigError(str(problem), place=Line(str(path))) from None
    return Axis(file.ticks_per_beat, file.tempos, file.metres), file.tracks


def read_notes(path: Path) -> NoteFile:
    """Read the notes of a MIDI file. Raises ConfigError as `read_tracks` does."""
    axis, tracks = read_tracks(path)
    sounding = [track for track in tracks if any(message.starts_note for _, message in track.events)]
    notes = [note for index, track in enumerate(sounding) for note in _notes(axis, track, index)]
    names = tuple(track.name or f"track {index + 1}" for index, track in enumerate(sounding))
    return NoteFile(axis, names, tuple(sorted(note for note in notes if note.second <= MAX_SECONDS)))


def _notes(axis: Axis, track: MidiTrack, index: int) -> Iterator[FileNote]:
    """Yield the notes of a track; a repeated note ends the one before, an unfinished one ends with the track."""
    begun: dict[tuple[int, int], tuple[int, int]] = {}
    last = track.events[-1][0] if track.events else 0
    for tick, message in track.events:
        key = (message.channel, message.data1)
        if (message.starts_note or message.ends_note) and key in begun:
            yield _note(axis, index, key, begun.pop(key), tick)
        if message.starts_note:
            begun[key] = (tick, message.data2)
    for key, beginning in begun.items():
        yield _note(axis, index, key, beginning, last)


def _note(axis: Axis, track: int, key: tuple[int, int], beginning: tuple[int, int], end: int) -> FileNote:
    (channel, pitch), (tick, velocity) = key, beginning
    second = axis.second_at(tick)
    return FileNote(second, axis.second_at(end) - second, pitch, velocity, track, tick, end - tick, channel)


def messages_of(tracks: Sequence[MidiTrack]) -> list[tuple[int, Midi]]:
    """(tick, message) of all tracks, in order."""
    return sorted((event for track in tracks for event in track.events), key=lambda event: event[0])
