"""Writes charts as iReal Pro's links and pages."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

from composerd.errors import ConfigError
from composerd.files.charts.ireal import SECTION_NAMES, SECTION_TEXT
from composerd.files.charts.ireal_scramble import scrambled
from composerd.music.charts.chart import Bar, Chart
from composerd.music.charts.spelling import chord_name, key_name
from composerd.music.charts.symbols import ChordSymbol
from composerd.music.metre import Metre

_MARKS = {name: mark for mark, name in SECTION_NAMES.items()}
_SPELT = (
    ("mmaj", "-^"), ("m7b5", "h7"), ("m9b5", "h9"), ("maj", "^"), ("madd", "-add"), ("dim", "o"), ("aug", "+"),
    ("sus4", "sus"), ("m", "-"),
)  # fmt: skip


def music_of(chart: Chart) -> str:
    """The chart's bars as unobfuscated music, one cell a beat."""
    parts: list[str] = []
    metre: Metre | None = None
    for section in chart.sections:
        parts.append("[" + _section_mark(section.name))
        bars = []
        for bar in section.bars:
            sign = "" if bar.metre == metre else _time(bar.metre)
            bars.append(sign + _cells(bar, chart))
            metre = bar.metre
        parts += ["|".join(bars), "]"]
    return "".join(parts)[:-1] + "Z"


def _time(metre: Metre) -> str:
    if metre == Metre(12, 8):
        return "T12"
    if max(metre.numerator, metre.denominator) > 9:
        expected = "12/8 or two figures of one digit, all that iReal Pro has"
        raise ConfigError(field="time signature", found=str(metre), expected=expected)
    return f"T{metre.numerator}{metre.denominator}"


def _section_mark(name: str) -> str:
    if re.fullmatch(r"[A-D]", name):
        return f"*{name}"
    return f"*{_MARKS[name]}" if name in _MARKS else f"<{SECTION_TEXT}{_safe(name)}>"


def _cells(bar: Bar, chart: Chart) -> str:
    at = {change.beat: change.chord for change in bar.changes}
    cells = [_name(at[beat], chart) if beat in at else " " for beat in range(bar.beats)]
    return "".join(cell + ("," if cell != " " else "") for cell in cells)


def _name(symbol: ChordSymbol | None, chart: Chart) -> str:
    if symbol is None:
        return "n"
    root, kind = chord_name(ChordSymbol(symbol.root), chart.key, chart.minor), symbol.kind
    for ours, theirs in _SPELT:
        kind = kind.replace(ours, theirs)
    bass = "" if symbol.bass is None else "/" + chord_name(ChordSymbol(symbol.bass), chart.key, chart.minor)
    return root + kind.replace("sus2", "2") + bass


def write_ireal(charts: list[Chart], is_open: bool = False) -> str:
    """Write charts as a link: `irealb://`, or `irealbook://` if `is_open`."""
    songs = [_open_song(chart) if is_open else _song(chart) for chart in charts]
    body = ("=" if is_open else "===").join(songs)
    return f"irealb{'ook' * is_open}://{quote(body, safe='')}"


def write_ireal_page(charts: list[Chart]) -> str:
    """Write charts as an HTML page, as iReal Pro exports them."""
    title = html.escape(charts[0].title or "Charts")
    link = html.escape(write_ireal(charts))
    head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
    return f'<html>\n{head}\n<body><a href="{link}">{title}</a></body>\n</html>\n'


def _open_song(chart: Chart) -> str:
    head = (*_names(chart), _key(chart), "n", music_of(chart))
    return "=".join(head)


def _song(chart: Chart) -> str:
    head = (*_names(chart)[:2], "", _names(chart)[2], _key(chart), "")
    bpm = f"{chart.bpm:.0f}" if chart.bpm is not None else "0"
    return "=".join((*head, scrambled(music_of(chart)), "", bpm, "0"))


def _names(chart: Chart) -> list[str]:
    """Title, composer and style, never empty, because three `=` in a row would end the song."""
    return [_safe(text) or " " for text in (chart.title, chart.composer, chart.style)]


def _key(chart: Chart) -> str:
    return "C" if chart.key is None else key_name(chart.key, chart.minor).replace("m", "-")


def _safe(text: str) -> str:
    return " ".join(re.sub(r"[=<>]", " ", text).split())
