"""Bass, comping, pads and timpani: rhythms from the tables, notes from the chord plan, voices led from what sounded."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from composerd.music.arranging.pattern_tables import (  # fmt: skip
    CHORDS,
    DOUBLE,
    FAST_BPM,
    LOW,
    PAD,
    SLOW_BPM,
    WALK,
    PartTable,
    table_of,
)
from composerd.music.arranging.patterns import HOLD, REST, fitted, half_time, pick
from composerd.music.arranging.scene import GROUP_BARS, SECTION_BARS, Scene
from composerd.music.arranging.textures import (
    TEXTURES,
    PatternEvent,
)
from composerd.music.arranging.voicing import Pitches
from composerd.music.chords import Chord
from composerd.music.genre import Part
from composerd.music.notes import PartNote
from composerd.music.roll import BandRoll

ACCENTED, OFF_BEAT, INNER = 1.12, 0.94, 0.9
"""velocity factors of accents, of steps off the beat, and of single voices of a chord"""
RING_STEPS = 4
"""length of an arpeggio's tone while the chord stays [steps]"""
_SINGLE = "12345twn"
RECENT_STEPS = 8
"""steps before a bar whose notes the bar's voice leading starts from"""
_SPREAD = (0.618034, 0.754878)
"""increments by group and by part of the Weyl sequence that decides which part rests"""
_WALK_OWN_BPM = 230.0
"""fastest tempo at which a walking bass keeps its quarters [bpm]"""


def played(scene: Scene, index: int, part: Part, band: BandRoll) -> list[PartNote]:
    """The notes of a part in [scene.first, scene.until), the first of them tied to what sounds before."""
    table = table_of(scene.style, part.name, part.role)
    before = band.sounding(index, scene.first - 1)
    voicing = recent(band, index, scene.grid.bar_line(scene.first))
    notes = _Notes(scene.first, index, part, before)
    chord: Chord | None = None
    end = 0
    for event in events(scene, index, table):
        same = event.chord == chord and event.start != scene.ending_at
        voice = TEXTURES[table.texture](scene, part, table, event, voicing, same)
        rings = table.texture == CHORDS and event.char in _SINGLE and same and event.start == end
        voicing, chord, end = voice.voicing, event.chord, event.end
        if event.end > scene.first:
            notes.add(event, voice.pitches, table.texture in (CHORDS, PAD, LOW), voicing if rings else ())
    return notes.all


def recent(band: BandRoll, index: int, step: int) -> Pitches:
    """Pitches of a part that sounded in the last RECENT_STEPS before `step`, ascending."""
    cells = band.window(step - RECENT_STEPS, step).cells[index]
    return tuple(cells.any(0).nonzero()[0].tolist())


class _Notes:
    """Collects notes: an event becomes an onset, or extends a note of its pitch that already sounds."""

    def __init__(self, first: int, index: int, part: Part, before: Pitches) -> None:
        self._first, self._index, self._part, self._before = first, index, part, before
        self._notes: list[PartNote] = []
        self._open: dict[int, int] = {}

    @property
    def all(self) -> list[PartNote]:
        return self._notes

    def add(self, event: PatternEvent, pitches: Pitches, chordal: bool, ringing: Pitches) -> None:
        """`chordal`: sounding notes must belong to the event's chord; `ringing`: pitches that may continue."""
        if event.start >= self._first:
            rung = self._rung(event, [pitch for pitch in ringing if pitch not in pitches])
            self._begin(event, pitches, event.moved)
            self._open |= rung
        elif self._before and not (chordal and self._off(event)):
            self._begin(event, self._before, True)
        elif self._before:  # the chord was decided anew after it had sounded
            self._begin(event, pitches, True)

    def _off(self, event: PatternEvent) -> bool:
        return any(pitch % 12 not in event.chord.pitch_classes for pitch in self._before)

    def _rung(self, event: PatternEvent, pitches: list[int]) -> dict[int, int]:
        """Extend single tones of an arpeggio to RING_STEPS, as a pianist's pedal does."""
        rung = {}
        for pitch, at in self._open.items():
            note = self._notes[at]
            end = min(note.step + RING_STEPS, event.end)
            if pitch in pitches and end > note.end:
                self._notes[at] = replace(note, length=end - note.step)
                rung[pitch] = at
        if event.start == self._first and not self._open:
            for pitch in pitches:
                if pitch in self._before:
                    rung[pitch] = len(self._notes)
                    length = min(2, event.end - event.start)
                    self._notes.append(PartNote(event.start, self._index, pitch, self._part.loudness, length, True))
        return rung

    def _begin(self, event: PatternEvent, pitches: Pitches, goes_on: bool) -> None:
        sounding: dict[int, int] = {}
        step = max(event.start, self._first)
        for pitch in pitches:
            at = self._open.get(pitch) if goes_on else None
            if at is not None:
                self._notes[at] = replace(self._notes[at], length=event.end - self._notes[at].step)
            else:
                tied = goes_on and step == self._first and pitch in self._before
                at = len(self._notes)
                velocity = _velocity(self._part, event)
                self._notes.append(PartNote(step, self._index, pitch, velocity, event.end - step, tied))
            sounding[pitch] = at
        self._open = sounding


