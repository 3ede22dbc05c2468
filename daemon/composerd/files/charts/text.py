"""Reads and writes plain text charts: header lines, `[sections]`, bars between `|`, chord names or Nashville numbers.

    title: Blues in F
    key: F
    time: 4/4

    [A]
    | F7 | Bb7 | F7 | Cm7 . F7 . |
    ~ | C5:4 -:12 | …

A line that begins with `~` holds the melody of the bars above it: note,
octave and length in 16ths; `-` rests, `_` goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from composerd.files.charts.bar_line import BarReader, read_metre, written_words
from composerd.files.charts.problem import ChartProblem
from composerd.music.charts.chart import Bar, Chart, ChartNote, ChartSection, with_text
from composerd.music.charts.played_order import played_order, sections_of
from composerd.music.charts.spelling import (
    chord_name,
    is_nashville,
    key_name,
    nashville_name,
    note_name,
    parse_key,
    parse_nashville,
)
from composerd.music.charts.symbols import ChordSymbol, parse_pitch, parse_symbol
from composerd.music.tempo import MAX_BPM, MIN_BPM

BARS_A_SYSTEM = 4
_HEADER = re.compile(r"([A-Za-z][A-Za-z ]{0,20}?)\s*:(?!\|)\s*(.*)")
_SECTION = re.compile(r"\[([^\]|]{0,60})\]\s*(?:[x×](\d{1,2}))?\s*")
_NOTE = re.compile(r"(?:([A-G](?:b|#)?)(-?\d{1,2})|([-_])):([1-9]\d{0,2})")
TEXTS = ("title", "composer", "style", "genre")
HEADERS = (*TEXTS, "key", "time", "tempo")


@dataclass(slots=True)
class _Reading:
    chart: Chart = field(default_factory=lambda: Chart(()))
    bars: BarReader = field(default_factory=BarReader)
    melody: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    """written bar -> (step in the bar, length, pitch; pitch -1 goes on)"""
    system: int = 0
    """the first bar of the line of bars above"""
    key_line: int = 0
    repeated: tuple[int, int] | None = None
    """the section that is being read, if it is played more than once: its first bar, how often"""


def read_text(text: str) -> Chart:
    """Read a chart. Raises ChartProblem."""
    reading = _Reading()
    reading.bars.read_chord = lambda word: _chord(word, reading.chart.key)
    for number, line in enumerate(text.splitlines(), 1):
        _read_line(reading, line, number)
    _close_repeats(reading)
    try:
        order = played_order(reading.bars.bars)
    except ValueError as problem:
        raise ChartProblem(len(text.splitlines()) or 1, 1, str(problem)) from None
    sections = sections_of(reading.bars.bars, order)
    return replace(reading.chart, sections=sections, melody=_melody(reading, order))


def _read_line(reading: _Reading, line: str, number: int) -> None:
    text = line.strip()
    column = len(line) - len(line.lstrip()) + 1
    if not text or (text.startswith("#") and "|" not in text):
        return
    if text.startswith("~"):
        _read_melody(reading, text, number, column)
        return
    if section := _SECTION.match(text):
        _begin_section(reading, section, number, column)
        text, column = text[section.end() :], column + section.end()
        if not text:
            return
    elif "|" not in text or _is_header(text):
        _read_header(reading, text, number, column)
        return
    reading.system = len(reading.bars.bars)
    reading.bars.line(text, number, column)


def _begin_section(reading: _Reading, section: re.Match[str], number: int, column: int) -> None:
    _close_repeats(reading)
    reading.bars.begin_section(section[1].strip())
    if section[2]:
        times = int(section[2])
        if not 1 <= times <= 16:
            raise ChartProblem(number, column, f"found a section of {times} times, expected 1 to 16")
        reading.repeated = len(reading.bars.bars), times


def _close_repeats(reading: _Reading) -> None:
    """Write out the section before this one as often as it is played; it may have repeats of its own."""
    if reading.repeated is None:
        return
    (first, times), bars = reading.repeated, reading.bars.bars
    reading.repeated = None
    once = bars[first:]
    if once:
        once[0].repeat_start = True
    for _ in range(times - 1):
        for index, written in enumerate(once, first):
            if index in reading.melody:
                reading.melody[len(bars)] = reading.melody[index]
            bars.append(replace(written))


def _is_header(text: str) -> bool:
    """Whether `text` is a known header; a title may hold `|`."""
    found = _HEADER.fullmatch(text)
    return found is not None and found[1].lower() in HEADERS


def _read_header(reading: _Reading, text: str, number: int, column: int) -> None:
    found = _HEADER.fullmatch(text)
    name = found[1].lower() if found else text
    if not found or name not in HEADERS:
        near = get_close_matches(name, HEADERS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected bars between |, a [section] or {', '.join(HEADERS)}"
        raise ChartProblem(number, column, f"found {text[:40]!r}, {hint}")
    value, at = found[2].strip(), column + found.start(2)
    if name in TEXTS:
        reading.chart = with_text(reading.chart, name, value)
    elif name == "time":
        reading.bars.metre = read_metre(value, number, at)
    elif name == "tempo":
        reading.chart = replace(reading.chart, bpm=read_bpm(value, number, at))
    else:
        key, minor = read_key(value, number, at)
        reading.chart = replace(reading.chart, key=key, minor=minor)


def read_bpm(text: str, line: int, column: int) -> float:
    """Read a tempo [quarter notes a minute]. Raises ChartProblem."""
    try:
        bpm = float(text)
    except ValueError:
        bpm = 0.0
    if not MIN_BPM <= bpm <= MAX_BPM:
        raise ChartProblem(line, column, f"found tempo {text[:20]!r}, expected {MIN_BPM:g} to {MAX_BPM:g}")
    return bpm


def read_key(text: str, line: int, column: int) -> tuple[int, bool]:
    """Read a key: (tonic, is minor). Raises ChartProblem."""
    try:
        return parse_key(text)
    except ValueError as problem:
        raise ChartProblem(line, column, str(problem)) from None


def _chord(word: str, key: int | None) -> ChordSymbol:
    if not is_nashville(word):
        return parse_symbol(word)
    if key is None:
        raise ValueError(f"found Nashville number {word!r}, expected a line such as `key: G` above it")
    return parse_nashville(word, key)


def _read_melody(reading: _Reading, text: str, number: int, column: int) -> None:
    bars = reading.bars.bars
    pieces = [piece for piece in re.finditer(r"[^|]+", text[1:]) if piece[0].strip()]
    if len(pieces) != len(bars) - reading.system:
        above = len(bars) - reading.system
        raise ChartProblem(number, column, f"found melody for {len(pieces)} bars, expected {above} as above it")
    for index, piece in enumerate(pieces, reading.system):
        reading.melody[index] = _notes(piece[0], bars[index].bar, number, column + 1 + piece.start())


def _notes(text: str, bar: Bar, line: int, column: int) -> list[tuple[int, int, int]]:
    notes, step = [], 0
    for word in re.finditer(r"\S+", text):
        found = _NOTE.fullmatch(word[0])
        if not found:
            what = f"found {word[0][:20]!r}, expected a note with its 16ths such as Bb4:2"
            raise ChartProblem(line, column + word.start(), what)
        length = int(found[4])
        if found[3] != "-":
            pitch = -1 if found[3] else _pitch(found[1], int(found[2]))
            if pitch > 127 or (pitch < 0 and not found[3]):
                raise ChartProblem(line, column + word.start(), f"found {word[0]!r}, expected a note of MIDI's range")
            notes.append((step, length, pitch))
        step += length
    if step != bar.metre.bar_steps:
        raise ChartProblem(line, column, f"found {step} 16ths in a bar of {bar.metre.bar_steps}")
    return notes


def _pitch(name: str, octave: int) -> int:
    """The MIDI pitch of a note: C4 is 60, Cb4 59 and B#3 60."""
    return 12 * (octave + 1) + parse_pitch(name[0]) + {"": 0, "b": -1, "#": 1}[name[1:]]


