"""Reads and writes charts in any supported format, recognised by content or by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from composerd.errors import ConfigError, Line
from composerd.files.charts.encoding import decoded, in_utf8
from composerd.files.charts.problem import ChartProblem
from composerd.music.charts.chart import Chart, with_plain_texts

MOST_BYTES = 4_000_000
TEXT, CHORDPRO, IREAL, PAGE, XML, MXL, MIDI = (
    "text",
    "ChordPro",
    "iReal Pro",
    "iReal Pro page",
    "MusicXML",
    "MXL",
    "MIDI",
)


@dataclass(frozen=True, slots=True)
class Format:
    """A chart format: its suffixes, reader and writer."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes], list[Chart]]
    write: Callable[[list[Chart]], bytes]


def read_charts(path: Path) -> list[Chart]:
    """Read all charts of a file, at least one. Raises ConfigError naming file, line, column, found and expected."""
    try:
        if path.is_dir():
            raise ConfigError(place=Line(str(path)), found="a folder", expected="a chart")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError.unreadable(path, error) from None
    return parse_charts(data, path.name, str(path))


def parse_charts(data: bytes, name: str, where: str = "") -> list[Chart]:
    """Read all charts in `data`, the content of a file called `name` (`where` in errors). Raises ConfigError."""
    where = where or name
    if len(data) > MOST_BYTES:
        raise ConfigError(place=Line(where), found=f"{len(data):,} bytes", expected=f"at most {MOST_BYTES:,}")
    if not data.strip():
        raise ConfigError(place=Line(where), found="an empty file", expected="a chart")
    try:
        text = in_utf8(data)
        found = format_of(text, name)
        charts = found.read(data if found.name == XML else text)  # XML names its own encoding
        return [with_plain_texts(chart) for chart in charts]
    except ChartProblem as problem:
        raise ConfigError(str(problem), place=Line(where, problem.line, problem.column)) from None


def write_charts(name: str, charts: list[Chart]) -> bytes:
    """The content of a file called `name` with the charts. Raises ConfigError; only iReal Pro files hold several."""
    suffix = Path(name).suffix.lower()
    found = next((one for one in formats() if suffix in one.suffixes), None)
    if found is None:
        suffixes = ", ".join(suffix for one in formats() for suffix in one.suffixes)
        raise ConfigError(place=Line(str(name)), found=f"{suffix or 'no suffix'!r}", expected=f"one of {suffixes}")
    return found.write([with_plain_texts(chart) for chart in charts])


def format_of(data: bytes, name: str) -> Format:
    """The format of a file by its content, else by its name, else plain text."""
    known = {one.name: one for one in formats()}
    for found, pattern in _BEGINNINGS:
        if re.match(pattern, data[:4000].lstrip(b"\xef\xbb\xbf \r\n\t")):
            return known[found]
    if re.search(rb"irealb(ook)?://", data):
        return known[PAGE]
    suffix = Path(name).suffix.lower()
    if suffix in (".musicxml", ".xml", ".mxl", ".mid", ".midi", ".cld"):
        return next(one for one in known.values() if suffix in one.suffixes)
    if suffix in known[CHORDPRO].suffixes or re.search(_DIRECTIVE, data):
        return known[CHORDPRO]
    return known[TEXT]


_BEGINNINGS = (
    (MIDI, rb"MThd"),
    (MXL, rb"PK\x03\x04"),
    (IREAL, rb"irealb(ook)?://"),
    (XML, rb"<\?xml(?s:.)*<score-|<score-"),
)
_DIRECTIVE = rb"(?m)^\{\s*(title|t|key|artist|start_of_\w+|so[cvbg]|meta|composer|subtitle|st)\b"


def formats() -> tuple[Format, ...]:
    """All formats. They are imported here: listing commands need none of them."""
    from composerd.files.charts import chordpro, ireal, ireal_writer, midi_chords, musicxml, musicxml_writer, mxl, text

    chordpro_names = (".cho", ".chordpro", ".crd", ".chopro", ".pro")
    return (
        Format(TEXT, (".txt", ".chart"), _one(text.read_text), _first(text.write_text)),
        Format(CHORDPRO, chordpro_names, _one(chordpro.read_chordpro), _first(chordpro.write_chordpro)),
        Format(
            IREAL,
            (".ireal", ".irealb"),
            _many(ireal.read_ireal),
            lambda charts: _line(ireal_writer.write_ireal(charts)),
        ),
        Format(
            PAGE,
            (".html", ".htm"),
            _many(ireal.read_ireal),
            lambda charts: _line(ireal_writer.write_ireal_page(charts)),
        ),
        Format(XML, (".musicxml", ".xml"), _bytes(musicxml.read_musicxml), _first(musicxml_writer.write_musicxml)),
        Format(MXL, (".mxl",), _bytes(mxl.read_mxl), lambda charts: musicxml_writer.write_mxl(charts[0])),
        Format(
            MIDI,
            (".mid", ".midi", ".cld"),
            _bytes(midi_chords.read_midi_chart),
            lambda charts: midi_chords.write_midi_chart(charts[0]),
        ),
    )


def _bytes(read: Callable[[bytes], Chart]) -> Callable[[bytes], list[Chart]]:
    return lambda data: [read(data)]


def _one(read: Callable[[str], Chart]) -> Callable[[bytes], list[Chart]]:
    return lambda data: [read(decoded(data))]


def _many(read: Callable[[str], list[Chart]]) -> Callable[[bytes], list[Chart]]:
    return lambda data: read(decoded(data))


def _first(write: Callable[[Chart], str]) -> Callable[[list[Chart]], bytes]:
    return lambda charts: write(charts[0]).encode()


def _line(text: str) -> bytes:
    return text.rstrip("\n").encode() + b"\n"
