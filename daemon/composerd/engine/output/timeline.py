"""Planned and sounding notes of the band, in beats; a section replaces the plan from its first step on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf

from composerd.engine.outlook import Ahead
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.notes import PartNote, Section

TOO_LATE = 0.5 / STEPS_PER_BEAT
"""delay beyond which a note is dropped [beats], so that a late answer does not play many notes at once"""
HISTORY = 4096
"""Largest number of past notes kept, if they are not asked for."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A note's beats, with swing and micro-timing, and its velocity."""

    on: float
    off: float
    velocity: int


@dataclass(frozen=True, slots=True)
class Event:
    """A note begins (`velocity` > 0) or ends (0) at `beat`."""

    beat: float
    part: int
    pitch: int
    velocity: int


@dataclass(slots=True)
class _Line:
    """A note of the plan, which is planned, then sounds, then is past."""

    note: PartNote
    on: float
    off: float
    velocity: int
    held_back: bool = False
    shift: float = 0.0
    """delay of its begin and end [beats], because it waited for the key that it answers"""

    def delay(self, beats: float) -> None:
        """Begin and end later."""
        self.on, self.off, self.shift = self.on + beats, self.off + beats, self.shift + beats

    def last(self, note: PartNote, place: Place) -> None:
        """Take over the end of `note`."""
        self.note, self.off = note, place(note).off + self.shift


Place = Callable[[PartNote], Placed]


@dataclass(frozen=True, slots=True)
class _Replacement:
    """A section that takes the place of what its parts had planned and sound."""

    section: Section
    now: float
    """the beat now"""
    at_once: bool
    """whether the notes of its first step begin now, with the key that they answer"""
    starts: dict[tuple[int, int, int], PartNote]
    """(part, pitch, step) -> a note that begins; those that already sound as planned are removed"""
    ties: dict[tuple[int, int], PartNote]
    """(part, pitch) -> the rest of a note from before the section"""

    @classmethod
    def of(cls, section: Section, now: float, at_once: bool, alive: set[tuple[int, int]]) -> _Replacement:
        """Make the replacement for `section`; a tie to a note that is not `alive` becomes a new onset."""
        starts = {(note.part, note.pitch, note.step): note for note in section.notes if not note.tied}
        ties = {(note.part, note.pitch): note for note in section.notes if note.tied}
        for key, note in ties.items():
            if key not in alive:
                starts[note.part, note.pitch, note.step] = replace(note, tied=False)
        return cls(section, now, at_once, starts, ties)

    @property
    def begins(self) -> float:
        """The beat at which the replaced notes end."""
        return self.now if self.at_once else max(self.now, self.section.first / STEPS_PER_BEAT)

    def replaces(self, line: _Line) -> bool:
        return line.note.part in self.section.parts and line.note.step >= self.section.first

    def change(self, line: _Line, place: Place) -> None:
        """Give a sounding note its length in the section; end it if the section does not have it."""
        first, key = self.section.first, (line.note.part, line.note.pitch)
        again = self.starts.pop((*key, line.note.step), None) if line.note.step >= first else None
        tie = self.ties.get(key)
        if again is not None:  # guessed right: it sounds already
            line.last(again, place)
        elif tie is not None and line.note.step < first:
            line.last(line.note.lasting(tie.end - line.note.step), place)
        elif line.note.step >= first:  # guessed wrong: as if it had never been
            line.note, line.off = line.note.lasting(0), self.now
        elif line.note.end > first:
            line.note = line.note.lasting(first - line.note.step)
            line.off = min(line.off, self.begins)

    def carry_over(self, line: _Line, place: Place) -> None:
        """Extend a planned note that begins before the section into it, or end it at the section's first step."""
        tie = self.ties.get((line.note.part, line.note.pitch))
        if tie is None and line.note.end <= self.section.first:
            return
        end = tie.end if tie is not None else self.section.first
        line.last(line.note.lasting(end - line.note.step), place)

    def line(self, note: PartNote, placed: Placed) -> _Line:
        line = _Line(note, placed.on, placed.off, placed.velocity)
        if self.at_once and note.step == self.section.first:
            line.held_back = True
            line.delay(self.now - placed.on)
        return line


