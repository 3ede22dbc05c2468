"""Inputs and outputs of the groove net: rhythm cells, a plan for each bar, and the columns of frames and logits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
import numpy.typing as npt

from composerd.contract.frames import Bytes, Flags, Floats, Ints
from composerd.contract.layout import DRUM_CLASSES, DRUMS, MONO, PHASES, POLY, Track
from composerd.music.roll import HELD, ONSET

LAGS = (1, 2, 4, 8)
"""Distances at which a bar may repeat an earlier one [bars]."""
NEW, COPY, VARY = 0, 1, 5
"""A bar's plan: new, COPY + i the rhythm of the bar LAGS[i] ago, VARY + i a variation of it."""
CHOICES = 1 + 2 * len(LAGS)
UNKNOWN_PLAN = -1
LEAST_LIKENESS = 0.6
"""Jaccard index of the onsets of two bars from which on one counts as a variation of the other."""
HISTORY = 8
"""Number of earlier plans in the input of a plan [bars]."""
REACH = 16
"""Number of latest cells in the input of a cell [steps]."""
BEFORE, AFTER = 4, 8
"""Steps before and after the same place in the bars LAGS ago, which are in the input of a cell as well."""
GROUP = 8
"""Bars in a group; a bar's place in its group is an input."""
CHANGES = 9
"""Number of latest steps for which the input says whether the chord changed [steps]."""
DRUM_BARS, DRUM_STEPS, BAND_BARS, BAND_STEPS = QUESTIONS = ("drum_bars", "drum_steps", "band_bars", "band_steps")
LINKS = ("drum_links", "band_links", "plan_links")
DENSITIES = {DRUMS: (6.0, 11.0, 17.0), MONO: (2.0, 4.5, 7.5), POLY: (1.5, 3.5, 6.5)}
"""Ends of the classes of a part's density [onsets in 16 steps], by its kind; drums: the sum of all drums."""
SUSTAINS = (0.35, 0.7)
"""Ends of the classes of sustain: the share of steps without an onset on which the part sounds."""
REPETITIONS = (0.35, 0.7)
"""Ends of the classes of repetition: the share of bars that are copies."""
TEXTURE = (len(DENSITIES[POLY]) + 1, len(SUSTAINS) + 1, len(REPETITIONS) + 1)
"""Numbers of classes of a part's texture, which is one for a whole performance: density, sustain and repetition."""
UNKNOWN = -1
_AROUND = BEFORE + AFTER + 1
_MELODY = 2


@dataclass(frozen=True)
class GrooveLayout:
    """Rhythm cells of a band: a column for each drum class, then onset and hold of each pitched part, in order."""

    tracks: tuple[Track, ...]
    genres: tuple[str, ...]
    """genres that the net was trained on together"""

    @cached_property
    def columns(self) -> tuple[slice, ...]:
        """Columns of the cells, per track."""
        sizes = [len(DRUM_CLASSES) if track.kind == DRUMS else 2 for track in self.tracks]
        ends = np.cumsum(sizes).tolist()
        return tuple(slice(end - size, end) for size, end in zip(sizes, ends, strict=True))

    @property
    def width(self) -> int:
        """Number of columns of the cells."""
        return int(self.columns[-1].stop)

    @property
    def has_drums(self) -> bool:
        return self.tracks[0].kind == DRUMS

    @property
    def drums(self) -> int:
        """Number of columns of the drums, which come first."""
        return int(self.columns[0].stop) if self.has_drums else 0

    @property
    def pitched(self) -> tuple[int, ...]:
        """Indices of the pitched tracks."""
        return tuple(i for i, track in enumerate(self.tracks) if track.kind != DRUMS)

    @property
    def context(self) -> int:
        """Number of columns that hold for a whole bar: genre, made by rules, tempo, parts that play, place in the
        group, textures."""
        return len(self.genres) + 2 + len(self.tracks) + GROUP + len(self.tracks) * sum(TEXTURE)

    def inputs(self, question: str) -> int:
        """Number of input columns of a question."""
        if question in (DRUM_BARS, BAND_BARS):
            own, parts = (self.drums, 1) if question == DRUM_BARS else (self.width, len(self.tracks))
            likeness = 0 if question == DRUM_BARS else len(LAGS)
            return HISTORY * parts * CHOICES + REACH * own + len(LAGS) + likeness + self.context
        own = self.drums if question == DRUM_STEPS else self.width
        around = len(LAGS) * (_AROUND * (own + _MELODY) + 1)
        shared = REACH * (own + _MELODY + 1) + around + PHASES + self.context
        if question == DRUM_STEPS:
            return shared + CHOICES
        return shared + self.drums + CHANGES + CHOICES * len(self.tracks)

    def outputs(self, question: str) -> int:
        """Number of logits of an answer: the choices, the drums, or rest, hold and onset of each pitched part."""
        sizes = {DRUM_BARS: CHOICES, DRUM_STEPS: self.drums, BAND_BARS: CHOICES * len(self.pitched)}
        return sizes.get(question, 3 * len(self.pitched))

    def link_shape(self, name: str) -> tuple[int, int]:
        """Shape (logits, cells decided before) of the weights from the decisions made first in a step or plan to the
        later ones."""
        parts = len(self.pitched)
        plans = CHOICES * len(self.tracks)
        return {"drum_links": (self.drums, self.drums), "band_links": (3 * parts, 2 * parts)}.get(name, (plans, plans))


