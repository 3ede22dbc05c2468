"""Builds the input window of a players' net from a request: phases, melody, plan and the band's past around a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from composerd.contract.frames import Bytes, Flags, Ints, Window, phases
from composerd.contract.layout import DRUM_CLASSES, DRUMS, Layout, Track
from composerd.engine.messages import Request
from composerd.music.chords import ChordPlan
from composerd.music.harmony.labelling import NO_CHORD, index_of
from composerd.music.metre import STEPS_PER_BEAT, BarGrid
from composerd.music.roll import ONSET, PITCHES, BandRoll, Cells

_CLASS_OF = np.full(PITCHES, -1)
for _index, _drum in enumerate(DRUM_CLASSES):
    _CLASS_OF[list(_drum[2])] = _index
_KEYS = np.array([key for _, key, _ in DRUM_CLASSES])

WHOLE_BAR = 16
"""Steps of a bar of 4/4, the nets' longest bar."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Steps [first, until) of the performance; `first` lies on a beat and the length is a whole number of beats."""

    first: int
    until: int

    @property
    def steps(self) -> int:
        return self.until - self.first


def frame(grid: BarGrid, step: int, until: int, past: int) -> Frame:
    """The frame from `past` steps before the beat that holds `step`, up to `until` or further."""
    beat = step - grid.place(step).step % STEPS_PER_BEAT
    ahead = -(-(until - beat) // STEPS_PER_BEAT) * STEPS_PER_BEAT
    return Frame(beat - past, beat + ahead)


def bar_phases(grid: BarGrid, around: Frame) -> Ints:
    """(steps,) phase rows; the time before the performance counts as bars of its first metre."""
    found = np.zeros(around.steps, np.int64)
    step = around.first
    while step < around.until:
        place = grid.place(step)
        count = min(place.bar_steps - place.step, around.until - step)
        places = np.arange(place.step, place.step + count)
        if 2 * place.bar_steps == WHOLE_BAR and place.bar % 2:  # bars of 2/4 are read in pairs
            places += place.bar_steps
        found[step - around.first : step - around.first + count] = phases(place.bar_steps, places)
        step += count
    return found


def planned(plan: ChordPlan, around: Frame) -> tuple[Ints, Ints]:
    """(steps,) chord indices and bass pitch classes."""
    chords = np.full(around.steps, NO_CHORD, np.int64)
    bass = np.full(around.steps, -1, np.int64)
    for entry in plan.chords:
        if entry.end <= around.first:
            continue
        span = slice(max(0, entry.step - around.first), entry.end - around.first)
        chords[span], bass[span] = index_of(entry.chord), entry.chord.bass_class
    return chords, bass


def to_track(track: Track, cells: Cells) -> Bytes:
    """A part's roll (steps, 128) as cells (steps, rows) of its track; notes out of its range are left out."""
    if track.kind != DRUMS:
        return cells[:, track.low : track.high + 1]
    rows = np.zeros((len(cells), len(DRUM_CLASSES)), np.uint8)
    step, key = np.nonzero(cells == ONSET)
    keep = _CLASS_OF[key] >= 0
    rows[step[keep], _CLASS_OF[key[keep]]] = ONSET
    return rows


def from_track(track: Track, rows: Bytes) -> Cells:
    """The inverse: a roll (steps, 128)."""
    cells = np.zeros((len(rows), PITCHES), np.uint8)
    if track.kind == DRUMS:
        cells[:, _KEYS] = rows
    else:
        cells[:, track.low : track.high + 1] = rows
    return cells


def window(
    layout: Layout,
    parts: tuple[int, ...],
    request: Request,
    band: BandRoll,
    plan: ChordPlan | None,
    around: Frame,
    step: int,
) -> Window:
    """What is known when `step` is decided; no plan shows none.

    `parts[i]` is the genre's part that plays track i, -1 for none.
    """
    melody = request.melody.window(around.first, around.until)
    time = np.arange(around.first, around.until)
    heard = (time >= request.melody.first) & (time < request.melody.end)
    chords, bass = (
        planned(plan, around) if plan is not None else (np.full(around.steps, NO_CHORD), np.full(around.steps, -1))
    )
    rows = band.window(around.first, around.until).cells
    silent = np.zeros(rows.shape[1:], np.uint8)
    cells = tuple(
        to_track(track, rows[part] if part >= 0 else silent)[None]
        for track, part in zip(layout.tracks, parts, strict=True)
    )
    known = _known(layout, parts, request, band, time, step)
    return Window(
        melody.pitch.astype(np.int64)[None], melody.onset[None], heard[None], bar_phases(request.grid, around)[None],
        chords[None], bass[None], (chords != NO_CHORD)[None], cells, known[None],
    )  # fmt: skip


def _known(layout: Layout, parts: tuple[int, ...], request: Request, band: BandRoll, time: Ints, step: int) -> Flags:
    """(steps, tracks) whether a cell is known: the past that was played, of drums all that is planned."""
    known = np.zeros((len(time), len(layout.tracks)), np.bool_)
    for i, track in enumerate(layout.tracks):
        if parts[i] < 0:
            continue
        if track.kind == DRUMS:
            until = max(step, request.drums_from)
            known[:, i] = (time >= band.first) & (time < min(until, band.end))
        else:
            first = max(band.first, request.harmony_from)
            known[:, i] = (time >= first) & (time < min(step, band.end))
    return known
