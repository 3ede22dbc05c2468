"""Music on a MIDI file's time axis: ticks, tempo and metre changes, tracks; devices.midi_file reads and writes them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.metre import STEPS_PER_BEAT, BarGrid, Metre
from composerd.music.midi import VOLUME, Midi, control, note_off, program

MELODY_TRACK = "melody"
"""name of the track that holds the player's own notes"""
GM_VOLUME = 100
"""channel volume a General MIDI synth starts with; loudness itself is in the velocities"""


@dataclass(frozen=True, slots=True, order=True)
class TempoChange:
    tick: int
    microseconds: int
    """per quarter note, as the file stores it"""

    @property
    def bpm(self) -> float:
        return 60e6 / self.microseconds


@dataclass(frozen=True, slots=True)
class MetreChange:
    tick: int
    metre: Metre


@dataclass(frozen=True, slots=True)
class Axis:
    """Ticks of a file against seconds and bars. Tick 0 is second 0 and bar 1, beat 1.

    `tempos` and `metres` are in order of ticks; before the first change 120 bpm and 4/4 hold.
    """

    ticks_per_beat: int = 480
    tempos: tuple[TempoChange, ...] = ()
    metres: tuple[MetreChange, ...] = ()
    _pieces: tuple[tuple[int, float, float], ...] = field(init=False, repr=False, compare=False)
    """straight pieces: first tick, its second, seconds per tick"""

    def __post_init__(self) -> None:
        tick, second, per_tick = 0, 0.0, 0.5 / self.ticks_per_beat
        pieces = [(tick, second, per_tick)]
        for change in self.tempos:
            second += (change.tick - tick) * per_tick
            tick, per_tick = change.tick, change.microseconds / 1e6 / self.ticks_per_beat
            pieces.append((tick, second, per_tick))
        object.__setattr__(self, "_pieces", tuple(pieces))

    @classmethod
    def steady(cls, bpm: float, metre: Metre, ticks_per_beat: int = 480) -> Axis:
        return cls(ticks_per_beat, (TempoChange(0, round(60e6 / bpm)),), (MetreChange(0, metre),))

    def second_at(self, tick: float) -> float:
        origin, second, per_tick = self._piece(bisect_right(self._pieces, tick, key=lambda piece: piece[0]))
        return second + (tick - origin) * per_tick

    def tick_at(self, second: float) -> int:
        """The nearest tick, never negative."""
        origin, start, per_tick = self._piece(bisect_right(self._pieces, second, key=lambda piece: piece[1]))
        return max(0, round(origin + (second - start) / per_tick))

    def bar_grid(self) -> BarGrid:
        """The file's bars in steps; a change within a bar counts from the next bar line."""
        grid = BarGrid()
        for change in self.metres:
            grid = grid.changed(change.tick * STEPS_PER_BEAT // self.ticks_per_beat, change.metre)
        return grid

    def _piece(self, following: int) -> tuple[int, float, float]:
        return self._pieces[max(0, following - 1)]


@dataclass(frozen=True, slots=True)
class SongMessage:
    tick: int
    second: float
    message: Midi


@dataclass(frozen=True, slots=True)
class Song:
    """The melody of a file. Every note in `messages` ends; their channel is the file's own."""

    axis: Axis
    track: str
    """the melody track's name, may be empty"""
    messages: tuple[SongMessage, ...]
    end_tick: int
    """the last moment of the melody"""

    @property
    def seconds(self) -> float:
        return self.axis.second_at(self.end_tick)


@dataclass(frozen=True, slots=True)
class Track:
    """A track to be written: `events` (tick, message) in order."""

    name: str
    events: tuple[tuple[int, Midi], ...]


Line = tuple[int, Part | None, Midi]
"""tick, the part that sends (None: the player), what it sends"""


def tracks(genre: Genre, lines: Iterable[Line], end: int) -> tuple[Track, ...]:
    """One track for the player (`melody`, channel 1), then one per part: `genre`'s, in order, and any other that plays.

    A part that changes its instrument on the way says so by a program change. Every note ends by tick `end`.
    """
    events: dict[str, list[tuple[int, Midi]]] = {MELODY_TRACK: list(opening(PLAYER_CHANNEL, genre.player_program))}
    programs: dict[str, int] = {}
    for part in genre.parts:
        programs[part.name] = part.program
        events[part.name] = list(opening(part.channel, part.program))
    for tick, sender, message in lines:
        if sender is None:
            events[MELODY_TRACK].append((tick, message.on_channel(PLAYER_CHANNEL)))
            continue
        track = events.setdefault(sender.name, [])
        if programs.get(sender.name) != sender.program:
            programs[sender.name] = sender.program
            track.append((tick, program(sender.channel, sender.program)))
        track.append((tick, message.on_channel(sender.channel)))
    in_order = {name: sorted(track, key=lambda event: event[0]) for name, track in events.items()}
    return tuple(Track(name, released(track, end)) for name, track in in_order.items())


def opening(channel: int, number: int) -> tuple[tuple[int, Midi], ...]:
    """What a synth is told before a track's first note."""
    return ((0, program(channel, number)), (0, control(channel, VOLUME, GM_VOLUME)))


def released(events: Iterable[tuple[int, Midi]], end: int) -> tuple[tuple[int, Midi], ...]:
    """`events` and, at tick `end`, a note-off for every note that would sound on."""
    kept = tuple(events)
    sounding: Counter[tuple[int, int]] = Counter()
    for _, message in kept:
        key = (message.channel, message.data1)
        if message.starts_note:
            sounding[key] += 1
        elif message.ends_note and sounding[key]:
            sounding[key] -= 1
    return (*kept, *((end, note_off(channel, pitch)) for channel, pitch in sorted(sounding.elements())))
