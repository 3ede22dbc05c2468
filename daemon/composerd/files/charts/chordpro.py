"""Reads and writes ChordPro (chordpro.org): directives, grids, and lyrics with chords between the words.

A grid gives the bars. Chords between words have no bars: each counts as one bar, and the lyrics are dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from composerd.files.charts.bar_line import BarReader, read_metre, written_words
from composerd.files.charts.problem import ChartProblem
from composerd.files.charts.text import read_bpm, read_key
from composerd.music.charts.chart import Chart, bar_of, with_text
from composerd.music.charts.played_order import WrittenBar, played_order, sections_of
from composerd.music.charts.spelling import chord_name, key_name
from composerd.music.charts.symbols import NO_CHORD_NAMES, parse_symbol

BARS_A_LINE = 4
_DIRECTIVE = re.compile(r"\{\s*([A-Za-z_-]{1,30})\s*(?::\s*|\s+|$)?([^}]*)\}")
_CHORD = re.compile(r"\[([^\]]{0,60})\]")
_LABEL = re.compile(r'label="([^"]*)"')
_SHORT = {
    "t": "title",
    "st": "subtitle",
    "sov": "start_of_verse",
    "soc": "start_of_chorus",
    "sob": "start_of_bridge",
    "sog": "start_of_grid",
    "eog": "end_of_grid",
    "eov": "end_of_verse",
    "eoc": "end_of_chorus",
    "eob": "end_of_bridge",
    "sot": "start_of_tab",
    "eot": "end_of_tab",
}
_SKIPPED = ("tab", "abc", "ly", "svg", "textblock")
"""environments without chords, which are skipped"""


@dataclass(slots=True)
class _ChordProReading:
    chart: Chart = field(default_factory=lambda: Chart(()))
    bars: BarReader = field(default_factory=BarReader)
    environment: str = ""
    chorus: tuple[int, int] = (0, 0)
    """the last chorus, which {chorus} plays again: its first bar, the bar after it"""


def read_chordpro(text: str) -> Chart:
    """The chart of a ChordPro song. Raises ChartProblem."""
    reading = _ChordProReading()
    for number, line in enumerate(text.splitlines(), 1):
        _read_line(reading, line, number)
    bars = reading.bars.bars
    try:
        order = played_order(bars)
    except ValueError as problem:
        raise ChartProblem(len(text.splitlines()) or 1, 1, str(problem)) from None
    return replace(reading.chart, sections=sections_of(bars, order))


def _read_line(reading: _ChordProReading, line: str, number: int) -> None:
    text, column = line.strip(), len(line) - len(line.lstrip()) + 1
    if not text or text.startswith("#"):
        return
    if text.startswith("{"):
        found = _DIRECTIVE.match(text)
        if not found:
            raise ChartProblem(number, column, f"found {text[:40]!r}, expected a directive such as {{title: Name}}")
        name = found[1].lower()
        _directive(reading, _SHORT.get(name, name), found[2].strip(), number, column + found.start(2))
    elif reading.environment == "grid":
        _grid_line(reading, text, number, column)
    elif reading.environment not in _SKIPPED:
        _lyrics(reading, text, number, column)


def _directive(reading: _ChordProReading, name: str, value: str, line: int, column: int) -> None:
    if name == "meta":
        name, _, value = value.partition(" ")
        value = value.strip()
    if name.startswith("start_of_"):
        _begin(reading, name.removeprefix("start_of_"), value)
    elif name.startswith("end_of_"):
        _end(reading, name.removeprefix("end_of_"))
    elif name == "chorus":
        _play_chorus(reading, value)
    elif name in ("title", "composer", "style", "genre"):
        reading.chart = with_text(reading.chart, name, value)
    elif name == "artist" and not reading.chart.composer:
        reading.chart = with_text(reading.chart, "composer", value)
    elif name == "key":
        key, minor = read_key(value, line, column)
        reading.chart = replace(reading.chart, key=key, minor=minor)
    elif name == "tempo":
        reading.chart = replace(reading.chart, bpm=read_bpm(value, line, column))
    elif name == "time":
        reading.bars.metre = read_metre(value, line, column)


def _begin(reading: _ChordProReading, environment: str, value: str) -> None:
    label = _LABEL.search(value)
    reading.environment = environment
    if environment in _SKIPPED:
        return
    if environment == "chorus":
        reading.chorus = (len(reading.bars.bars),) * 2
    if environment == "grid" and not label and re.fullmatch(r"[\dx+]*|[^\s]*=.*", value):
        return  # a grid without a name goes on with the section
    name = label[1] if label else "" if "=" in value else value
    reading.bars.begin_section((name or ("" if label else environment.capitalize()))[:60])


def _end(reading: _ChordProReading, environment: str) -> None:
    reading.environment = ""
    if environment == "chorus":
        reading.chorus = reading.chorus[0], len(reading.bars.bars)
    if environment != "grid" and environment not in _SKIPPED:
        reading.bars.begin_section("")


def _play_chorus(reading: _ChordProReading, value: str) -> None:
    """Write out the last chorus once more; `value` may be its name this time."""
    label = _LABEL.search(value)
    bars = reading.bars
    first, end = reading.chorus
    again = [replace(written) for written in bars.bars[first:end]]
    if again:
        again[0].section = (label[1] if label else value)[:60] or again[0].section
        again[0].repeat_start = True
        bars.bars += again
        bars.begin_section("")


def _grid_line(reading: _ChordProReading, text: str, number: int, column: int) -> None:
    start = text.find("|")
    if start < 0:
        raise ChartProblem(number, column, "found a line of a grid without |, expected bars such as | C . | F . |")
    start -= start > 0 and text[start - 1] == ":"
    end = text.rfind("|") + 1
    while text[end : end + 1] in ("]", ":"):
        end += 1
    row = re.sub(r"\|(\d{1,2})>?(?=\s)", r"|\1.", text[start:end])
    row = re.sub(r"(\|\s*%)(?:\s+\.)+(?=\s*:?\|)", r"\1", row)
    reading.bars.line(row, number, column + start)


def _lyrics(reading: _ChordProReading, text: str, number: int, column: int) -> None:
    bars = reading.bars
    for found in _CHORD.finditer(text):
        word = found[1].strip()
        if not word or word.startswith("*") or word == "|":
            continue
        try:
            chord = None if word.upper() in NO_CHORD_NAMES else parse_symbol(word)
        except ValueError as problem:
            raise ChartProblem(number, column + found.start(1), str(problem)) from None
        section, bars.section = bars.section, None
        bars.bars.append(WrittenBar(bar_of([chord] * bars.metre.numerator, bars.metre), section))


def write_chordpro(chart: Chart) -> str:
    """The chart as ChordPro, a grid a section."""
    lines = [f"{{title: {_plain(chart.title)}}}"] if chart.title else []
    if chart.composer:
        lines.append(f"{{composer: {_plain(chart.composer)}}}")
    lines += [f"{{meta: {name} {_plain(value)}}}" for name in ("style", "genre") if (value := getattr(chart, name))]
    if chart.key is not None:
        lines.append(f"{{key: {key_name(chart.key, chart.minor)}}}")
    if chart.bpm is not None:
        lines.append(f"{{tempo: {chart.bpm:g}}}")
    metre = None
    for section in chart.sections:
        lines.append("")
        rows: list[list[str]] = []
        opened = False
        for bar in section.bars:
            if bar.metre != metre:
                lines += _grid_rows(rows, opened)
                rows, metre = [], bar.metre
                lines += ["{end_of_grid}"] if opened else []
                lines += [f"{{time: {metre}}}", _grid_start(section.name, opened)]
                opened = True
            elif not opened:
                lines.append(_grid_start(section.name, False))
                opened = True
            rows.append(written_words(bar, lambda symbol: chord_name(symbol, chart.key, chart.minor)))
        lines += [*_grid_rows(rows, opened), "{end_of_grid}"]
    return "\n".join(lines) + "\n"


def _grid_start(name: str, again: bool) -> str:
    label = _plain(name).replace('"', "'")
    return "{start_of_grid}" if again else f'{{start_of_grid: label="{label}"}}'


def _grid_rows(rows: list[list[str]], opened: bool) -> list[str]:
    if not opened:
        return []
    texts = [" ".join(words) for words in rows]
    return ["| " + " | ".join(texts[first : first + BARS_A_LINE]) + " |" for first in range(0, len(texts), BARS_A_LINE)]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[{}]", "", text).split())
