"""Reads the melody of a MIDI file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from composerd.errors import ConfigError, Line, Option
from composerd.files.melody_choice import Choice, melody_of
from composerd.files.midi_reader import read_midi
from composerd.files.voices import FileVoice, voices_of
from composerd.music.midi_tracks import Axis, MelodyTrack, TrackMessage

MAX_SECONDS = 4 * 3600.0
MAX_BEATS = 72_000
"""longest melody [beats], four hours at 300 bpm: limits the time axis of files with absurd tempi"""


@dataclass(frozen=True, slots=True)
class MelodyFile:
    """A file's melody, the reason for this choice, and notes about skipped data."""

    melody: MelodyTrack
    choice: Choice
    """the voice that is the melody, with the reason"""
    ignored: tuple[str, ...]
    """notes about skipped data, one line for each kind"""

    @property
    def others(self) -> tuple[FileVoice, ...]:
        return tuple(voice for index, voice in enumerate(self.choice.voices) if index != self.choice.index)


def read_melody(path: Path) -> MelodyTrack:
    """Read the melody of a MIDI file. Raises ConfigError naming file, found and expected."""
    return open_melody(path).melody


def open_melody(path: Path, track: str = "") -> MelodyFile:
    """Read a MIDI file with its melody: the voice named or numbered `track`, else the most likely one.

    Raises ConfigError naming file or option, found and expected.
    """
    try:
        file = read_midi(path)
        voices = voices_of(file)
        choice = melody_of(voices)
    except OSError as error:
        raise ConfigError.unreadable(path, error) from None
    except ValueError as problem:
        raise ConfigError(str(problem), place=Line(str(path))) from None
    if track:
        try:
            choice = melody_of(voices, track)
        except ValueError as problem:
            raise ConfigError(f"{problem} of {path}", place=Option("--track")) from None
    axis = Axis(file.ticks_per_beat, file.tempos, file.metres)
    return MelodyFile(_track(path, axis, choice.voice), choice, file.ignored)


def _track(path: Path, axis: Axis, voice: FileVoice) -> MelodyTrack:
    end = voice.events[-1][0]
    if axis.second_at(end) > MAX_SECONDS:
        hours = f"{axis.second_at(end) / 3600:,.0f} hours of music, at most {MAX_SECONDS / 3600:.0f} are read"
        raise ConfigError(f"found {hours}", place=Line(str(path)))
    if end > MAX_BEATS * axis.ticks_per_beat:
        found = f"{end / axis.ticks_per_beat:,.0f} beats of music"
        raise ConfigError(place=Line(str(path)), found=found, expected=f"at most {MAX_BEATS:,}")
    messages = tuple(TrackMessage(tick, axis.second_at(tick), message) for tick, message in voice.events)
    return MelodyTrack(axis, voice.name, messages, end)
