"""Drum patterns and fills of `plain` as tables, by style; `patterns` describes the notation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DrumPattern:
    """A bar of drums: a line of strokes per instrument; `X` accented, `x` ordinary, `o` soft, `g` a ghost note."""

    lines: tuple[tuple[int, str], ...]


KICK, STICK, SNARE, FLOOR, CLOSED, LOW_TOM, PEDAL, OPEN, MID_TOM, CRASH, HIGH_TOM, RIDE = (
    36, 37, 38, 41, 42, 45, 44, 46, 47, 49, 50, 51,
)  # fmt: skip
"""General MIDI percussion keys."""


def _groove(
    kick: str, snare: str = "", hat: str = "", ride: str = "", pedal: str = "", opened: str = "", stick: str = ""
) -> DrumPattern:
    lines = ((KICK, kick), (SNARE, snare), (CLOSED, hat), (RIDE, ride), (PEDAL, pedal), (OPEN, opened), (STICK, stick))
    return DrumPattern(tuple((key, line) for key, line in lines if line))


@dataclass(frozen=True, slots=True)
class DrumTable:
    a: tuple[DrumPattern, ...]
    b: tuple[DrumPattern, ...]
    three: tuple[DrumPattern, ...]
    keep: float = 0.7


_EIGHTHS, _SIXTEENTHS, _BACKBEAT = "x.o.x.o.x.o.x.o.", "xgogxgogxgogxgog", "....X.......X..."
_SPANG = "x...X.x.x...X.x."

DRUMS: dict[str, DrumTable] = {
    "rock": DrumTable(
        a=(
            _groove("X.......x.x.....", _BACKBEAT, _EIGHTHS),
            _groove("X.....x.x.......", _BACKBEAT, _EIGHTHS),
            _groove("X.x.....x.x...x.", _BACKBEAT, _EIGHTHS),
            _groove("X......xx.......", "....X..g.g..X..g", _EIGHTHS),
        ),
        b=(
            _groove("X...x...x.x.....", _BACKBEAT, "", "x.x.X.x.x.x.X.x."),
            _groove("X.x...x.x.x...x.", "....X..g....X..g", _EIGHTHS, opened="..............x."),
            _groove("X..x..x.x..x..x.", _BACKBEAT, "", "x.x.X.x.x.x.X.x."),
        ),
        three=(
            _groove("X...........", "........X...", "x.o.x.o.x.o."),
            _groove("X.......x...", "....x...x...", "x.o.x.o.x.o."),
        ),
    ),
    "pop": DrumTable(
        a=(
            _groove("X.......x.......", "", _EIGHTHS, stick="....x.......x..."),
            _groove("X......xx.......", _BACKBEAT, _EIGHTHS),
            _groove("X.....x.x.....x.", _BACKBEAT, _EIGHTHS),
            _groove("X......x..x.....", _BACKBEAT, _SIXTEENTHS),
        ),
        b=(
            _groove("X.....x.x.x.....", "....X..g.g..X...", _SIXTEENTHS),
            _groove("X...x...x...x...", _BACKBEAT, "", opened="..x...x...x...x."),
            _groove("X..x..x...x..x..", "....X.......X..g", "", "x.x.X.x.x.x.X.x."),
        ),
        three=(
            _groove("X...........", "", "x.o.x.o.x.o.", stick="....x...x..."),
            _groove("X.........x.", "........X...", "x.o.x.o.x.o."),
        ),
    ),
    "jazz": DrumTable(
        a=(
            _groove("o...o...o...o...", "", "", _SPANG, "....x.......x..."),
            _groove("o...o...o...o...", "......g.........", "", _SPANG, "....x.......x..."),
            _groove("o...o...o...o.g.", "..........g...g.", "", _SPANG, "....x.......x..."),
            _groove("o...o...o...o...", "", "", "x...X.x.x...X...", "....x.......x...", stick="............o..."),
        ),
        b=(
            _groove("o...o.g.o...o.x.", "......o...g.....", "", _SPANG, "....x.......x..."),
            _groove("o.....x.o...o...", "..g...o.......o.", "", "x...X.x.x.x.X.x.", "....x.......x..."),
            _groove("o...x...o.x.o...", "....g.o.....g.o.", "", _SPANG, "....x.......x..."),
        ),
        three=(
            _groove("o...........", "", "", "x...X.x.x...", "....x...x..."),
            _groove("o.........g.", "......g.....", "", "x...X.x.X...", "........x..."),
        ),
        keep=0.35,
    ),
}
DRUMS["symphony"] = DRUMS["bach"] = DRUMS["pop"]

FILLS: dict[int, tuple[str, ...]] = {
    4: ("s.ss", "s.1.", "ssss", "..s3", "1.3."),
    8: ("s.s.1.3.", "s.ss1.33", "..s.1133", "ssss1133", "s..s..3."),
    16: ("k...s.s.1.1.3.3.", "s.ssssss11112233", "k.s.s.1.1.2.3.s.", "s...ss..1.112.33"),
}
"""By length in steps: `s` snare, `1` to `3` toms from high to low, `k` kick."""
FILL_KEYS = {"s": SNARE, "1": HIGH_TOM, "2": MID_TOM, "3": FLOOR, "k": KICK}
STROKES = {"X": 1.12, "x": 1.0, "o": 0.78, "g": 0.5}
"""Velocity factors."""