def _velocity(part: Part, event: PatternEvent) -> int:
    factor = ACCENTED if event.char == "X" else INNER if event.char in "12345t" else 1.0
    factor *= 1.0 if event.start % 4 == 0 else OFF_BEAT
    return max(1, min(127, round(part.loudness * factor)))


def events(scene: Scene, index: int, table: PartTable) -> list[PatternEvent]:
    """The events between the bar line before `first` and `until`, in order, cut at chord changes."""
    start = scene.grid.bar_line(scene.first)
    text, lines = _text(scene, index, table, start)
    chords = _chords(scene, start, len(text))
    struck = {
        offset
        for offset in range(2, len(text), 2)
        if table.follow and scene.strikes(start + offset) and scene.draw(start + offset, index, 7) < table.follow
    }
    sung = {offset for offset in range(1, len(text)) if scene.strikes(start + offset)} if DOUBLE in text else set()
    marks = _marks(text, lines, chords, struck, sung)
    found = []
    for (offset, char, moved), (end, _, _) in pairwise(marks):
        chord = chords[offset] if offset < len(chords) else None
        if char != REST and chord is not None and start + offset < scene.until:
            found.append(PatternEvent(start + offset, start + end, char, chord, moved))
    return found


def _marks(
    text: str, lines: set[int], chords: list[Chord | None], struck: set[int], sung: set[int]
) -> list[tuple[int, str, bool]]:
    """(offset, character, moved) at every offset on which an event begins or ends.

    A held bar may begin at offsets in `lines`; what sounds at those in `struck` is struck again, the melody's double at
    those in `sung`.
    """
    marks: list[tuple[int, str, bool]] = []
    sounding = REST
    for offset, sign in enumerate(text):
        if sign == HOLD and sounding == REST and offset in lines:
            sounding = "x"
            marks.append((offset, sounding, True))
        elif sign == HOLD and sounding != REST and chords[offset] != chords[offset - 1]:
            marks.append((offset, sounding, True))
        elif sign == HOLD and sounding != REST and offset in (sung if sounding == DOUBLE else struck):
            marks.append((offset, sounding, False))
        elif sign != HOLD and (sign != REST or sounding != REST):
            sounding = sign
            marks.append((offset, sign, False))
    return [*marks, (len(text), REST, False)]


def _text(scene: Scene, index: int, table: PartTable, start: int) -> tuple[str, set[int]]:
    """The rhythms of the bars from `start` to the end of the bar of `until`, and the offsets of their lines."""
    bars, lines, step = [], set(), start
    end = scene.until if scene.ending_at is None else min(scene.until, scene.ending_at)
    while step < end:
        lines.add(step - start)
        bars.append(rhythm(scene, index, table, step))
        step = scene.grid.next_bar_line(step)
    text = "".join(bars)
    enter = max(0, min(len(text), scene.harmony_from - start))
    lines.add(enter)
    text = REST * enter + text[enter:]
    if scene.ending_at is not None and start <= scene.ending_at < scene.until:
        at = scene.ending_at
        text = text[: at - start] + "X" + HOLD * (scene.grid.place(at).bar_steps - 1)
    return text, lines


def _chords(scene: Scene, start: int, count: int) -> list[Chord | None]:
    """The chord of each step; the last one continues."""
    found: list[Chord | None] = []
    for planned in scene.plan.chords:
        missing = min(planned.step - start, count) - len(found)
        found += [found[-1] if found else None] * missing
        found += [planned.chord] * (min(planned.end - start, count) - len(found))
    return found + [found[-1] if found else None] * (count - len(found))


def rhythm(scene: Scene, index: int, table: PartTable, bar_line: int) -> str:
    """The rhythm of the bar at `bar_line`: its section's, varied now and then, silent in some groups."""
    place = scene.grid.place(bar_line)
    metre, bar = place.metre, place.bar
    group, section = bar // GROUP_BARS, bar // SECTION_BARS
    fuller = scene.variation == "B"
    present = table.present + (1 - table.present) / 2 if fuller else table.present
    if (scene.draw(1) + group * _SPREAD[0] + index * _SPREAD[1]) % 1.0 >= present and scene.ending_at is None:
        return REST * metre.bar_steps
    own_bpm = _WALK_OWN_BPM if table.texture == WALK else FAST_BPM
    halved = scene.bpm > own_bpm and metre.bar_steps % 16 == 0
    count = bar // 2 if halved else bar
    options = _options(scene, table, metre.bar_steps == 12 and metre.pulse_steps == 4)
    varied = scene.draw(index, 2, count) >= table.keep + (0.5 - scene.creativity) * (1 - table.keep)
    line = fitted(pick(options, scene.seed, index, *((3, count) if varied else (4, section))), metre)
    return half_time(line, bar % 2 == 1) if halved else line


def _options(scene: Scene, table: PartTable, three: bool) -> tuple[str, ...]:
    if three:
        return table.three
    options = table.b if scene.variation == "B" else table.a
    if scene.bpm < SLOW_BPM:
        options = options + table.slow
    return options + table.b[:1] if scene.creativity > 0.6 else options
