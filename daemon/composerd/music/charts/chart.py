"""A chart: sections of bars with chords on their beats, repeats and jumps already followed; and its melody, if any."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from composerd.music.charts.symbols import ChordSymbol
from composerd.music.metre import Metre

MOST_BARS = 2000
"""of a chart, its repeats followed"""
LONGEST_TEXT = 200
"""characters of a title, a section's name and the like"""


@dataclass(frozen=True, slots=True)
class Change:
    """`chord` from `beat` on (a beat is the metre's lower figure, 0 the bar line); None: no chord (N.C.)."""

    beat: int
    chord: ChordSymbol | None


@dataclass(frozen=True, slots=True)
class Bar:
    """The first change is on beat 0; two in a row differ."""

    changes: tuple[Change, ...]
    metre: Metre = field(default_factory=Metre)

    @property
    def beats(self) -> int:
        return self.metre.numerator

    @property
    def beat_steps(self) -> int:
        """Steps of a beat; 0 for beats shorter than a step, which no change falls on but the first."""
        return 16 // self.metre.denominator

    @property
    def is_break(self) -> bool:
        """Whether the band is silent: N.C. throughout."""
        return all(change.chord is None for change in self.changes)

    def at(self, beat: int) -> ChordSymbol | None:
        return [change.chord for change in self.changes if change.beat <= beat][-1]


@dataclass(frozen=True, slots=True)
class ChartSection:
    """A named section of bars."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class ChartNote:
    """A note of the melody: steps from the chart's start, MIDI pitch."""

    step: int
    length: int
    pitch: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The chords of a song by sections, with key, tempo and melody."""

    sections: tuple[ChartSection, ...]
    title: str = ""
    composer: str = ""
    style: str = ""
    """free text, as the file has it (`Medium Swing`)"""
    genre: str = ""
    """name of the genre that is to play it; empty: whichever plays"""
    key: int | None = None
    """pitch class of the tonic"""
    minor: bool = False
    bpm: float | None = None
    """quarter notes a minute"""
    melody: tuple[ChartNote, ...] = ()

    @property
    def bars(self) -> tuple[Bar, ...]:
        return tuple(bar for section in self.sections for bar in section.bars)

    @property
    def metre(self) -> Metre:
        """Of the first bar."""
        return self.sections[0].bars[0].metre

    @property
    def steps(self) -> int:
        return sum(bar.metre.bar_steps for bar in self.bars)

    def bar_lines(self) -> Iterator[tuple[int, Bar]]:
        """The step on which each bar begins, and the bar."""
        step = 0
        for bar in self.bars:
            yield step, bar
            step += bar.metre.bar_steps

    def changes(self) -> Iterator[tuple[int, ChordSymbol | None]]:
        """The step of every change of chord, and the chord; a chord that goes on over a bar line is one."""
        before: ChordSymbol | str | None = "none yet"
        for step, bar in self.bar_lines():
            for change in bar.changes:
                if change.chord != before:
                    yield step + change.beat * bar.beat_steps, change.chord
                    before = change.chord

    def transposed(self, semitones: int) -> Chart:
        """The whole chart, its key and its melody, by semitones."""
        return replace(
            self,
            sections=tuple(_transposed_section(section, semitones) for section in self.sections),
            key=None if self.key is None else (self.key + semitones) % 12,
            melody=tuple(replace(note, pitch=min(127, max(0, note.pitch + semitones))) for note in self.melody),
        )


def with_text(chart: Chart, name: str, text: str) -> Chart:
    """The chart with `title`, `composer`, `style` or `genre` set, cut where it is too long."""
    return replace(chart, **{name: one_line(text)[:LONGEST_TEXT]})  # type: ignore[arg-type]


def with_plain_texts(chart: Chart) -> Chart:
    """The chart with texts that every file can hold: on one line, without control characters."""
    for name in ("title", "composer", "style", "genre"):
        chart = with_text(chart, name, getattr(chart, name))
    return replace(chart, sections=tuple(replace(one, name=one_line(one.name)) for one in chart.sections))


def one_line(text: str) -> str:
    """The text on one line; control characters and what is no character are spaces."""
    kept = (char if unicodedata.category(char) not in ("Cc", "Cn", "Cs") else " " for char in text)
    return " ".join("".join(kept).split())


def _transposed_section(section: ChartSection, semitones: int) -> ChartSection:
    return replace(section, bars=tuple(_transposed(bar, semitones) for bar in section.bars))


def _transposed(bar: Bar, semitones: int) -> Bar:
    changes = (replace(c, chord=c.chord and c.chord.transposed(semitones)) for c in bar.changes)
    return replace(bar, changes=tuple(changes))


def bar_of(slots: Sequence[ChordSymbol | None], metre: Metre) -> Bar:
    """A bar from the chord on each of its beats."""
    changes = [Change(0, slots[0])]
    for beat, chord in enumerate(slots):
        if chord != changes[-1].chord:
            changes.append(Change(beat, chord))
    return Bar(tuple(changes), metre)
