"""iReal Pro charts: `irealbook://` and obfuscated `irealb://` links, bare or in an exported HTML page.

After the published Custom Chord Chart Protocol (irealpro.com); cells of a bar are spread over its beats.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from composerd.files.charts.ireal_scramble import PREFIX, unscrambled
from composerd.files.charts.problem import ChartProblem
from composerd.music.charts.chart import LONGEST_TEXT, MOST_BARS, Bar, Chart, bar_of
from composerd.music.charts.played_order import WrittenBar, played_order, sections_of
from composerd.music.charts.spelling import parse_key
from composerd.music.charts.symbols import ChordSymbol, parse_symbol
from composerd.music.metre import Metre
from composerd.music.tempo import MAX_BPM, MIN_BPM

_LINK = re.compile(r"irealb(ook)?://")
_TOKEN = re.compile(
    r"(?P<text><[^<>]{0,200}>)|(?P<section>\*[A-Za-z])|(?P<time>T\d\d)|(?P<ending>N\d)|(?P<bar>[\[\]{}|Z])"
    r"|(?P<mark>[SQ])|(?P<last>x)|(?P<two>r)|(?P<none>n)|(?P<hold>p| )|(?P<alternate>\([^()]{0,60}\))"
    r"|(?P<ignored>[Yslf,U]|\*\s)|(?P<slash>W(?:/[A-G][b#]?)?)"
    r"|(?P<chord>[A-G][b#]?(?:\^|h|o|\+|-|susadd3|sus|alt|add|b|\#|\d)*(?:/[A-G][b#]?)?)"
)
SECTION_NAMES = {"i": "Intro", "V": "Verse"}
"""by the letter of a section mark"""
SECTION_TEXT = "Section: "
_JUMPS = (("d.c.", "dc"), ("d.s.", "ds"))


def read_ireal(text: str) -> list[Chart]:
    """Read all charts of a page or link. Raises ChartProblem."""
    charts: list[Chart] = []
    for link in _links(text):
        charts += link.charts()
    if not charts:
        raise ChartProblem(1, 1, "found no irealb:// or irealbook:// link, expected one with a song in it")
    return charts


@dataclass(frozen=True, slots=True)
class _Link:
    line: int
    column: int
    is_open: bool
    """whether it is `irealbook`, whose music is not obfuscated"""
    body: str

    def charts(self) -> Iterator[Chart]:
        for fields, music in self._songs():
            try:
                yield _chart(fields, music, self.is_open)
            except ValueError as problem:
                title = fields[0][:40]
                raise ChartProblem(self.line, self.column, f"song {title!r}: {problem}") from None

    def _songs(self) -> Iterator[tuple[list[str], str]]:
        """The fields of each song, and its music."""
        if self.is_open:
            fields = self.body.split("=")
            for first in range(0, len(fields) - 5, 6):
                yield fields[first : first + 6], fields[first + 5]
            return
        fields, start = self.body.split("="), 0
        for at, one in enumerate(fields):
            if one.startswith(PREFIX):
                yield fields[start : at + 4], unscrambled(one[len(PREFIX) :])
                has_tail = _is_number(fields, at + 2) and _is_number(fields, at + 3)
                start = at + (6 if has_tail else 3)


def _links(text: str) -> Iterator[_Link]:
    bare = _LINK.match(text.strip())
    if bare:
        yield _Link(1, 1, bool(bare[1]), unquote(text.strip()[bare.end() :].replace("\n", "").replace("\r", "")))
        return
    for found in _LINK.finditer(text):
        end = re.compile(r"[\"'<>]").search(text, found.end())
        body = text[found.end() : end.start() if end else len(text)]
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        yield _Link(line, column, bool(found[1]), unquote(html.unescape(body)))


def _chart(fields: list[str], music: str, is_open: bool) -> Chart:
    at = next((i for i, one in enumerate(fields) if one.startswith(PREFIX)), 5)
    style, key = (fields[2], fields[3]) if is_open else _style_and_key(fields[:at])
    tonic, minor = parse_key(key) if key.strip() else (None, False)
    written = _Music(music).bars()
    bpm = _bpm(fields[at + 2]) if not is_open and len(fields) > at + 2 else None
    return Chart(
        sections_of(written, played_order(written)),
        title=fields[0].strip()[:LONGEST_TEXT],
        composer=_composer(fields[1] if len(fields) > 1 else ""),
        style=style.strip()[:LONGEST_TEXT],
        key=tonic,
        minor=minor,
        bpm=bpm,
    )


def _is_number(fields: list[str], at: int) -> bool:
    return at < len(fields) and re.fullmatch(r"-?\d{1,3}", fields[at]) is not None


def _style_and_key(fields: list[str]) -> tuple[str, str]:
    """Title, composer, (empty), style, key, (transposition): the key is the last field that reads as one."""
    for index in range(len(fields) - 1, 1, -1):
        if re.fullmatch(r"[A-G][b#]?-?", fields[index]):
            return fields[index - 1], fields[index]
    return "", ""


def _composer(text: str) -> str:
    return text.strip()[:LONGEST_TEXT]


def _bpm(text: str) -> float | None:
    bpm = float(text) if re.fullmatch(r"\d{1,3}", text) else 0.0
    return bpm if MIN_BPM <= bpm <= MAX_BPM else None


@dataclass(slots=True)
class _IrealBar:
    cells: list[ChordSymbol | str | None] = field(default_factory=list)
    """chords, None for no chord, `hold`, `last`, `two`"""
    flags: dict[str, object] = field(default_factory=dict)


class _Music:
    """Reads unobfuscated music, token by token."""

    def __init__(self, music: str) -> None:
        self._music = music
        self._bars: list[WrittenBar] = []
        self._metre = Metre()
        self._open = _IrealBar()
        self._endings: frozenset[int] = frozenset()
        self._ending = 0
        """the number of the ending that was read last; N0, an ending without a number, is the next one"""
        self._times = 2
        """how often the repeat that is open is played, by its words `<3x>`"""
        self._codas = music.count("Q")
        self._seen_codas = 0
        self._after_two = False
        self._root: ChordSymbol | None = None

    def bars(self) -> list[WrittenBar]:
        at = 0
        while at < len(self._music):
            found = _TOKEN.match(self._music, at)
            if not found:
                shown = self._music[at : at + 10]
                raise ValueError(f"found {shown!r} at character {at + 1} of its music, expected a chord or a bar line")
            assert found.lastgroup is not None
            self._take(found.lastgroup, found[0])
            at = found.end()
        self._close("]")
        return self._bars

    def _take(self, kind: str, token: str) -> None:
        if kind == "bar":
            self._close(token)
        elif kind == "chord":
            self._root = parse_symbol(token)
            self._open.cells.append(self._root)
        elif kind == "slash":
            self._open.cells.append(self._slash(token))
        elif kind in ("last", "two", "hold", "none"):
            self._open.cells.append(None if kind == "none" else kind)
        else:
            self._annotate(kind, token)

    def _slash(self, token: str) -> ChordSymbol | str:
        """Read a token such as `W/E`: the chord before, over another bass."""
        if self._root is None or "/" not in token:
            return "hold"
        bass = parse_symbol(token.partition("/")[2]).root
        return ChordSymbol(self._root.root, self._root.kind, bass)

    def _annotate(self, kind: str, token: str) -> None:
        flags = self._open.flags
        if kind == "section":
            flags["section"] = SECTION_NAMES.get(token[1], token[1])
            self._endings = frozenset()
        elif kind == "time":
            self._metre = Metre(12, 8) if token == "T12" else Metre(int(token[1]), int(token[2]))
        elif kind == "ending":
            self._ending = int(token[1]) or self._ending + 1
            self._endings = frozenset((self._ending,))
        elif kind == "mark" and token == "S":
            flags["segno"] = True
        elif kind == "mark":
            self._seen_codas += 1
            flags["to_coda" if self._seen_codas == 1 and self._codas > 1 else "coda"] = True
        elif kind == "text":
            self._read_words(re.sub(r"^\*\d\d", "", token[1:-1]).strip())

    def _read_words(self, words: str) -> None:
        flags = self._open.flags
        if words.startswith(SECTION_TEXT.strip()):
            flags["section"] = words.removeprefix(SECTION_TEXT.strip()).strip()[:60]
        for start, jump in _JUMPS:
            if words.lower().startswith(start):
                flags["jump"] = jump
        if words.lower() == "fine":
            flags["fine"] = True
        if times := re.fullmatch(r"(\d)x", words):
            self._times = int(times[1])

    def _close(self, token: str) -> None:
        if any(cell != "hold" for cell in self._open.cells):
            self._add(self._contents())
        elif self._open.cells and self._open.flags.get("opened") == "|" and token != "[":
            if self._after_two or not self._bars:
                self._after_two = False
            else:
                self._add([self._held()])
        carried: dict[str, object] = {}
        if not self._open.cells:  # marks before a bar's first cell belong to the bar that comes
            carried = {name: value for name, value in self._open.flags.items() if name != "opened"}
        self._finish(token, carried)

    def _finish(self, token: str, carried: dict[str, object]) -> None:
        if token == "}" and self._bars:
            self._bars[-1].repeat_end, self._times = max(2, self._times), 2
        if token in "}]Z[":
            self._endings = frozenset()
        self._open = _IrealBar(flags={**carried, "opened": "|" if token in "|[{" else token})
        if token == "{":
            self._open.flags["repeat_start"] = True
            self._ending = 0

    def _held(self) -> Bar:
        return bar_of([self._bars[-1].bar.changes[-1].chord] * self._metre.numerator, self._metre)

    def _contents(self) -> list[Bar]:
        cells, self._after_two = self._open.cells, False
        count = 2 if "two" in cells else 1 if "last" in cells else 0
        if count:
            if len(self._bars) < count:
                raise ValueError("found a sign that repeats bars before there are bars")
            self._after_two = count == 2
            return [written.bar for written in self._bars[-count:]]
        return [bar_of(self._slots(cells), self._metre)]

    def _slots(self, cells: list[ChordSymbol | str | None]) -> list[ChordSymbol | None]:
        """The chord of each beat; cells are spread evenly over the beats of the bar."""
        beats = self._metre.numerator
        held = self._bars[-1].bar.changes[-1].chord if self._bars else None
        slots: list[ChordSymbol | None] = []
        starts = {
            index * beats // len(cells): cell for index, cell in reversed(list(enumerate(cells))) if cell != "hold"
        }
        for beat in range(beats):
            cell = starts.get(beat, "hold")
            if cell is None or isinstance(cell, ChordSymbol):
                held = cell
            slots.append(held)
        return slots

    def _add(self, bars: list[Bar]) -> None:
        for bar in bars:
            if len(self._bars) >= MOST_BARS:
                raise ValueError(f"found more than {MOST_BARS} bars")
            self._bars.append(WrittenBar(bar, endings=self._endings))
        first, last, flags = self._bars[-len(bars)], self._bars[-1], self._open.flags
        first.section = str(flags["section"]) if "section" in flags else None
        first.repeat_start, first.segno = bool(flags.get("repeat_start")), bool(flags.get("segno"))
        first.coda, last.to_coda = bool(flags.get("coda")), bool(flags.get("to_coda"))
        last.fine, last.jump = bool(flags.get("fine")), str(flags.get("jump", ""))
