"""Reads MusicXML 4.0 lead sheets, plain (.musicxml, .xml) or zipped (.mxl): chords, melody, repeats and jumps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from composerd.files.charts.musicxml_kinds import Degree, kind_from
from composerd.files.charts.musicxml_marks import read_jumps, read_repeat, read_words
from composerd.files.charts.problem import ChartProblem
from composerd.files.charts.xml_tree import Element, parse_xml
from composerd.music.charts.chart import LONGEST_TEXT, MOST_BARS, Chart, ChartNote, bar_of
from composerd.music.charts.played_order import WrittenBar, played_order, sections_of
from composerd.music.charts.symbols import ChordSymbol
from composerd.music.metre import Metre
from composerd.music.tempo import MAX_BPM, MIN_BPM

MOST_BYTES = 8_000_000
"""of a zipped score, unpacked"""
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ADDITIVE = re.compile(r"\d{1,2}(?:\s*\+\s*\d{1,2}){1,7}")


def read_musicxml(data: bytes) -> Chart:
    """Read the chart of a lead sheet. Raises ChartProblem."""
    root = parse_xml(data)
    if root.tag != "score-partwise":
        raise ChartProblem(root.line, root.column, f"found <{root.tag}>, expected <score-partwise>")
    parts = list(root.all("part"))
    if not parts:
        raise ChartProblem(root.line, root.column, "found no part, expected one with chord symbols")
    part = next((p for p in parts if any(next(m.all("harmony"), None) for m in p.all("measure"))), parts[0])
    return _Part(root, part).chart()


@dataclass(slots=True)
class _Measure:
    written: WrittenBar
    chords: list[tuple[int, ChordSymbol | None]] = field(default_factory=list)
    """divisions from the bar line"""
    notes: list[tuple[int, int, int, bool]] = field(default_factory=list)
    """division, length, pitch, whether it goes on from the note before"""
    divisions: int = 1
    length: int = 0
    """divisions that the measure holds"""
    metre: Metre = field(default_factory=Metre)


class _Part:
    def __init__(self, root: Element, part: Element) -> None:
        self._root, self._part = root, part
        self._divisions = 1
        self._metre = Metre()
        self._key: tuple[int, bool] | None = None
        self._bpm: float | None = None
        self._endings: frozenset[int] = frozenset()
        self._held: ChordSymbol | None = None

    def chart(self) -> Chart:
        measures = [self._measure(element) for element in self._part.all("measure")]
        if len(measures) > MOST_BARS:
            raise ChartProblem(self._part.line, self._part.column, f"found more than {MOST_BARS} bars")
        for number, measure in enumerate(measures):
            self._fill(measure, pickup=number == 0)
        written = [measure.written for measure in measures]
        try:
            order = played_order(written)
        except ValueError as problem:
            raise ChartProblem(self._part.line, self._part.column, str(problem)) from None
        key, minor = self._key or (None, False)
        root = self._root
        creators = root.first("identification")
        composers = (
            (c.text.strip() for c in creators.all("creator") if c.attributes.get("type") == "composer")
            if creators
            else ()
        )
        return Chart(
            sections_of(written, order),
            title=(root.value("work/work-title") or root.value("movement-title"))[:LONGEST_TEXT],
            composer=next(iter(composers), "")[:LONGEST_TEXT],
            style=self._other("style"),
            genre=self._other("genre"),
            key=key,
            minor=minor,
            bpm=self._bpm,
            melody=_melody([measures[index] for index in order]),
        )

    def _other(self, name: str) -> str:
        """The text of a miscellaneous field, as composerd's writer uses them."""
        fields = self._root.first("identification/miscellaneous")
        found = (
            (f.text for f in fields.all("miscellaneous-field") if f.attributes.get("name") == name) if fields else ()
        )
        return next(iter(found), "").strip()[:LONGEST_TEXT]

    # -- one measure

    def _measure(self, element: Element) -> _Measure:
        measure = _Measure(WrittenBar(bar_of([None], Metre(1, 4))))
        position = 0
        for child in element.children:
            if child.tag == "attributes":
                self._attributes(child)
            elif child.tag == "harmony":
                measure.chords.append((position + self._number(child, "offset", 0), self._harmony(child)))
            elif child.tag in ("backup", "forward"):
                position += self._number(child, "duration", 0) * (1 if child.tag == "forward" else -1)
            elif child.tag == "note":
                position = self._note(measure, child, position)
            elif child.tag in ("direction", "sound"):
                self._direction(measure.written, child)
            elif child.tag == "barline":
                self._barline(measure.written, child)
            if not 0 <= position <= 64 * self._divisions:
                raise ChartProblem(child.line, child.column, "found a position outside of its measure")
            measure.length = max(measure.length, position)
        measure.divisions, measure.metre = self._divisions, self._metre
        measure.written.endings = measure.written.endings or self._endings
        return measure

    def _attributes(self, element: Element) -> None:
        if element.first("divisions") is not None:
            self._divisions = self._number(element, "divisions", 1)
            if not 1 <= self._divisions <= 100_000:
                raise ChartProblem(
                    element.line, element.column, f"found divisions {self._divisions}, expected 1 to 100000"
                )
        if (time := element.first("time")) is not None and time.first("beats") is not None:
            self._metre = self._time(time)
        if (key := element.first("key")) is not None and key.first("fifths") is not None and self._key is None:
            minor = key.value("mode") == "minor"
            fifths = self._number(key, "fifths", 0)
            self._key = ((7 * fifths + (9 if minor else 0)) % 12, minor)

    def _time(self, time: Element) -> Metre:
        try:
            metre = Metre(self._beats(time), self._number(time, "beat-type", 4))
        except ValueError as problem:
            raise ChartProblem(time.line, time.column, str(problem)) from None
        if metre.denominator > 16:
            raise ChartProblem(time.line, time.column, f"found {metre}, expected beats of at least a 16th")
        return metre

    def _beats(self, time: Element) -> int:
        """The beats of a bar; those of an additive metre are written as `3+2`."""
        text = time.value("beats")
        if _ADDITIVE.fullmatch(text):
            return sum(int(part) for part in text.split("+"))
        return self._number(time, "beats", 4)

    def _number(self, element: Element, path: str, default: int) -> int:
        """The whole number at `path` below `element`; some programs write `3.0`."""
        text = element.value(path)
        if not text:
            return default
        try:
            number = round(float(text[:20]))
        except (ValueError, OverflowError):
            number = 10**9
        if abs(number) > 10**7:
            raise ChartProblem(element.line, element.column, f"found {text[:20]!r} in <{path}>, expected a number")
        return number

    def _harmony(self, element: Element) -> ChordSymbol | None:
        name = element.value("kind")
        if name == "none":
            return None
        root = self._pitch(element, "root")
        if root is None:
            raise ChartProblem(element.line, element.column, "found a harmony without a root, expected <root>")
        degrees = [self._degree(degree) for degree in element.all("degree")]
        try:
            return ChordSymbol(root, kind_from(name, degrees), self._pitch(element, "bass"))
        except ValueError as problem:
            raise ChartProblem(element.line, element.column, str(problem)) from None

    def _pitch(self, element: Element, name: str) -> int | None:
        step = element.value(f"{name}/{name}-step")
        if not step:
            return None
        if step.upper() not in _STEPS:
            raise ChartProblem(element.line, element.column, f"found {step[:10]!r}, expected a note A to G")
        return (_STEPS[step.upper()] + self._number(element, f"{name}/{name}-alter", 0)) % 12

    def _degree(self, degree: Element) -> Degree:
        value, alter = self._number(degree, "degree-value", 0), self._number(degree, "degree-alter", 0)
        return value, alter, degree.value("degree-type", "add")

    def _note(self, measure: _Measure, note: Element, position: int) -> int:
        """Read a note into the measure; returns the position after it."""
        if note.first("grace") is not None:
            return position
        length = self._number(note, "duration", 0)
        if length < 0:
            raise ChartProblem(note.line, note.column, f"found duration {length}, expected at least 0")
        if note.first("chord") is not None:
            return position
        if (pitch := note.first("pitch")) is not None and note.value("voice", "1") == "1":
            tied = any(tie.attributes.get("type") == "stop" for tie in note.all("tie"))
            measure.notes.append((position, length, self._height(pitch), tied))
        return position + length

    def _height(self, pitch: Element) -> int:
        step = pitch.value("step").upper()
        height = 12 * (self._number(pitch, "octave", 4) + 1) + self._number(pitch, "alter", 0) + _STEPS.get(step, -999)
        if not 0 <= height <= 127:
            raise ChartProblem(pitch.line, pitch.column, "found a pitch outside of MIDI's range")
        return height

    def _direction(self, written: WrittenBar, element: Element) -> None:
        sound = element if element.tag == "sound" else element.first("sound")
        if sound is not None:
            self._sound(written, sound)
        for kind in element.all("direction-type"):
            if (mark := kind.first("rehearsal")) is not None:
                written.section = mark.text.strip()[:60]
            written.segno |= kind.first("segno") is not None
            written.coda |= kind.first("coda") is not None and not written.to_coda
            read_words(written, kind.value("words"))

    def _sound(self, written: WrittenBar, sound: Element) -> None:
        given = sound.attributes
        read_jumps(written, given)
        if "tempo" in given and self._bpm is None:
            try:
                bpm = float(given["tempo"][:20])
            except ValueError:
                bpm = 0.0
            self._bpm = bpm if MIN_BPM <= bpm <= MAX_BPM else None

    def _barline(self, written: WrittenBar, barline: Element) -> None:
        if (ending := barline.first("ending")) is not None:
            self._ending(written, ending)
        if (repeat := barline.first("repeat")) is not None:
            read_repeat(written, repeat.attributes)

    def _ending(self, written: WrittenBar, ending: Element) -> None:
        numbers = [n.strip() for n in ending.attributes.get("number", "1").split(",")]
        passes = frozenset(int(n) for n in numbers if n.isdecimal() and len(n) < 3 and 1 <= int(n) <= 16)
        if ending.attributes.get("type") == "start":
            self._endings = written.endings = passes
        else:
            written.endings, self._endings = written.endings or self._endings, frozenset()

    # -- from measures to bars

    def _fill(self, measure: _Measure, pickup: bool) -> None:
        """Fill the measure's bar; a pickup is moved to the end of a whole bar."""
        metre = measure.metre
        whole = metre.bar_steps * measure.divisions // 4
        if pickup and 0 < measure.length < whole:
            shift = whole - measure.length
            measure.chords = [(at + shift, chord) for at, chord in measure.chords]
            measure.notes = [(at + shift, *rest) for at, *rest in measure.notes]  # type: ignore[misc]
        starts: dict[int, ChordSymbol | None] = {}
        for at, chord in measure.chords:
            beat = round(at * metre.denominator / (4 * measure.divisions))
            starts[min(metre.numerator - 1, max(0, beat))] = chord
        slots = []
        for beat in range(metre.numerator):
            self._held = starts.get(beat, self._held)
            slots.append(self._held)
        measure.written.bar = bar_of(slots, metre)


def _melody(measures: list[_Measure]) -> tuple[ChartNote, ...]:
    """The notes of the measures on the 16th grid, with ties joined."""
    notes: list[ChartNote] = []
    start = 0
    for measure in measures:
        for at, length, pitch, tied in measure.notes:
            first = start + round(4 * at / measure.divisions)
            end = max(first + 1, start + round(4 * (at + length) / measure.divisions))
            if tied and notes and notes[-1].pitch == pitch and notes[-1].step + notes[-1].length == first:
                notes[-1] = ChartNote(notes[-1].step, end - notes[-1].step, pitch)
            else:
                notes.append(ChartNote(first, end - first, pitch))
        start += measure.written.bar.metre.bar_steps
    return tuple(notes)
