"""Reads bars written as text, such as `|: C | Am7 . F G |1. C :|2. F |`; for plain charts and ChordPro's grids."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from composerd.files.charts.problem import ChartProblem
from composerd.music.charts.chart import MOST_BARS, Bar, bar_of
from composerd.music.charts.played_order import MOST_TIMES, WrittenBar
from composerd.music.charts.symbols import NO_CHORD_NAMES, ChordSymbol, parse_symbol
from composerd.music.metre import Metre, parse_metre

HOLDS = (".", "/", "~")
"""the chord of the beat before goes on"""
LAST_BAR, LAST_TWO = ("%", "x"), ("%%",)
_BAR_LINE = re.compile(r"(?P<close>:)?(?:\|\||\|\]|\|)(?P<open>:)?")
_TIMES = re.compile(r"\s*[x×](\d{1,4})(?=\s|$|\|)")
_ENDING = re.compile(r"\s?(\d{1,2}(?:[,-]\d{1,2}){0,8})\.(?=\s|[A-H])")
_MARK = re.compile(r"\(([^)|]{1,30})\)")
_WORD = re.compile(r"[^\s|]+")
_MARKS = {
    "segno": ("segno", True),
    "coda": ("coda", True),
    "to coda": ("to_coda", True),
    "fine": ("fine", True),
    "d.c.": ("jump", "dc"),
    "d.s.": ("jump", "ds"),
}

ReadChord = Callable[[str], ChordSymbol]


@dataclass(slots=True)
class _OpenBar:
    """A bar whose end has not been read yet."""

    line: int
    column: int
    words: list[tuple[int, str]] = field(default_factory=list)
    """column, text"""
    written: WrittenBar | None = None


@dataclass(slots=True)
class BarReader:
    """Reads lines of bars one after the other into `bars`."""

    metre: Metre = field(default_factory=Metre)
    read_chord: ReadChord = parse_symbol
    bars: list[WrittenBar] = field(default_factory=list)
    section: str | None = None
    """name of the section that the next bar begins"""
    _endings: frozenset[int] = frozenset()
    _repeat_start: bool = False

    def begin_section(self, name: str) -> None:
        """The next bar begins a section; an ending's bracket that is open ends here."""
        self.section, self._endings = name, frozenset()

    def line(self, text: str, number: int, column: int = 1) -> None:
        """Read a line of bars, which begins at `column`; its last bar may lack its `|`. Raises ChartProblem."""
        at = 0
        bar = _OpenBar(number, column)
        closed = False
        while at < len(text):
            if text[at].isspace():
                at += 1
            elif found := _BAR_LINE.match(text, at):
                closed = True
                self._end_bar(bar, bool(found["close"]))
                at = self._after_bar_line(text, found, number, column)
                bar = _OpenBar(number, column + at)
            else:
                at = self._word(bar, text, at, column)
        if not closed:
            raise ChartProblem(number, column + len(text), "found the end of the line, expected | between the bars")
        if bar.words:
            self._end_bar(bar, False)

    def _after_bar_line(self, text: str, found: re.Match[str], number: int, column: int) -> int:
        at = found.end()
        if found["close"]:
            if times := _TIMES.match(text, at):
                self._set_times(int(times[1]), number, column + times.start(1))
                at = times.end()
            self._endings = frozenset()
        if text.startswith("|]", found.start()) or "||" in found[0]:
            self._endings = frozenset()
        self._repeat_start = self._repeat_start or bool(found["open"])
        if ending := _ENDING.match(text, at):
            self._endings = _numbers(ending[1], number, column + at)
            at = ending.end()
        return at

    def _set_times(self, times: int, number: int, column: int) -> None:
        if not 2 <= times <= MOST_TIMES:
            raise ChartProblem(number, column, f"found a repeat of {times} times, expected 2 to {MOST_TIMES}")
        if self.bars:
            self.bars[-1].repeat_end = times

    def _word(self, bar: _OpenBar, text: str, at: int, column: int) -> int:
        if mark := _MARK.match(text, at):
            self._mark(bar, mark[1].strip(), column + at)
            return mark.end()
        word = _WORD.match(text, at)
        assert word is not None
        end = word.end() - (word[0].endswith(":") and text[word.end() : word.end() + 1] == "|")
        if end > at:
            bar.words.append((column + at, text[at:end]))
        return max(end, at + 1)

    def _mark(self, bar: _OpenBar, mark: str, column: int) -> None:
        bar.written = bar.written or WrittenBar(Bar(()))
        words = mark.lower()
        name = next((known for known in sorted(_MARKS, key=len, reverse=True) if words.startswith(known)), None)
        if name is not None:
            setattr(bar.written, *_MARKS[name])
        elif re.fullmatch(r"\d{1,2}/\d{1,2}", mark):
            self.metre = read_metre(mark, bar.line, column)
        else:
            raise ChartProblem(bar.line, column, f"found ({mark}), expected a time signature or a mark such as (D.C.)")

    def _end_bar(self, bar: _OpenBar, repeat: bool) -> None:
        if not bar.words:
            if bar.written is not None:
                raise ChartProblem(bar.line, bar.column, "found a mark without a bar, expected chords beside it")
            if repeat and self.bars:
                self.bars[-1].repeat_end = max(2, self.bars[-1].repeat_end)
            return
        bars = self._bars_of(bar)
        for index, content in enumerate(bars):
            self._add(content, bar if index == len(bars) - 1 else _OpenBar(bar.line, bar.column))
        if repeat:
            self.bars[-1].repeat_end = 2

    def _add(self, content: Bar, bar: _OpenBar) -> None:
        if len(self.bars) >= MOST_BARS:
            raise ChartProblem(bar.line, bar.column, f"found more than {MOST_BARS} bars")
        written = bar.written or WrittenBar(content)
        written.bar, written.endings = content, self._endings
        written.repeat_start, self._repeat_start = self._repeat_start, False
        written.section, self.section = self.section, None
        self.bars.append(written)

    def _bars_of(self, bar: _OpenBar) -> list[Bar]:
        column, first = bar.words[0]
        if len(bar.words) == 1 and first in LAST_BAR + LAST_TWO:
            count = 2 if first in LAST_TWO else 1
            if len(self.bars) < count:
                raise ChartProblem(bar.line, column, f"found {first}, but there is no bar before it to repeat")
            return [written.bar for written in self.bars[-count:]]
        return [bar_of(self._slots(bar), self.metre)]

    def _slots(self, bar: _OpenBar) -> list[ChordSymbol | None]:
        """The chord of every beat."""
        beats, count = self.metre.numerator, len(bar.words)
        if count > beats or beats % count:
            fitting = ", ".join(str(n) for n in range(1, beats + 1) if beats % n == 0)
            raise ChartProblem(
                bar.line, bar.column, f"found {count} chords in a bar of {beats} beats, expected {fitting} (. goes on)"
            )
        slots: list[ChordSymbol | None] = []
        for column, word in bar.words:
            slots += [self._chord(word, slots, bar.line, column)] * (beats // count)
        return slots

    def _chord(self, word: str, slots: list[ChordSymbol | None], line: int, column: int) -> ChordSymbol | None:
        if word in HOLDS:
            if slots:
                return slots[-1]
            return self.bars[-1].bar.changes[-1].chord if self.bars else None
        if word.upper() in NO_CHORD_NAMES:
            return None
        try:
            return self.read_chord(word)
        except ValueError as problem:
            raise ChartProblem(line, column, str(problem)) from None


def read_metre(text: str, line: int, column: int) -> Metre:
    """Read a time signature. Raises ChartProblem for one that charts cannot have."""
    try:
        metre = parse_metre(text)
    except ValueError as problem:
        raise ChartProblem(line, column, f"found {text!r}, {problem}") from None
    if metre.denominator > 16:
        raise ChartProblem(line, column, f"found {text}, expected beats of at least a 16th")
    return metre


def _numbers(text: str, line: int, column: int) -> frozenset[int]:
    """The numbers of an ending, written as `1,2` or `1-3`. Raises ChartProblem."""
    found: set[int] = set()
    for piece in text.split(","):
        low, _, high = piece.partition("-")
        found.update(range(int(low), int(high or low) + 1))
    if not found or max(found) > MOST_TIMES or min(found) < 1:
        raise ChartProblem(line, column, f"found ending {text}, expected 1 to {MOST_TIMES}")
    return frozenset(found)


def written_words(bar: Bar, name: Callable[[ChordSymbol | None], str]) -> list[str]:
    """The bar's chords in the fewest words that keep their positions: one, one a half bar, or one a beat."""
    beats = bar.beats
    at = {change.beat: name(change.chord) for change in bar.changes}
    count = next(n for n in range(1, beats + 1) if beats % n == 0 and all(beat % (beats // n) == 0 for beat in at))
    return [at.get(beat, ".") for beat in range(0, beats, beats // count)]
