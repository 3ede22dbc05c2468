"""Charts for tests: generated ones that every format can hold, and a short one by hand."""

from __future__ import annotations

from random import Random

from composerd.music.charts.chart import Bar, Chart, ChartNote, ChartSection, bar_of
from composerd.music.charts.symbols import KINDS, ChordSymbol
from composerd.music.metre import Metre

METRES = tuple(Metre(*pair) for pair in ((4, 4), (3, 4), (2, 4), (5, 4), (6, 8), (12, 8), (2, 2)))
NAMES = ("A", "B", "C", "D", "Intro", "Verse", "Chorus", "Bridge 2", "Coda & out", "")
LETTERS = "abcdeXYZ äßé'&,.0123456789"


def chart_of(seed: int) -> Chart:
    """A chart of chance: equal seeds, equal charts."""
    dice = Random(seed)
    sections = [_section(dice) for _ in range(dice.randint(1, 4))]
    sections[0] = ChartSection(sections[0].name, (bar_of([ChordSymbol(0)] * 4, Metre()), *sections[0].bars))
    steps = sum(bar.metre.bar_steps for section in sections for bar in section.bars)
    return Chart(
        tuple(sections),
        title=_text(dice),
        composer=_text(dice),
        style=_text(dice),
        genre=dice.choice(("", "jazz", "pop")),
        key=dice.randrange(12),
        minor=dice.random() < 0.5,
        bpm=dice.choice((None, float(dice.randint(40, 250)))),
        melody=_melody(dice, steps),
    )


def _section(dice: Random) -> ChartSection:
    return ChartSection(dice.choice(NAMES), tuple(_bar(dice) for _ in range(dice.randint(1, 6))))


def _bar(dice: Random) -> Bar:
    metre = dice.choice(METRES)
    slots = [_symbol(dice)]
    for _ in range(metre.numerator - 1):
        slots.append(_symbol(dice) if dice.random() < 0.25 else slots[-1])
    return bar_of(slots, metre)


def _symbol(dice: Random) -> ChordSymbol | None:
    if dice.random() < 0.1:
        return None
    root, bass = dice.randrange(12), dice.choice((None, dice.randrange(12)))
    return ChordSymbol(root, dice.choice(sorted(KINDS)), None if bass == root else bass)


def _text(dice: Random) -> str:
    return " ".join("".join(dice.choices(LETTERS, k=dice.randint(0, 20))).split())


def _melody(dice: Random, steps: int) -> tuple[ChartNote, ...]:
    notes: list[ChartNote] = []
    step = 0
    for _ in range(dice.randint(0, 12)):
        step, length = step + dice.randint(0, 5), dice.randint(1, 20)
        if step + length > steps:
            break
        notes.append(ChartNote(step, length, dice.randint(36, 96)))
        step += length
    return tuple(notes)


BLUES = """title: Blues
key: F
genre: jazz
tempo: 132

[A]
| F7 | Bb7 | F7 | Cm7 F7 |
| Bb7 | Bdim7 | F7/C | Am7b5 D7 |
| Gm7 | C7 | F7 D7 | Gm7 C7 |
"""

MINE = """title: Mine
key: C
[A]
| C | G7 | F | G7 |
~ | C4:4 E4:4 G4:4 C5:4 | B4:4 G4:4 F4:4 D4:4 | E4:4 C4:4 A3:4 F4:4 | G4:4 A4:4 B4:4 D5:4 |
[B]
| Am | Dm | C | G7 |
~ | E4:4 G4:4 B4:4 E5:4 | D5:4 B4:4 A4:4 F4:4 | G4:4 E4:4 C4:4 A4:4 | B4:4 C5:4 D5:4 F5:4 |
"""
