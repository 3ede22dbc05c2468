"""The columns of the voicing net: planes of rows relative to a chord's root, then flat columns; and its logits.

Rows count semitones from an anchor, the chord's root nearest to the middle of the part's range, so that what is learned
over one chord holds over all. Earlier bars are given twice: as they sounded, and transposed to the current chord.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from composerd.contract.groove import CHOICES, LAGS
from composerd.contract.layout import DRUMS, MONO, PHASES, POLY, Track

SPAN = 34
"""Rows below and above the anchor [semitones]."""
ROWS = 2 * SPAN + 1
LASTS = 3
"""Number of a part's latest chords (or notes) in the input."""
CHOSEN, TOP = "chosen", "top"
PLANES = (
    *(f"last {i + 1}" for i in range(LASTS)),
    *(f"{lag} moved" for lag in LAGS),
    *(f"{lag} bars ago" for lag in LAGS),
    "others",
    "others before",
    CHOSEN,
    TOP,
)
"""(ROWS,) each: notes of the part's latest chords, of its bars LAGS ago, of the parts before it now and a step ago, the
notes already chosen for this step, and the highest of them that begins."""
LINE, CHORDS = "line", "chords"
QUESTIONS = {MONO: LINE, POLY: CHORDS}
"""The net that decides for a part, by its kind."""
LEAP, NEAR, ABOVE = 24, 12, 36
"""Reach of kernels [semitones]: around a line's last note, around the last chord's notes, above the next lower note."""
BARS = 2 * len(LAGS)
"""Number of planes of earlier bars."""
NOTE, LASTING = range(2)
"""Stages of a query: the next note, or which of the sounding notes are held while others begin."""
AGES = (1, 2, 4, 8, 1 << 30)
"""Upper ends of the classes for steps since the part's last chord, and since the chord change."""
NEXT = (1, 2, 4, 8, 16, 1 << 30)
"""Upper ends of the classes for steps until the next chord."""


SIZES = (1.15, 2.0, 3.0)
"""Ends of the classes of a part's mean number of notes that begin together."""
REGISTERS = (0.3, 0.45, 0.6)
"""Ends of the classes of its mean pitch, from the lowest pitch of its range (0) to the highest (1)."""
REPEATS = (0.25, 0.6)
"""Ends of the classes of the share of its chords, or notes, that are those before."""
MANNER = (len(SIZES) + 1, len(REGISTERS) + 1, len(REPEATS) + 1)
"""Numbers of classes of a part's manner, which is one for a whole performance: size, register and repeats."""


def manner_of(track: Track, size: float, pitch: float, repeats: float) -> tuple[int, int, int]:
    """The classes of a part's manner."""
    register = (pitch - track.low) / max(1, track.high - track.low)
    return bisect_left(SIZES, size), bisect_left(REGISTERS, register), bisect_left(REPEATS, repeats)


@dataclass(frozen=True)
class VoicingLayout:
    """The pitched tracks of a band in order, and the genres that a net was trained on together."""

    tracks: tuple[Track, ...]
    genres: tuple[str, ...]

    @property
    def pitched(self) -> tuple[Track, ...]:
        return tuple(track for track in self.tracks if track.kind != DRUMS)

    @property
    def questions(self) -> tuple[str, ...]:
        """The nets that these parts need."""
        kinds = {track.kind for track in self.pitched}
        return tuple(question for kind, question in QUESTIONS.items() if kind in kinds)

    @property
    def flat(self) -> int:
        """Number of input columns after the planes."""
        chords = 12 + 12 + len(AGES) + 12 + 12 + len(NEXT)
        melody = 12 + 4
        own = len(AGES) + 2 * len(LAGS) + 1
        return chords + melody + own + PHASES + CHOICES + 2 + self.context + len(self.pitched)

    @property
    def context(self) -> int:
        """Number of columns of a performance and a part: genre, made by rules, tempo, manner."""
        return len(self.genres) + 2 + sum(MANNER)

    @property
    def inputs(self) -> int:
        """Number of input columns: the planes, then the flat ones."""
        return len(PLANES) * ROWS + self.flat

    @staticmethod
    def outputs(question: str) -> int:
        """Number of logits: one a row; of chords also one for no further note, and one for each row to be held."""
        return ROWS if question == LINE else 2 * ROWS + 1


def _slices(**sizes: int) -> dict[str, slice]:
    ends = np.cumsum(list(sizes.values())).tolist()
    return {name: slice(end - sizes[name], end) for name, end in zip(sizes, ends, strict=True)}


_SHARED = {"rows": ROWS, "classes": 12, "bars": BARS}
ANSWERS = {
    LINE: _slices(**_SHARED, near=2 * LEAP + 1),
    CHORDS: _slices(**_SHARED, near=2 * NEAR + 1, above=2 * ABOVE + 1, end=1, lasting_rows=ROWS, lasting_classes=12),
}
"""Values that the net's last layer gives: a score a row and a pitch class, a weight for each plane of earlier bars,
kernels around the last chord's notes and around the next lower note, the score of no further note, and scores of rows
and pitch classes to be held."""


def plane(name: str) -> slice:
    """Columns of the plane called `name`."""
    place = PLANES.index(name)
    return slice(place * ROWS, (place + 1) * ROWS)


def stage_columns(layout: VoicingLayout) -> slice:
    """Columns of the stage, NOTE or LASTING."""
    end = layout.inputs - layout.context - len(layout.pitched)
    return slice(end - 2, end)


def bass_columns() -> slice:
    """Columns of the chord's bass."""
    start = len(PLANES) * ROWS + 12
    return slice(start, start + 12)


def following_columns() -> slice:
    """Columns of the next chord."""
    start = len(PLANES) * ROWS + 24 + len(AGES)
    return slice(start, start + 24 + len(NEXT))
