"""The columns of a players' net: its tracks, and the blocks of its input frames and output logits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import msgspec

DRUMS, MONO, POLY = "drums", "mono", "poly"
KINDS = (DRUMS, MONO, POLY)

DRUM_CLASSES: tuple[tuple[str, int, tuple[int, ...]], ...] = (
    ("kick", 36, (35, 36)),
    ("snare", 38, (38, 40)),
    ("stick", 37, (31, 37, 39)),
    ("closed hat", 42, (42, 44)),
    ("open hat", 46, (46,)),
    ("ride", 51, (51, 53, 59)),
    ("crash", 49, (49, 52, 55, 57)),
    ("low tom", 45, (41, 43, 45)),
    ("high tom", 50, (47, 48, 50)),
    ("shaker", 70, (54, 56, 69, 70, 82)),
)
"""Per class: name, the General MIDI key that is played, and the keys that are read as this class."""

MELODY_LOW, MELODY_HIGH = 48, 95
"""The player's melody is octave-folded into this range."""
MELODY_ROWS = MELODY_HIGH - MELODY_LOW + 1
PHASES = 16 + 12
"""One row per step of a 16-step bar, then one per step of a 12-step bar (3/4, 6/8)."""
PLAN_ROWS = 12 + 12 + 2
"""Chord tones, bass pitch class, a flag where the chord changes, and `known`."""
LEAP = 24
"""Kernels relative to a part's own last pitch reach this many semitones up and down."""
SHARED_NOISE, PART_NOISE = 16, 8
"""Width of the noise that all parts share, and of each part's own (family musegan)."""


class Track(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of the net. `sources` name earlier tracks whose lowest sounding note conditions it at the same step."""

    name: str
    role: str
    kind: str
    low: int
    high: int
    program: int = 0
    polyphony: int = 1
    sources: tuple[str, ...] = ()
    min_steps: int = 1
    """shortest note [steps]"""

    @property
    def rows(self) -> int:
        """Number of rows of its cells: drum classes, or semitones of the range."""
        return len(DRUM_CLASSES) if self.kind == DRUMS else self.high - self.low + 1


class ColumnBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The columns [start, start + size) of a frame, which hold `name`."""

    name: str
    start: int
    size: int

    @property
    def columns(self) -> slice:
        return slice(self.start, self.start + self.size)


def _blocks(sizes: list[tuple[str, int]]) -> tuple[ColumnBlock, ...]:
    blocks, start = [], 0
    for name, size in sizes:
        blocks.append(ColumnBlock(name, start, size))
        start += size
    return tuple(blocks)


def _input_sizes(track: Track) -> list[tuple[str, int]]:
    flags = [(f"{track.name}.known", 1)]
    if track.kind == DRUMS:
        return [(f"{track.name}.onset", track.rows), *flags]
    return [(f"{track.name}.sound", track.rows), (f"{track.name}.onset", track.rows), *flags]


def _output_sizes(track: Track) -> list[tuple[str, int]]:
    if track.kind == DRUMS:
        return [(f"{track.name}.onset", track.rows)]
    hearing = [f"{track.name}.{what}~{source}" for source in ("melody", *track.sources) for what in ("onset", "hold")]
    kernels = [(name, 12) for name in hearing]
    if track.kind == MONO:
        own = [(f"{track.name}.{what}", size) for what, size in (("onset", track.rows), ("hold", 1), ("rest", 1))]
        return [*own, (f"{track.name}.leap", 2 * LEAP + 1), *kernels]
    own = [(f"{track.name}.{what}", size) for what, size in (("gate", 1), ("onset", track.rows), ("hold", track.rows))]
    return [*own, *kernels]


@dataclass(frozen=True)
class Layout:
    """Assigns columns of `frames` (batch, time, width) and `logits` (batch, time, out_width) to tracks, in order."""

    tracks: tuple[Track, ...]

    @cached_property
    def inputs(self) -> tuple[ColumnBlock, ...]:
        head = [("melody.sound", MELODY_ROWS), ("melody.onset", 1), ("melody.rest", 1), ("melody.known", 1)]
        shared = [("phase", PHASES), ("plan", PLAN_ROWS)]
        return _blocks([*head, *shared, *(size for track in self.tracks for size in _input_sizes(track))])

    @cached_property
    def outputs(self) -> tuple[ColumnBlock, ...]:
        return _blocks([size for track in self.tracks for size in _output_sizes(track)])

    @cached_property
    def input_columns(self) -> dict[str, slice]:
        return {block.name: block.columns for block in self.inputs}

    @cached_property
    def output_columns(self) -> dict[str, slice]:
        return {block.name: block.columns for block in self.outputs}

    @property
    def width(self) -> int:
        return self.inputs[-1].start + self.inputs[-1].size

    @property
    def out_width(self) -> int:
        return self.outputs[-1].start + self.outputs[-1].size

    @property
    def noise_width(self) -> int:
        return SHARED_NOISE + PART_NOISE * len(self.tracks)

    def index(self, name: str) -> int:
        """The index of the track called `name`. Raises KeyError if there is none."""
        for i, track in enumerate(self.tracks):
            if track.name == name:
                return i
        raise KeyError(name)

    def index_of_kind(self, kind: str) -> int:
        """The index of the first track of a kind. Raises KeyError if there is none."""
        for i, track in enumerate(self.tracks):
            if track.kind == kind:
                return i
        raise KeyError(kind)

    def out_columns_of(self, track: Track) -> slice:
        """The slice of all output columns of one track."""
        sizes = _output_sizes(track)
        start = self.output_columns[sizes[0][0]].start
        return slice(start, start + sum(size for _, size in sizes))
