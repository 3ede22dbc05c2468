"""Music on a MIDI file's time axis: ticks, tempo and metre changes, tracks; files reads and writes them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.metre import STEPS_PER_BEAT, BarGrid, Metre
from composerd.music.midi import VOLUME, Midi, control, note_off, program

MELODY_TRACK = "melody"
"""name of the track that holds the player's own notes"""
GM_VOLUME = 100
"""default channel volume of General MIDI; the loudness is in the velocities"""


@dataclass(frozen=True, slots=True, order=True)
class TempoChange:
    """A tempo from a tick on."""

    tick: int
    microseconds: int
    """per quarter note, as the file stores it"""

    @property
    def bpm(self) -> float:
        return 60e6 / self.microseconds


@dataclass(frozen=True, slots=True)
class MetreChange:
    """A metre from a tick on."""

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
    """pieces of constant tempo: (first tick, its second, seconds per tick)"""

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
class TrackMessage:
    """A message of the melody, at its tick and second."""

    tick: int
    second: float
    message: Midi


@dataclass(frozen=True, slots=True)
class MelodyTrack:
    """The melody of a file. Every note in `messages` ends; their channel is the file's own."""

    axis: Axis
    track: str
    """the melody track's name, may be empty"""
    messages: tuple[TrackMessage, ...]
    end_tick: int
    """the last moment of the melody"""

    @property
    def seconds(self) -> float:
        return self.axis.second_at(self.end_tick)


def at_tempo(melody: MelodyTrack, bpm: float) -> MelodyTrack:
    """The melody with its beats at a steady `bpm` instead of the file's tempo."""
    axis = replace(melody.axis, tempos=(TempoChange(0, round(60e6 / bpm)),))
    messages = tuple(TrackMessage(m.tick, axis.second_at(m.tick), m.message) for m in melody.messages)
    return replace(melody, axis=axis, messages=messages)


def with_explicit_start(melody: MelodyTrack) -> MelodyTrack:
    """The melody with a tempo and a metre at tick 0, MIDI's defaults where the file has none."""
    tempos, metres = melody.axis.tempos, melody.axis.metres
    if not tempos or tempos[0].tick > 0:
        tempos = (TempoChange(0, 500_000), *tempos)
    if not metres or metres[0].tick > 0:
        metres = (MetreChange(0, melody.axis.bar_grid().place(0).metre), *metres)
    return replace(melody, axis=Axis(melody.axis.ticks_per_beat, tempos, metres))


@dataclass(frozen=True, slots=True)
class FileTrack:
    """A track to be written: `events` (tick, message) in order."""

    name: str
    events: tuple[tuple[int, Midi], ...]
    texts: tuple[tuple[int, str], ...] = ()
    """(tick, text) beside the events"""


Line = tuple[int, Part | None, Midi]
"""(tick, sending part (None: the player), message)"""


def tracks(genre: Genre, lines: Iterable[Line], end: int) -> tuple[FileTrack, ...]:
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
    return tuple(FileTrack(name, released(track, end)) for name, track in in_order.items())


def opening(channel: int, number: int) -> tuple[tuple[int, Midi], ...]:
    """The messages that set up a synth before a track's first note."""
    return ((0, program(channel, number)), (0, control(channel, VOLUME, GM_VOLUME)))


def released(events: Iterable[tuple[int, Midi]], end: int) -> tuple[tuple[int, Midi], ...]:
    """`events`, one note at a time of each pitch and channel, and a note-off at tick `end` for what would sound on.

    Every note lasts at least a tick.
    """
    kept = apart(events)
    sounding: dict[tuple[int, int], None] = {}
    for _, message in kept:
        key = (message.channel, message.data1)
        if message.starts_note:
            sounding[key] = None
        elif message.ends_note:
            sounding.pop(key, None)
    ended = (*kept, *((end, note_off(channel, pitch)) for channel, pitch in sorted(sounding)))
    lasting = zip(lasting_ticks(ended), (message for _, message in ended), strict=True)
    return tuple(sorted(((tick, message) for tick, message in lasting if tick is not None), key=lambda one: one[0]))


def lasting_ticks(
    events: Sequence[tuple[int, Midi]], drop: Callable[[int], bool] = lambda _: False
) -> list[int | None]:
    """New ticks of `events` so that every note lasts at least a tick; None for an event to leave out.

    A note that ends at the tick at which it begins ends a tick later; it is left out if it is struck again at that
    tick, or if `drop` is true of the index of its begin. `events` are in order, and their notes do not overlap.
    """
    ticks: list[int | None] = [tick for tick, _ in events]
    begun: dict[tuple[int, int], int] = {}
    instant: dict[tuple[int, int], tuple[int, int]] = {}
    """(channel, pitch) -> indices of begin and end of a note without length"""
    for index, (tick, message) in enumerate(events):
        key = (message.channel, message.data1)
        if message.starts_note:
            first, last = instant.pop(key, (index, index))
            if first != index and events[first][0] == tick:
                ticks[first] = ticks[last] = None
            begun[key] = index
        elif message.ends_note and key in begun:
            first = begun.pop(key)
            if events[first][0] == tick:
                instant[key] = first, index
                ticks[index] = tick + 1
                if drop(first):
                    ticks[first] = ticks[index] = None
        elif message.ends_note and key in instant and events[instant[key][0]][0] == tick:
            ticks[index] = None  # one end too many would cut the note after all
    return ticks


def apart(events: Iterable[tuple[int, Midi]]) -> tuple[tuple[int, Midi], ...]:
    """`events` in which no two notes of one pitch on one channel overlap.

    A note that is struck again ends there. The note-off of the earlier of the two, where it comes late, is left out:
    it would cut the later one.
    """
    given = tuple(events)
    ends_next = _followed_by_an_end(given)
    open_notes: Counter[tuple[int, int]] = Counter()
    kept: list[tuple[int, Midi]] = []
    for index, (tick, message) in enumerate(given):
        key = (message.channel, message.data1)
        if message.starts_note:
            if open_notes[key]:
                kept.append((tick, note_off(*key)))
            open_notes[key] += 1
        elif message.ends_note:
            if open_notes[key] > 1 and index in ends_next:
                open_notes[key] -= 1
                continue
            open_notes[key] = 0
        kept.append((tick, message))
    return tuple(kept)


def _followed_by_an_end(events: tuple[tuple[int, Midi], ...]) -> set[int]:
    """Indices of the note messages whose pitch and channel ends once more before it is struck again."""
    found: set[int] = set()
    following: dict[tuple[int, int], bool] = {}
    for index in range(len(events) - 1, -1, -1):
        message = events[index][1]
        if message.starts_note or message.ends_note:
            key = (message.channel, message.data1)
            if following.get(key):
                found.add(index)
            following[key] = message.ends_note
    return found
