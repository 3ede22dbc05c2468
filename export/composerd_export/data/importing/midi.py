"""Reads MIDI files for a corpus: voices and their notes in beats. Any content is read safely or rejected."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from composerd.files.midi_reader import MidiFile, read_midi
from composerd.files.voices import OFF, FileVoice, voices_of
from composerd.music.metre import Metre

MAX_BEATS = 16_000
"""an hour and a half at 180 bpm"""
DEFAULT_MICROSECONDS = 500_000


class Rejected(Exception):
    """A file cannot go into the corpus; the message is the reason, in one line."""


@dataclass(frozen=True, slots=True)
class MidiSong:
    """A file's music: `metres` are (beat, numerator, denominator), from beat 0; `bpm` rules longest, 30 to 300."""

    voices: tuple[FileVoice, ...]
    metres: tuple[tuple[float, int, int], ...]
    bpm: float
    end: float
    """beat of the last note's end"""
    ignored: tuple[str, ...] = ()
    """notes about skipped data"""


def read_song(path: Path) -> MidiSong:
    """Reads a MIDI file. Raises Rejected, and nothing else, if it holds no playable piece of music."""
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise Rejected("not an ordinary file")
        file = read_midi(path)
        return _song(file, voices_of(file))
    except OSError as error:
        raise Rejected(f"cannot be read: {error.strerror or error}") from None
    except ValueError as problem:
        raise Rejected(str(problem)) from None


def _song(file: MidiFile, voices: tuple[FileVoice, ...]) -> MidiSong:
    end = max(float(voice.notes[:, OFF].max()) for voice in voices)
    if end > MAX_BEATS:
        raise Rejected(f"{end:,.0f} beats long, at most {MAX_BEATS:,} are read")
    metres = {change.tick / file.ticks_per_beat: change.metre for change in file.metres}
    tempos = [(change.tick / file.ticks_per_beat, change.microseconds) for change in file.tempos]
    return MidiSong(voices, _metres(metres), _tempo(tempos, end), end, file.ignored)


def _metres(found: dict[float, Metre]) -> tuple[tuple[float, int, int], ...]:
    """(beat, numerator, denominator) of each metre in order; 4/4 until the first."""
    by_beat = {0.0: Metre()} | found
    return tuple((beat, by_beat[beat].numerator, by_beat[beat].denominator) for beat in sorted(by_beat))


def _tempo(found: Iterable[tuple[float, int]], end: float) -> float:
    """Quarter notes a minute of the tempo that rules most beats."""
    changes = {0.0: DEFAULT_MICROSECONDS} | dict(found)
    beats: dict[int, float] = {}
    moments = [*sorted(changes), max(end, max(changes))]
    for beat, until in pairwise(moments):
        beats[changes[beat]] = beats.get(changes[beat], 0.0) + max(0.0, min(until, end) - beat)
    return min(300.0, max(30.0, 60e6 / max(beats, key=beats.__getitem__)))
