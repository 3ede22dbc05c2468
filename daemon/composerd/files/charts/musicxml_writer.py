"""Writes charts as MusicXML lead sheets: one part, chords above the melody, or above rests."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

from composerd.files.charts.musicxml_kinds import kind_to
from composerd.music.charts.chart import Bar, Chart
from composerd.music.charts.spelling import note_name
from composerd.music.charts.symbols import ChordSymbol
from composerd.music.metre import Metre

DIVISIONS = 4
"""a quarter note: a division is a step"""
_TYPES = {1: ("16th", 0), 2: ("eighth", 0), 3: ("eighth", 1), 4: ("quarter", 0), 6: ("quarter", 1), 8: ("half", 0),
          12: ("half", 1), 16: ("whole", 0)}  # fmt: skip
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="4.0">
"""
_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container><rootfiles><rootfile full-path="score.musicxml"/></rootfiles></container>
"""


def write_musicxml(chart: Chart) -> str:
    """Write a chart as a plain MusicXML file."""
    lines = [_HEAD.rstrip("\n")]
    if chart.title:
        lines.append(f"<work><work-title>{escape(chart.title)}</work-title></work>")
    lines.append(_identification(chart))
    lines.append('<part-list><score-part id="P1"><part-name>Lead</part-name></score-part></part-list>\n<part id="P1">')
    metre: Metre | None = None
    number, step = 0, 0
    for section in chart.sections:
        for index, bar in enumerate(section.bars):
            number += 1
            lines.append(f'<measure number="{number}">')
            if bar.metre != metre:
                lines.append(_attributes(chart, bar.metre, first=number == 1))
            if index == 0:
                lines += _section_start(section.name, chart.bpm if number == 1 else None)
            lines += [_harmony(change.chord, change.beat * bar.beat_steps, chart) for change in bar.changes]
            lines += _notes(chart, bar, step)
            lines.append("</measure>")
            metre = bar.metre
            step += bar.metre.bar_steps
    return "\n".join(lines) + "\n</part>\n</score-partwise>\n"


def write_mxl(chart: Chart) -> bytes:
    """Write a chart as a zipped MusicXML file; equal charts give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("META-INF/container.xml", _CONTAINER), ("score.musicxml", write_musicxml(chart))):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


def _identification(chart: Chart) -> str:
    composer = f'<creator type="composer">{escape(chart.composer)}</creator>' if chart.composer else ""
    others = "".join(
        f"<miscellaneous-field name={quoteattr(name)}>{escape(value)}</miscellaneous-field>"
        for name, value in (("style", chart.style), ("genre", chart.genre))
        if value
    )
    return f"<identification>{composer}<miscellaneous>{others}</miscellaneous></identification>"


def _attributes(chart: Chart, metre: Metre, first: bool) -> str:
    key = ""
    if first and chart.key is not None:
        major = (chart.key + 3 * chart.minor) % 12
        fifths = (7 * major + 6) % 12 - 6
        key = f"<key><fifths>{fifths}</fifths><mode>{'minor' if chart.minor else 'major'}</mode></key>"
    time = f"<time><beats>{metre.numerator}</beats><beat-type>{metre.denominator}</beat-type></time>"
    clef = "<clef><sign>G</sign><line>2</line></clef>" if first else ""
    return f"<attributes><divisions>{DIVISIONS}</divisions>{key}{time}{clef}</attributes>"


def _section_start(name: str, bpm: float | None) -> list[str]:
    """The rehearsal mark of a section, empty if it has no name, and the tempo."""
    lines = [f"<direction><direction-type><rehearsal>{escape(name)}</rehearsal></direction-type></direction>"]
    if bpm is not None:
        lines.append(
            "<direction><direction-type><metronome><beat-unit>quarter</beat-unit>"
            f'<per-minute>{bpm:g}</per-minute></metronome></direction-type><sound tempo="{bpm:g}"/></direction>'
        )
    return lines


def _harmony(symbol: ChordSymbol | None, offset: int, chart: Chart) -> str:
    at = f"<offset>{offset}</offset>" if offset else ""
    if symbol is None:
        root = "<root><root-step>C</root-step></root>"
        return f'<harmony>{root}<kind text="N.C.">none</kind>{at}</harmony>'
    name, degrees = kind_to(symbol.kind)
    edits = "".join(
        f"<degree><degree-value>{value}</degree-value><degree-alter>{alter}</degree-alter>"
        f"<degree-type>{how}</degree-type></degree>"
        for value, alter, how in degrees
    )
    bass = "" if symbol.bass is None else _named("bass", symbol.bass, chart)
    kind = f"<kind text={quoteattr(symbol.kind)}>{name}</kind>"
    return f"<harmony>{_named('root', symbol.root, chart)}{kind}{bass}{edits}{at}</harmony>"


def _named(tag: str, pitch: int, chart: Chart) -> str:
    return f"<{tag}>{_step_and_alter(pitch, chart, f'{tag}-')}</{tag}>"


def _step_and_alter(pitch: int, chart: Chart, prefix: str = "") -> str:
    name = note_name(pitch, chart.key, chart.minor)
    alter = {"": 0, "b": -1, "#": 1}[name[1:]]
    altered = f"<{prefix}alter>{alter}</{prefix}alter>" if alter else ""
    return f"<{prefix}step>{name[0]}</{prefix}step>{altered}"


def _notes(chart: Chart, bar: Bar, first: int) -> list[str]:
    lines, at, end = [], first, first + bar.metre.bar_steps
    for note in chart.melody:
        low, high = max(at, note.step), min(end, note.step + note.length)
        if high <= low:
            continue
        lines += _durations(None, low - at, chart, False, False)
        lines += _durations(note.pitch, high - low, chart, low > note.step, high < note.step + note.length)
        at = high
    return lines + _durations(None, end - at, chart, False, False)


def _durations(pitch: int | None, steps: int, chart: Chart, before: bool, after: bool) -> list[str]:
    """Written notes of `steps` in all, tied together, and to the neighbouring bars if `before` or `after`."""
    lengths = []
    while steps:
        lengths.append(max(length for length in _TYPES if length <= steps))
        steps -= lengths[-1]
    return [
        _note(pitch, length, chart, before or index > 0, after or index < len(lengths) - 1)
        for index, length in enumerate(lengths)
    ]


def _note(pitch: int | None, length: int, chart: Chart, stop: bool, start: bool) -> str:
    kind, dots = _TYPES[length]
    shape = f"<type>{kind}</type>{'<dot/>' * dots}"
    if pitch is None:
        return f"<note><rest/><duration>{length}</duration><voice>1</voice>{shape}</note>"
    sounds = f"<pitch>{_step_and_alter(pitch, chart)}<octave>{pitch // 12 - 1}</octave></pitch>"
    ends = [kind for kind, there in (("stop", stop), ("start", start)) if there]
    ties = "".join(f'<tie type="{end}"/>' for end in ends)
    tied = "".join(f'<tied type="{end}"/>' for end in ends)
    notations = f"<notations>{tied}</notations>" if ends else ""
    return f"<note>{sounds}<duration>{length}</duration>{ties}<voice>1</voice>{shape}{notations}</note>"
