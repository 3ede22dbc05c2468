"""What the band will play and what sounds now, in beats: a section replaces what was planned from its first step on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf

from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.notes import PartNote, Section

TOO_LATE = 0.5 / STEPS_PER_BEAT
"""beats after its own moment at which a note is not begun any more: a late answer never bursts"""
HISTORY = 512
"""notes remembered as the band's past: some eight dense bars"""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a note of the grid sounds: beats with swing and micro-timing, and its velocity."""

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
    """A note on its way: planned, then sounding, then past."""

    note: PartNote
    on: float
    off: float
    velocity: int
    held_back: bool = False


Place = Callable[[PartNote], Placed]


class Timeline:
    def __init__(self, place: Place) -> None:
        self._place = place
        self._planned: list[_Line] = []
        self._sounding: dict[tuple[int, int], _Line] = {}
        self._past: deque[_Line] = deque(maxlen=HISTORY)

    def next_beat(self) -> float:
        """When something is due next; infinity when nothing is."""
        beat = self._planned[0].on if self._planned else inf
        for line in self._sounding.values():
            if line.off < beat:
                beat = line.off
        return beat

    def lay(self, section: Section, now: float, at_once: bool = False) -> None:
        """Put `section` in place of what its parts had planned from its first step on.

        `now` is the beat now. `at_once`: the notes of the first step sound now, with the key they answer, and what they
        replace ends now; otherwise on the grid.
        """
        change = now if at_once else max(now, section.first / STEPS_PER_BEAT)
        self._planned = [
            line for line in self._planned if line.note.part not in section.parts or line.note.step < section.first
        ]
        starts = {(note.part, note.pitch, note.step): note for note in section.notes if not note.tied}
        ties = {(note.part, note.pitch): note for note in section.notes if note.tied}
        for note in self._broken(ties, section.first):
            starts[note.part, note.pitch, note.step] = replace(note, tied=False)
        for key, line in list(self._sounding.items()):
            if line.note.part in section.parts:
                self._change_sounding(key, line, section.first, change, now, starts, ties)
        for line in self._planned:  # earlier than the section, not yet begun
            if line.note.part in section.parts:
                self._carry_over(line, section.first, ties.get((line.note.part, line.note.pitch)))
        lines = (self._line(note, section.first, now, at_once) for note in starts.values())
        self._planned.extend(line for line in lines if line.on >= now - TOO_LATE)
        self._planned.sort(key=lambda line: line.on)

    def due(self, now: float, hold: Callable[[PartNote], float]) -> list[Event]:
        """What begins or ends up to `now`, ends first. `hold` says for how many beats a note may wait for its key."""
        starting: list[_Line] = []
        while self._planned and self._planned[0].on <= now:
            line = self._planned.pop(0)
            delay = 0.0 if line.held_back else hold(line.note)
            line.held_back = True
            if delay > 0 and line.on + delay > now:
                line.on += delay
                self._planned.append(line)
                self._planned.sort(key=lambda line: line.on)
            else:
                starting.append(line)
        for start in starting:
            if (start.note.part, start.note.pitch) in self._sounding:  # struck again: end it first
                self._sounding[start.note.part, start.note.pitch].off = start.on
        ended = self._end(key for key, line in self._sounding.items() if line.off <= now)
        return ended + [self._begin(line) for line in starting]

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

    def release(self, parts: frozenset[int] | None = None) -> list[Event]:
        """End everything that sounds (of `parts`) now and forget what was planned for it."""
        self._planned = [line for line in self._planned if parts is not None and line.note.part not in parts]
        return self._end(key for key in self._sounding if parts is None or key[0] in parts)

    def _broken(self, ties: dict[tuple[int, int], PartNote], first: int) -> list[PartNote]:
        """Ties to a note that has ended by now, as one does that a late key would have carried on: they begin anew."""
        alive = {key for key, line in self._sounding.items() if line.note.step < first}
        alive |= {(line.note.part, line.note.pitch) for line in self._planned if line.note.step < first}
        return [note for key, note in ties.items() if key not in alive]

    def _line(self, note: PartNote, first: int, now: float, at_once: bool) -> _Line:
        placed = self._place(note)
        answers_key = at_once and note.step == first
        return _Line(note, now if answers_key else placed.on, placed.off, placed.velocity, held_back=answers_key)

    def _change_sounding(
        self,
        key: tuple[int, int],
        line: _Line,
        first: int,
        change: float,
        now: float,
        starts: dict[tuple[int, int, int], PartNote],
        ties: dict[tuple[int, int], PartNote],
    ) -> None:
        again = starts.pop((*key, line.note.step), None) if line.note.step >= first else None
        tie = ties.get(key)
        if again is not None:  # guessed right: it sounds already
            line.note, line.off = again, self._place(again).off
        elif tie is not None and line.note.step < first:
            line.note = line.note.lasting(tie.end - line.note.step)
            line.off = self._place(line.note).off
        elif line.note.step >= first:  # guessed wrong: as if it had never been
            line.note, line.off = line.note.lasting(0), now
        elif line.note.end > first or line.off > change:
            line.note = line.note.lasting(min(line.note.length, first - line.note.step))
            line.off = min(line.off, change)

    def _carry_over(self, line: _Line, first: int, tie: PartNote | None) -> None:
        if tie is None and line.note.end <= first:
            return
        end = tie.end if tie is not None else first
        line.note = line.note.lasting(end - line.note.step)
        line.off = self._place(line.note).off

    def _begin(self, line: _Line) -> Event:
        self._sounding[line.note.part, line.note.pitch] = line
        self._past.append(line)
        line.off = max(line.off, line.on)
        return Event(line.on, line.note.part, line.note.pitch, line.velocity)

    def _end(self, keys: Iterable[tuple[int, int]]) -> list[Event]:
        ended = [(key, self._sounding[key]) for key in list(keys)]
        for key, _ in ended:
            del self._sounding[key]
        return [Event(line.off, part, pitch, 0) for (part, pitch), line in sorted(ended, key=lambda pair: pair[1].off)]
