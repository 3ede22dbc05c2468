"""Converts a MIDI file to a score: MusicXML 4.0, quantised to 16ths, one part a track (w3.org/2021/06/musicxml40)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as Xml

from composerd.errors import ConfigError
from composerd.files.atomic import write_text
from composerd.files.midi_notes import NoteFile, read_notes
from composerd.files.midi_text import shown
from composerd.music.metre import STEPS_PER_BEAT, BarGrid
from composerd.music.midi import DRUM_CHANNEL

DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)
LENGTHS: tuple[tuple[int, str, int], ...] = (
    *((16, "whole", 0), (12, "half", 1), (8, "half", 0), (6, "quarter", 1), (4, "quarter", 0)),
    *((3, "eighth", 1), (2, "eighth", 0), (1, "16th", 0)),
)
"""steps, note type, dots: the longest first"""
STEPS: tuple[tuple[str, int], ...] = (
    *(("C", 0), ("C", 1), ("D", 0), ("E", -1), ("E", 0), ("F", 0)),
    *(("F", 1), ("G", 0), ("A", -1), ("A", 0), ("B", -1), ("B", 0)),
)
"""pitch class -> letter, alteration"""
LONGEST_NAME = 200
"""letters of a part's name"""
BASS_BELOW = 57
"""mean pitch below which a part is written in the bass clef"""


class _Chord(NamedTuple):
    """Pitches that begin and end together [steps since bar 1]."""

    first: int
    until: int
    pitches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A note, chord or rest of one written length."""

    steps: int
    kind: str
    dots: int
    pitches: tuple[int, ...]
    from_before: bool
    goes_on: bool


def write_score(source: Path, out: Path) -> None:
    """Write the MIDI file `source` as the score `out`. Raises ConfigError if either cannot be read or written."""
    text = DOCTYPE + Xml.tostring(score(read_notes(source)), encoding="unicode") + "\n"
    try:
        write_text(out, text)
    except OSError as error:
        raise ConfigError.unwritable(out, error) from None


def score(file: NoteFile) -> Xml.Element:
    root = Xml.Element("score-partwise", version="4.0")
    names = Xml.SubElement(root, "part-list")
    for index, name in enumerate(file.tracks):
        Xml.SubElement(Xml.SubElement(names, "score-part", id=f"P{index + 1}"), "part-name").text = shown(
            name, LONGEST_NAME
        )
    grid = file.axis.bar_grid()
    last = max((_step(file, note.tick + note.ticks) for note in file.notes), default=0)
    for index in range(len(file.tracks)):
        part = Xml.SubElement(root, "part", id=f"P{index + 1}")
        _write_part(part, file, index, grid, last)
    return root


def _write_part(part: Xml.Element, file: NoteFile, index: int, grid: BarGrid, last: int) -> None:
    chords = list(_chords(file, index))
    drums = any(note.track == index and note.channel == DRUM_CHANNEL for note in file.notes)
    first, metre = 0, None
    while first == 0 or first < last:
        place, until = grid.place(first), grid.next_bar_line(first)
        measure = Xml.SubElement(part, "measure", number=str(place.bar + 1))
        if place.metre != metre:
            _write_attributes(measure, str(place.metre), first == 0, drums, chords)
            metre = place.metre
        if first == 0 and index == 0:
            _write_tempo(measure, file.bpm)
        for piece in _pieces(chords, first, until):
            _write_piece(measure, piece, drums)
        first = until


def _chords(file: NoteFile, track: int) -> Iterator[_Chord]:
    """Yield a track's chords as one voice: notes that begin together, ending at the latest where the next begins."""
    begun: dict[int, set[int]] = defaultdict(set)
    ends: dict[int, int] = defaultdict(int)
    for note in file.notes:
        if note.track == track:
            step = _step(file, note.tick)
            begun[step].add(note.pitch)
            ends[step] = max(ends[step], step + 1, _step(file, note.tick + note.ticks))
    order = sorted(begun)
    for step, following in zip(order, [*order[1:], None], strict=True):
        until = ends[step] if following is None else min(ends[step], following)
        yield _Chord(step, until, tuple(sorted(begun[step])))


