"""Draws training examples of the voicing net: notes of random bars, chosen one by one as in a performance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.contract.layout import MONO
from composerd.contract.voicing import NOWHERE, Queries, anchors, context, frames, in_range, rows_of, set_query
from composerd.contract.voicing_layout import (
    CHORDS,
    LASTING,
    LINE,
    NOTE,
    PLANES,
    QUESTIONS,
    ROWS,
    bass_columns,
    following_columns,
)
from composerd_export.data.disturbance import disturb
from composerd_export.data.groove_examples import DrawnBars, draw_bars
from composerd_export.data.notes import NoteSet

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint8]
HEARD = 0.5
"""Share of steps whose melody is known when their notes are chosen."""
UNFORESEEN = 0.25
"""share of notes for which the next chord is unknown, where there is noise"""
GENUINE = 0.65
"""share of genuine bars if there are bars made by rules as well"""


@dataclass(frozen=True, slots=True)
class NoteNoise:
    """How the input differs from genuine notes and chords."""

    forget: float
    """probability that a plane of pitches is zeroed"""
    dropped: float
    """mean share of the notes in the planes that are missing"""
    added: float
    """mean share of the empty rows of planes with notes that have one"""


@dataclass(frozen=True, slots=True, eq=False)
class NextNotes:
    """Queries to the voicing net for the next note, with the true rows."""

    frames: Floats
    target: Ints
    """(N,) true row, ROWS for no further note"""
    possible: npt.NDArray[np.bool_]
    """(N, ROWS + 1)"""


@dataclass(frozen=True, slots=True, eq=False)
class Lasting:
    """Queries to the voicing net for which sounding notes last, with the true rows."""

    frames: Floats
    target: Bits
    """(N, ROWS)"""
    sounding: Bits
    """(N, ROWS)"""


@dataclass(frozen=True, slots=True, eq=False)
class VoicingExamples:
    """What one update learns from."""

    notes: dict[str, NextNotes]
    """by question, LINE or CHORDS"""
    lasting: Lasting | None
    """None if no note of a chord may last"""


def queries_of(notes: NoteSet, drawn: DrawnBars, rows: Ints, at: Ints, genre: int, part: int, heard: float,
             rng: np.random.Generator) -> Queries:  # fmt: skip
    """Questions at steps `at` of the drawn bars `rows`, all of one genre and one pitched part."""
    bars, layout = notes.bars, notes.layout
    which = drawn.rows[rows]
    manner = notes.manner[which, part]
    about = context(layout, bars.genre[which], bars.generated[which], bars.bpm[which], manner)
    offset = len(layout.tracks) - len(layout.pitched)
    return Queries(
        part, notes.tracks[genre][offset + part], at, drawn.bars.steps[rows], drawn.bars.known_from[rows],
        drawn.plans[rows, offset + part], about, rng.random(len(at)) < heard,
    )  # fmt: skip


def _steps(starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """(index of the bar, step) of all steps of bars."""
    rows = np.repeat(np.arange(len(starts)), lengths)
    first = np.cumsum(lengths) - lengths
    return rows, np.repeat(starts, lengths) + np.arange(len(rows)) - np.repeat(first, lengths)


class NoteDraw:
    """Draws the examples of an update: `rows` notes of lines, and as many of chords, from `bars` random bars.

    `chance` is the running sum of the bars' weights. For a share `free_bass` of the notes the input lacks the bass of
    their chord; without `noise` the rest is genuine.
    """

    def __init__(
        self, notes: NoteSet, bars: int, rows: int, chance: npt.NDArray[np.float64], noise: NoteNoise | None,
        free_bass: float = 0.0,
    ) -> None:  # fmt: skip
        self._notes, self._bars, self._rows, self._chance = notes, bars, rows, chance
        self._noise, self._free_bass = noise, free_bass

    def __call__(self, rng: np.random.Generator) -> VoicingExamples:
        drawn = draw_bars(self._notes.bars, self._bars, rng, self._chance)
        lines, chords, lasting = list[NextNotes](), list[NextNotes](), list[Lasting]()
        pitched, bars = self._notes.layout.pitched, self._notes.bars
        share = {kind: self._rows / max(1, sum(t.kind == kind for t in pitched)) for kind in QUESTIONS}
        steps, at = _steps(drawn.bars.start, drawn.bars.steps)
        genre = bars.genre[drawn.rows][steps]
        for part, track in enumerate(pitched):
            begins = self._notes.begins[part][at]
            for one in np.unique(genre).tolist():
                mine = genre == one
                count = max(4, round(share[track.kind] * mine.mean()))
                found = self._picked(np.flatnonzero(mine & begins), count, rng)
                if len(found):
                    question = queries_of(self._notes, drawn, steps[found], at[found], one, part, HEARD, rng)
                    (lines if track.kind == MONO else chords).append(self._next(question, rng))
                if track.kind != MONO:
                    lasting += self._lasting(drawn, steps, at, mine, one, part, count // 2, rng)
        return VoicingExamples(
            {name: _joined(some) for name, some in ((LINE, lines), (CHORDS, chords)) if some},
            _joined_lasting(lasting) if lasting else None,
        )

    def _picked(self, among: Ints, count: int, rng: np.random.Generator) -> Ints:
        return among[rng.permutation(len(among))[:count]]

    def _shown(self, queries: Queries, rng: np.random.Generator) -> Floats:
        rows = frames(self._notes.layout, self._notes.tape, queries)
        if self._noise is not None:
            _add_noise(rows, self._noise, rng)
        if self._free_bass:
            rows[rng.random(len(rows)) < self._free_bass, bass_columns()] = 0
        return rows

    def _next(self, queries: Queries, rng: np.random.Generator) -> NextNotes:
        """Draw one note of each chord, or its end, as targets."""
        tape, at = self._notes.tape, queries.at
        anchor = anchors(queries.track, tape.chord[at])
        everywhere = np.ones(len(at), np.bool_)
        new = rows_of(self._notes.struck(queries.part, at), anchor)
        possible = np.zeros((len(at), ROWS + 1), np.bool_)
        possible[:, :ROWS] = in_range(queries.track, anchor)
        if queries.track.kind == MONO:
            chosen, top, target = np.zeros_like(new), np.full(len(at), NOWHERE), new.argmax(1).astype(np.int64)
        else:
            held = rows_of(tape.notes(queries.part, at, everywhere), anchor) & ~new
            count = new.sum(1).astype(np.int64)
            place = np.minimum((rng.random(len(at)) * (count + 1)).astype(np.int64), count)
            number = np.cumsum(new, 1) * new  # 1 for the lowest
            before = new & (number <= place[:, None])
            chosen = held | before
            top = np.where(place > 0, ROWS - 1 - before[:, ::-1].argmax(1), NOWHERE)
            wanted = number == (place + 1)[:, None]
            target = np.where(place < count, wanted.argmax(1), ROWS).astype(np.int64)
            possible[:, :ROWS] &= (np.arange(ROWS) > top[:, None]) & ~held.astype(np.bool_)
            possible[:, ROWS] = place > 0
        shown = set_query(self._notes.layout, self._shown(queries, rng), np.full(len(at), NOTE), chosen, top)
        return NextNotes(shown, target, possible)

    def _lasting(self, drawn: DrawnBars, steps: Ints, at: Ints, mine: npt.NDArray[np.bool_], genre: int, part: int,
                 count: int, rng: np.random.Generator) -> list[Lasting]:  # fmt: skip
        tape = self._notes.tape
        sounds = self._notes.voices[part][np.maximum(at - 1, 0)] > 0
        inside = mine & (at > drawn.bars.known_from[steps]) & self._notes.begins[part][at] & sounds
        rows = self._picked(np.flatnonzero(inside), count, rng)
        if not len(rows):
            return []
        queries = queries_of(self._notes, drawn, steps[rows], at[rows], genre, part, HEARD, rng)
        everywhere = np.ones(len(rows), np.bool_)
        anchor = anchors(queries.track, tape.chord[queries.at])
        before = rows_of(tape.notes(part, queries.at - 1, everywhere), anchor)
        now = rows_of(tape.notes(part, queries.at, everywhere), anchor)
        now &= ~rows_of(self._notes.struck(part, queries.at), anchor)
        shown = self._shown(queries, rng)
        set_query(self._notes.layout, shown, np.full(len(rows), LASTING), before, np.full(len(rows), NOWHERE))
        return [Lasting(shown, now & before, before)]


def _add_noise(rows: Floats, noise: NoteNoise, rng: np.random.Generator) -> None:
    """Zero planes of the past, disturb their notes and hide next chords by chance, in place."""
    past = slice(0, (len(PLANES) - 2) * ROWS)
    planes = rows[:, past].reshape(-1, ROWS)
    planes[rng.random(len(planes)) < noise.forget] = 0
    heard = np.flatnonzero(planes.any(1))
    some = planes[heard]
    disturb(some, noise.dropped, noise.added, rng)
    planes[heard] = some
    rows[:, past] = planes.reshape(len(rows), -1)
    rows[rng.random(len(rows)) < UNFORESEEN, following_columns()] = 0


def _joined(some: list[NextNotes]) -> NextNotes:
    return NextNotes(
        *(np.concatenate([getattr(one, name) for one in some]) for name in ("frames", "target", "possible"))
    )


def _joined_lasting(some: list[Lasting]) -> Lasting:
    return Lasting(*(np.concatenate([getattr(one, name) for one in some]) for name in ("frames", "target", "sounding")))


def running_weights(notes: NoteSet, genuine: float) -> npt.NDArray[np.float64]:
    """The running sum of the bars' weights, in each genre this share of it on genuine ones where there are both."""
    bars = notes.bars
    weight = bars.weight.copy()
    for genre in range(len(notes.layout.genres)):
        kinds = [(bars.genre == genre) & (bars.generated == made) for made in (True, False)]
        sums = [weight[rows].sum() for rows in kinds]
        if all(sums):
            for rows, total, share in zip(kinds, sums, (1 - genuine, genuine), strict=True):
                weight[rows] *= share * sum(sums) / total
    return np.cumsum(weight)