class Timeline:
    """Holds the band's planned and sounding notes, and replaces plans."""

    def __init__(self, place: Place, ended: Callable[[PartNote], None] = lambda _: None) -> None:
        """`ended` is called with every note at its end."""
        self._ended = ended
        self._place = place
        self._planned: list[_Line] = []
        self._sounding: dict[tuple[int, int], _Line] = {}
        self._past: deque[_Line] = deque(maxlen=HISTORY)

    def next_beat(self) -> float:
        """Beat of the next begin or end; infinity for none."""
        beat = self._planned[0].on if self._planned else inf
        for line in self._sounding.values():
            if line.off < beat:
                beat = line.off
        return beat

    def lay(self, section: Section, now: float, at_once: bool = False) -> None:
        """Replace the plan of the section's parts from its first step on.

        `now` is the beat now. `at_once`: the notes of the first step sound now, with the key they answer, and what they
        replace ends now; otherwise on the grid.
        """
        new = _Replacement.of(section, now, at_once, self._alive(section.first))
        self._planned = [line for line in self._planned if not new.replaces(line)]
        for line in self._sounding.values():
            if line.note.part in section.parts:
                new.change(line, self._place)
        for line in self._planned:  # earlier than the section, not yet begun
            if line.note.part in section.parts:
                new.carry_over(line, self._place)
        lines = (new.line(note, self._place(note)) for note in new.starts.values())
        self._planned.extend(line for line in lines if line.on >= now - TOO_LATE)
        self._planned.sort(key=lambda line: line.on)

    def due(self, now: float, hold: Callable[[PartNote], float]) -> list[Event]:
        """Notes that begin or end up to beat `now`, ends first. `hold`: beats that a note may wait for its key."""
        starting: list[_Line] = []
        while self._planned and self._planned[0].on <= now:
            line = self._planned.pop(0)
            delay = 0.0 if line.held_back else hold(line.note)
            line.held_back = True
            if delay > 0 and line.on + delay > now:
                line.delay(delay)
                self._planned.append(line)
                self._planned.sort(key=lambda line: line.on)
            else:
                starting.append(line)
        for start in starting:
            if (start.note.part, start.note.pitch) in self._sounding:  # struck again: end it first
                self._sounding[start.note.part, start.note.pitch].off = start.on
        ended = self._end(key for key, line in self._sounding.items() if line.off <= now)
        return ended + [event for line in starting for event in self._struck(line)]

    def past(self, first: int, ends: Sequence[int]) -> tuple[PartNote, ...]:
        """The notes that sound at or after step `first`, those of part i cut at step `ends[i]`.

        `first` never goes back from one call to the next: what is older is forgotten.
        """
        while self._past and self._past[0].note.end <= first:
            self._past.popleft()
        notes = [line.note for line in (*self._past, *self._planned)]
        kept = [
            note if until <= end else note.lasting(end - note.step)
            for note in notes
            if note.length > 0 and (until := note.step + note.length) > first and note.step < (end := ends[note.part])
        ]
        return tuple(kept)

    def ahead(self) -> tuple[Ahead, ...]:
        """Sounding notes, then planned ones in order."""
        lines = (*self._sounding.values(), *self._planned)
        return tuple(Ahead(line.note.part, line.note.pitch, line.on, line.off, line.velocity) for line in lines)

    def release(self, parts: frozenset[int] | None = None) -> list[Event]:
        """End all sounding notes (of `parts`) now and drop their planned ones."""
        self._planned = [line for line in self._planned if parts is not None and line.note.part not in parts]
        return self._end(key for key in self._sounding if parts is None or key[0] in parts)

    def _alive(self, first: int) -> set[tuple[int, int]]:
        """(part, pitch) of the notes from before step `first` that still sound or are to come."""
        lines = (*self._sounding.values(), *self._planned)
        return {(line.note.part, line.note.pitch) for line in lines if line.note.step < first}

    def _struck(self, line: _Line) -> list[Event]:
        """Begin `line`; a note of its pitch that began in the same call ends first."""
        key = (line.note.part, line.note.pitch)
        ended = [replace(event, beat=line.on) for event in self._end(key for key in [key] if key in self._sounding)]
        return [*ended, self._begin(line)]

    def _begin(self, line: _Line) -> Event:
        self._sounding[line.note.part, line.note.pitch] = line
        self._past.append(line)
        line.off = max(line.off, line.on)
        return Event(line.on, line.note.part, line.note.pitch, line.velocity)

    def _end(self, keys: Iterable[tuple[int, int]]) -> list[Event]:
        ended = [(key, self._sounding[key]) for key in list(keys)]
        for key, line in ended:
            del self._sounding[key]
            self._ended(line.note)
        return [Event(line.off, part, pitch, 0) for (part, pitch), line in sorted(ended, key=lambda pair: pair[1].off)]