def _pieces(chords: list[_Chord], first: int, until: int) -> Iterator[_Piece]:
    """Yield notes and rests of the bar of steps [first, until)."""
    at = first
    for chord in chords:
        if chord.until <= first or chord.first >= until:
            continue
        yield from _lengths(at, max(at, chord.first), (), False, False)
        at = max(first, chord.first)
        end = min(until, chord.until)
        yield from _lengths(at, end, chord.pitches, chord.first < first, chord.until > until)
        at = end
    yield from _lengths(at, until, (), False, False)


def _lengths(at: int, end: int, pitches: tuple[int, ...], before: bool, after: bool) -> Iterator[_Piece]:
    left = end - at
    while left > 0:
        steps, kind, dots = next(row for row in LENGTHS if row[0] <= left)
        left -= steps
        yield _Piece(steps, kind, dots, pitches, before, bool(pitches) and (after or left > 0))
        before = bool(pitches)


def _write_attributes(measure: Xml.Element, metre: str, begins: bool, drums: bool, chords: list[_Chord]) -> None:
    attributes = Xml.SubElement(measure, "attributes")
    if begins:
        Xml.SubElement(attributes, "divisions").text = str(STEPS_PER_BEAT)
        Xml.SubElement(Xml.SubElement(attributes, "key"), "fifths").text = "0"
    time = Xml.SubElement(attributes, "time")
    beats, _, beat_type = metre.partition("/")
    Xml.SubElement(time, "beats").text, Xml.SubElement(time, "beat-type").text = beats, beat_type
    if begins:
        clef = Xml.SubElement(attributes, "clef")
        sign, line = _clef(drums, chords)
        Xml.SubElement(clef, "sign").text = sign
        if line:
            Xml.SubElement(clef, "line").text = line


def _clef(drums: bool, chords: list[_Chord]) -> tuple[str, str]:
    pitches = [pitch for chord in chords for pitch in chord.pitches]
    if drums:
        return "percussion", ""
    return ("F", "4") if pitches and sum(pitches) / len(pitches) < BASS_BELOW else ("G", "2")


def _write_tempo(measure: Xml.Element, bpm: float) -> None:
    direction = Xml.SubElement(measure, "direction", placement="above")
    metronome = Xml.SubElement(Xml.SubElement(direction, "direction-type"), "metronome")
    Xml.SubElement(metronome, "beat-unit").text = "quarter"
    Xml.SubElement(metronome, "per-minute").text = f"{bpm:g}"
    Xml.SubElement(direction, "sound", tempo=f"{bpm:g}")


def _write_piece(measure: Xml.Element, piece: _Piece, drums: bool) -> None:
    for index, pitch in enumerate(piece.pitches or (None,)):
        note = Xml.SubElement(measure, "note")
        if index:
            Xml.SubElement(note, "chord")
        if pitch is None:
            Xml.SubElement(note, "rest")
        else:
            _write_pitch(note, pitch, drums)
        Xml.SubElement(note, "duration").text = str(piece.steps)
        ties = [kind for kind, wanted in (("stop", piece.from_before), ("start", piece.goes_on)) if wanted]
        for kind in ties:
            Xml.SubElement(note, "tie", type=kind)
        Xml.SubElement(note, "type").text = piece.kind
        for _ in range(piece.dots):
            Xml.SubElement(note, "dot")
        notations = Xml.SubElement(note, "notations") if ties else None
        for kind in ties if notations is not None else ():
            Xml.SubElement(notations, "tied", type=kind)  # type: ignore[arg-type]  # there where ties are


def _write_pitch(note: Xml.Element, pitch: int, drums: bool) -> None:
    letter, alter = STEPS[pitch % 12]
    octave = str(pitch // 12 - 1)
    place = Xml.SubElement(note, "unpitched" if drums else "pitch")
    Xml.SubElement(place, "display-step" if drums else "step").text = letter
    if alter and not drums:
        Xml.SubElement(place, "alter").text = str(alter)
    Xml.SubElement(place, "display-octave" if drums else "octave").text = octave


def _step(file: NoteFile, tick: int) -> int:
    """The nearest step (16th) to a tick."""
    return round(tick * STEPS_PER_BEAT / file.axis.ticks_per_beat)