def rhythm_of(layout: GrooveLayout, cells: tuple[Bytes, ...]) -> Bytes:
    """Rhythm cells (..., width), 0 or 1, of the tracks' cells (..., rows)."""
    found = np.zeros((*cells[0].shape[:-1], layout.width), np.uint8)
    for track, columns, rows in zip(layout.tracks, layout.columns, cells, strict=True):
        struck = rows == ONSET
        if track.kind == DRUMS:
            found[..., columns] = struck
        else:
            begins = struck.any(-1)
            found[..., columns.start] = begins
            found[..., columns.start + 1] = ~begins & (rows == HELD).any(-1)
    return found


def onset_columns(layout: GrooveLayout, part: int) -> slice:
    """The columns of a track by which bars are compared."""
    columns = layout.columns[part]
    return columns if layout.tracks[part].kind == DRUMS else slice(columns.start, columns.start + 1)


def likeness(bar: Bytes, other: Bytes) -> Floats:
    """(N,) share of onsets in common (Jaccard) of bars (N, steps, columns); 1 where both are silent."""
    flat = (len(bar), prod(bar.shape[1:]))
    one, two = bar.reshape(flat).astype(bool), other.reshape(flat).astype(bool)
    union = (one | two).sum(1)
    found: Floats = np.where(union, (one & two).sum(1) / np.maximum(union, 1), 1.0).astype(np.float32)
    return found


def plan_of(alike: Floats, known: Flags) -> Ints:
    """Plans (...) from likenesses (..., LAGS) to bars that are `known` or not: nearest exact copy, else the best."""
    alike = np.where(known, alike, -1.0)
    exact = alike >= 1.0
    best = np.where(alike.max(-1) >= LEAST_LIKENESS, VARY + alike.argmax(-1), NEW)
    found: Ints = np.where(exact.any(-1), COPY + exact.argmax(-1), best)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """Rhythm of one or more performances, concatenated along steps."""

    cells: Bytes
    """(steps, width)"""
    melody: Bytes
    """(steps, 2): whether a note of the melody begins, whether one sounds"""
    changes: Bytes
    """(steps,) whether the planned chord changes"""


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """N bars of a tape for which plans or cells are inferred."""

    start: Ints
    """(N,) bar line"""
    steps: Ints
    """(N,) length"""
    known_from: Ints
    """(N,) first step on the tape that belongs to the same performance and metre"""
    context: Floats
    """(N, layout.context)"""

    def pick(self, rows: npt.NDArray[np.int64]) -> Bars:
        return Bars(self.start[rows], self.steps[rows], self.known_from[rows], self.context[rows])

    @property
    def lags(self) -> Flags:
        """(N, LAGS) whether the bar so long ago is known."""
        found: Flags = self.start[:, None] - np.array(LAGS) * self.steps[:, None] >= self.known_from[:, None]
        return found


def context(
    layout: GrooveLayout, genre: Ints, generated: Flags, bpm: Floats, present: Flags, place: Ints, textures: Ints
) -> Floats:  # fmt: skip
    """Columns (N, layout.context) that hold for a whole bar: from genre (N,), bpm (N,), the parts that play, `present`
    (N, tracks), the bar's place in its group (N,), and `textures` (N, tracks, TEXTURE) or UNKNOWN."""
    names = np.arange(len(layout.genres)) == genre[:, None]
    tempo = np.clip(np.log2(np.maximum(bpm, 1.0) / 100.0), -1.0, 1.0)
    group = np.arange(GROUP) == place[:, None]
    classes = [textures[:, :, i, None] == np.arange(count) for i, count in enumerate(TEXTURE)]
    told = np.concatenate(classes, 2).reshape(len(textures), len(layout.tracks) * sum(TEXTURE))
    found = np.concatenate([names, generated[:, None], tempo[:, None], present, group, told], 1)
    return found.astype(np.float32)