def _melody(reading: _Reading, order: list[int]) -> tuple[ChartNote, ...]:
    found: list[ChartNote] = []
    start = 0
    for index in order:
        for step, length, pitch in reading.melody.get(index, ()):
            if pitch >= 0:
                found.append(ChartNote(start + step, length, pitch))
            elif found and found[-1].step + found[-1].length == start + step:
                found[-1] = replace(found[-1], length=found[-1].length + length)
        start += reading.bars.bars[index].bar.metre.bar_steps
    return tuple(found)


def write_text(chart: Chart, nashville: bool = False) -> str:
    """Write a chart as text, four bars a line; `nashville` writes chords by number if the key is known."""
    lines = [f"{name}: {_one_line(value)}" for name in TEXTS if (value := getattr(chart, name))]
    if chart.key is not None:
        lines.append(f"key: {key_name(chart.key, chart.minor)}")
    lines.append(f"time: {chart.metre}")
    if chart.bpm is not None:
        lines.append(f"tempo: {chart.bpm:g}")
    lines += systems(chart, nashville)
    return "\n".join(lines) + "\n"


def systems(chart: Chart, nashville: bool = False) -> list[str]:
    """The bars as lines of text, each section under its name."""
    key = chart.key
    if nashville and key is not None:
        name: Callable[[ChordSymbol | None], str] = lambda symbol: nashville_name(symbol, key)  # noqa: E731
    else:
        name = lambda symbol: chord_name(symbol, key, chart.minor)  # noqa: E731
    lines: list[str] = []
    step, metre = 0, chart.metre
    for index, section in enumerate(chart.sections):
        if index or section.name:
            lines += ["", f"[{_section_name(section)}]"]
        texts = []
        for bar in section.bars:
            mark = f"({bar.metre}) " if bar.metre != metre else ""
            texts.append(mark + " ".join(written_words(bar, name)))
            metre = bar.metre
        for first in range(0, len(texts), BARS_A_SYSTEM):
            width = max(len(text) for text in texts)
            lines.append("| " + " | ".join(text.ljust(width) for text in texts[first : first + BARS_A_SYSTEM]) + " |")
            bars = section.bars[first : first + BARS_A_SYSTEM]
            if chart.melody:
                lines.append(_melody_line(chart, bars, step))
            step += sum(bar.metre.bar_steps for bar in bars)
    return lines


def _section_name(section: ChartSection) -> str:
    return _one_line(re.sub(r"[\[\]|]", " ", section.name))[:60].strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _melody_line(chart: Chart, bars: tuple[Bar, ...], first: int) -> str:
    pieces = []
    for bar in bars:
        end = first + bar.metre.bar_steps
        pieces.append(" ".join(_melody_words(chart, first, end)))
        first = end
    return "~ | " + " | ".join(pieces) + " |"


def _melody_words(chart: Chart, first: int, end: int) -> list[str]:
    words, at = [], first
    for note in chart.melody:
        low, high = max(first, note.step, at), min(end, note.step + note.length)
        if high <= low:
            continue
        if low > at:
            words.append(f"-:{low - at}")
        name = f"{note_name(note.pitch, chart.key, chart.minor)}{note.pitch // 12 - 1}" if low == note.step else "_"
        words.append(f"{name}:{high - low}")
        at = high
    return [*words, f"-:{end - at}"] if at < end else words
