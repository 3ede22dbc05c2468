"""Draws a chart as an SVG picture, four bars a line."""

from __future__ import annotations

from xml.sax.saxutils import escape

from composerd.files.charts.bar_line import written_words
from composerd.music.charts.chart import Bar, Chart, with_plain_texts
from composerd.music.charts.spelling import chord_name, key_name

BARS_A_SYSTEM = 4
WIDTH, MARGIN, TOP, ROW, GAP = 960, 40, 96, 64, 30
"""of the page, its margins, its head, a system, and what a section adds; pixels"""
_PRETTY = str.maketrans({"b": "♭", "#": "♯"})


def draw(chart: Chart) -> str:
    """Draw the chart as SVG."""
    chart = with_plain_texts(chart)
    lines, height = _systems(chart)
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="Georgia, serif">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fffdf8"/>',
        _text(WIDTH / 2, 44, chart.title or "Chart", 28, "middle", bold=True),
        _text(MARGIN, 72, _facts(chart), 14),
        _text(WIDTH - MARGIN, 72, chart.composer, 14, "end"),
    ]
    return "\n".join([*head, *lines, "</svg>"]) + "\n"


def _facts(chart: Chart) -> str:
    key = _pretty(key_name(chart.key, chart.minor)) if chart.key is not None else ""
    bpm = f"♩ = {chart.bpm:g}" if chart.bpm is not None else ""
    return "   ".join(fact for fact in (chart.genre or chart.style, key, str(chart.metre), bpm) if fact)


def _systems(chart: Chart) -> tuple[list[str], int]:
    """(SVG elements of the bars, height of the picture [px])."""
    lines: list[str] = []
    y, metre = TOP, chart.metre
    for index, section in enumerate(chart.sections):
        y += GAP if section.name or index else 0
        if section.name:
            lines.append(_text(MARGIN, y - 8, section.name, 15, bold=True))
        for first in range(0, len(section.bars), BARS_A_SYSTEM):
            for place, bar in enumerate(section.bars[first : first + BARS_A_SYSTEM]):
                lines += _bar(chart, bar, place, y, bar.metre != metre)
                metre = bar.metre
            y += ROW
        last = (len(section.bars) - 1) % BARS_A_SYSTEM + 1
        lines.append(_line(MARGIN + last * _bar_width() - 4, y - ROW, y - ROW + 40))
    return lines, y + MARGIN


def _bar_width() -> float:
    return (WIDTH - 2 * MARGIN) / BARS_A_SYSTEM


def _bar(chart: Chart, bar: Bar, place: int, y: float, signed: bool) -> list[str]:
    x, width = MARGIN + place * _bar_width(), _bar_width()
    lines = [_line(x, y, y + 40), _line(x + width, y, y + 40)]
    if signed:
        lines.append(_text(x + 4, y - 4, str(bar.metre), 12))
    words = written_words(bar, lambda symbol: chord_name(symbol, chart.key, chart.minor))
    for index, word in enumerate(words):
        if word != "." or len(words) > 2:
            size = 22 if len(words) <= 2 else 17
            lines.append(
                _text(x + 10 + index * (width - 12) / len(words), y + 28, "·" if word == "." else _pretty(word), size)
            )
    return lines


def _line(x: float, top: float, bottom: float) -> str:
    return f'<line x1="{x:g}" y1="{top:g}" x2="{x:g}" y2="{bottom:g}" stroke="#222" stroke-width="1.5"/>'


def _text(x: float, y: float, text: str, size: int, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    shown = escape(text)
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}"{weight}>{shown}</text>'


def _pretty(text: str) -> str:
    return text.translate(_PRETTY)