def texture_of(kind: str, density: float, sustain: float, repetition: float) -> tuple[int, int, int]:
    """The classes of a part's texture."""
    return (
        int(np.searchsorted(DENSITIES[kind], density)), int(np.searchsorted(SUSTAINS, sustain)),
        int(np.searchsorted(REPETITIONS, repetition)),
    )  # fmt: skip


def _taken(rows: Bytes, at: Ints, known: Flags) -> Floats:
    """(N, n * columns) of rows (steps, columns) at steps (N, n), zero where not known."""
    picked = rows[np.clip(at, 0, len(rows) - 1)] * known[..., None]
    found: Floats = picked.reshape(len(at), prod(picked.shape[1:])).astype(np.float32)
    return found


def _one_hot(plans: Ints) -> Floats:
    """(N, n * CHOICES) of plans (N, n), zero where unknown."""
    chosen = plans[..., None] == np.arange(CHOICES)
    found: Floats = chosen.reshape(len(plans), prod(chosen.shape[1:])).astype(np.float32)
    return found


_BACK = np.arange(-REACH, 0)


def bar_frames(layout: GrooveLayout, question: str, tape: Tape, bars: Bars, past: Ints) -> Floats:
    """Build the input (N, inputs) of a plan; `past` (N, HISTORY, tracks) are the plans before, or UNKNOWN_PLAN."""
    drums = question == DRUM_BARS
    at = bars.start[:, None] + _BACK
    known = at >= bars.known_from[:, None]
    columns = slice(0, layout.drums) if drums else slice(0, layout.width)
    plans = past[:, :, :1] if drums else past
    blocks = [
        _one_hot(plans.reshape(len(plans), prod(plans.shape[1:]))),
        _taken(tape.cells[:, columns], at, known),
        bars.lags,
    ]
    if not drums:
        blocks.append(_melody_likeness(tape, bars))
    return np.concatenate([*blocks, bars.context], 1, dtype=np.float32)


def _melody_likeness(tape: Tape, bars: Bars) -> Floats:
    """(N, LAGS) Jaccard index of the melody's onsets in the bar before and in the bars LAGS before it."""
    back = np.arange(-REACH, 0)
    found = np.zeros((len(bars.start), len(LAGS)), np.float32)
    latest = bars.start[:, None] + back
    begins = tape.melody[:, 0]
    one = begins[np.clip(latest, 0, len(begins) - 1)] * (latest >= bars.known_from[:, None])
    for i, lag in enumerate(LAGS):
        at = latest - lag * bars.steps[:, None]
        two = begins[np.clip(at, 0, len(begins) - 1)] * (at >= bars.known_from[:, None])
        found[:, i] = np.where(two.any(1), likeness(one[..., None], two[..., None]), 0.0)
    return found


def step_blocks(layout: GrooveLayout, question: str) -> list[int]:
    """Widths of the first blocks of a step's input: latest cells, melody and its flags, then two for each lag."""
    own = layout.drums if question == DRUM_STEPS else layout.width
    around = [_AROUND * own, _AROUND * _MELODY] * len(LAGS)
    return [REACH * own, REACH * _MELODY, REACH, *around]


def step_frames(
    layout: GrooveLayout, question: str, tape: Tape, bars: Bars, place: Ints, heard: Ints, plans: Ints
) -> Floats:
    """Build the input (N, inputs) of the cells on step `place` (N,) of each bar.

    The melody is known before step `heard` (N,) of the tape; `plans` (N, tracks) are the bars' own.
    """
    drums = question == DRUM_STEPS
    columns = slice(0, layout.drums) if drums else slice(0, layout.width)
    now = bars.start + place
    cells, first = tape.cells[:, columns], bars.known_from[:, None]
    latest = now[:, None] + _BACK
    tune = latest + 1
    sung = (tune >= first) & (tune < heard[:, None])
    blocks = [_taken(cells, latest, latest >= first), _taken(tape.melody, tune, sung), sung]
    for lag in LAGS:
        at = (now - lag * bars.steps)[:, None] + np.arange(-BEFORE, AFTER + 1)
        known = at >= first
        blocks += [_taken(cells, at, known), _taken(tape.melody, at, known & (at < heard[:, None]))]
    phase = np.where(bars.steps == 12, place % 12 + 16, place % 16)
    blocks += [bars.lags, np.arange(PHASES) == phase[:, None], bars.context]
    if drums:
        return np.concatenate([*blocks, _one_hot(plans[:, :1])], 1, dtype=np.float32)
    here = now[:, None] + np.arange(1 - CHANGES, 1)
    moved = _taken(tape.changes[:, None], here, here >= first)
    struck = _taken(tape.cells[:, : layout.drums], now[:, None], np.ones((len(now), 1), np.bool_))
    return np.concatenate([*blocks, struck, moved, _one_hot(plans)], 1, dtype=np.float32)
