"""Inputs of the voicing net: what a performance sounds around a step, as frames of `voicing_layout`'s columns."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.contract.frames import Flags, Floats, Ints
from composerd.contract.groove import CHOICES, LAGS
from composerd.contract.layout import PHASES, Track
from composerd.contract.voicing_layout import (
    AGES,
    CHOSEN,
    LASTS,
    MANNER,
    NEXT,
    PLANES,
    ROWS,
    SPAN,
    TOP,
    VoicingLayout,
    plane,
    stage_columns,
)
from composerd.music.harmony.labelling import NO_CHORD, TONES
from composerd.music.roll import PITCHES, REST

NOWHERE = -1
"""Instead of a step: there is none."""
_LATEST = slice(0, LASTS * ROWS)
_BARS = slice(_LATEST.stop, _LATEST.stop + 2 * len(LAGS) * ROWS)
_OTHERS = slice(_BARS.stop, _BARS.stop + 2 * ROWS)
_AGE = slice(len(PLANES) * ROWS + 64 + len(AGES) + len(NEXT), len(PLANES) * ROWS + 64 + 2 * len(AGES) + len(NEXT))


@dataclass(frozen=True, slots=True, eq=False)
class NoteTape:
    """Notes of one or more performances, concatenated along steps."""

    sounding: npt.NDArray[np.uint8]
    """(parts, steps, 128) flags, or (parts, steps, 16) the same packed in bits"""
    strikes: tuple[Ints, ...]
    """per part the steps on which notes begin, in order"""
    chord: Ints
    """(steps,) index (labelling) or NO_CHORD"""
    bass: Ints
    """(steps,) pitch class of the chord's bass, -1 where none or where the parts choose it"""
    begun: Ints
    """(steps,) steps since the chord began"""
    following: Ints
    """(steps,) index of the next chord, NO_CHORD where unknown"""
    follows: Ints
    """(steps,) steps until it begins"""
    melody: npt.NDArray[np.int16]
    """(steps,) pitch or REST"""
    onset: Flags
    """(steps,)"""
    phase: npt.NDArray[np.int8]
    """(steps,)"""

    def notes(self, part: int, at: Ints, known: Flags) -> npt.NDArray[np.uint8]:
        """Flags (..., 128) of the notes a part sounds at steps `at` (...); zeros where not `known` (...)."""
        rows = self.sounding[part, np.maximum(at, 0)]
        found = rows if rows.shape[-1] == PITCHES else np.unpackbits(rows, axis=-1)
        return found * known[..., None]


@dataclass(frozen=True, slots=True, eq=False)
class Queries:
    """N steps of a tape on which notes of one part are inferred."""

    part: int
    """index among the pitched parts"""
    track: Track
    at: Ints
    """(N,) step"""
    bar_steps: Ints
    """(N,)"""
    known_from: Ints
    """(N,) first step of the performance on the tape"""
    plan: Ints
    """(N,) the groove net's plan of the bar"""
    context: Floats
    """(N, layout.context)"""
    heard: Flags
    """(N,) whether the melody of the step is known"""


def context(layout: VoicingLayout, genre: Ints, generated: Flags, bpm: Floats, manner: Ints) -> Floats:
    """Columns (N, layout.context): one-hot genre, made by rules, tempo, one-hot manner; from genre (N,), generated
    (N,), bpm (N,) and manner (N, MANNER) or UNKNOWN."""
    tempo = np.clip(np.log2(np.maximum(bpm, 1.0) / 100.0), -1.0, 1.0)
    names = np.arange(len(layout.genres)) == genre[:, None]
    manners = [_one_hot(manner[:, i], count) for i, count in enumerate(MANNER)]
    return np.concatenate([names, generated[:, None], tempo[:, None], *manners], 1).astype(np.float32)


def anchors(track: Track, chord: Ints) -> Ints:
    """(...) pitch of the chord's root nearest to the middle of the track's range; of C if there is no chord."""
    low = (track.low + track.high) // 2 - 6
    found: Ints = low + (np.where(chord == NO_CHORD, 0, chord % 12) - low) % 12
    return found


_REACH = np.arange(-SPAN, SPAN + 1)
_FROM_LOWEST = np.arange(ROWS)


def rows_of(notes: npt.NDArray[np.uint8], anchor: Ints) -> npt.NDArray[np.uint8]:
    """Flags (..., 128) as rows (..., ROWS) relative to anchors (...)."""
    wide = np.zeros((*notes.shape[:-1], PITCHES + 2 * SPAN), np.uint8)
    wide[..., SPAN:-SPAN] = notes
    starts = np.arange(anchor.size).reshape(anchor.shape) * wide.shape[-1]
    found: npt.NDArray[np.uint8] = wide.ravel()[(starts + anchor)[..., None] + _FROM_LOWEST]
    return found


def in_range(track: Track, anchor: Ints) -> Flags:
    """(N, ROWS) whether a row lies in the track's range."""
    pitches = anchor[:, None] + _REACH
    found: Flags = (pitches >= track.low) & (pitches <= track.high)
    return found


def latest_strikes(tape: NoteTape, queries: Queries) -> Ints:
    """(N, LASTS) steps before `at` on which the part began notes, the latest first, NOWHERE where there is none."""
    steps = tape.strikes[queries.part]
    place = np.searchsorted(steps, queries.at)[:, None] - 1 - np.arange(LASTS)
    if not len(steps):
        return np.full(place.shape, NOWHERE)
    found = np.where(place >= 0, steps[np.maximum(place, 0)], NOWHERE)
    return np.where(found >= queries.known_from[:, None], found, NOWHERE)


def _one_hot(values: Ints, count: int) -> Flags:
    found: Flags = np.arange(count) == values[:, None]
    return found


def _classes(values: Ints, ends: Sequence[int]) -> Flags:
    """(N, classes), the first class whose end a value does not exceed."""
    return _one_hot(np.searchsorted(np.array(ends), values), len(ends))


def _turned(tones: Floats, root: Ints) -> Floats:
    """(N, 12) pitch classes counted from `root`."""
    return np.take_along_axis(tones, (np.arange(12) + root[:, None]) % 12, 1)


_TONES = np.concatenate([TONES, np.zeros((1, 12))]).astype(np.float32)
"""Row NO_CHORD (-1) is empty."""


def frames(layout: VoicingLayout, tape: NoteTape, queries: Queries) -> Floats:
    """Build the input (N, inputs); the columns of stage and chosen notes are zero (see `set_query`)."""
    rows = early_frames(layout, tape, queries)
    set_latest(rows, tape, queries)
    return rows


def early_frames(layout: VoicingLayout, tape: NoteTape, queries: Queries) -> Floats:
    """The same without the latest decisions (see `set_latest`, `latest_columns`), for steps before they are made."""
    chord, at = tape.chord[queries.at], queries.at
    anchor = anchors(queries.track, chord)
    root = np.where(chord == NO_CHORD, 0, chord % 12)
    before = at[:, None] - np.array(LAGS, np.int64) * queries.bar_steps[:, None]
    known = before >= queries.known_from[:, None]
    then = tape.chord[np.maximum(before, 0)]
    blocks = [
        np.zeros((len(at), len(PLANES) * ROWS), np.float32), _turned(_TONES[chord], root),
        _one_hot((tape.bass[at] - root) % 12, 12) & (tape.bass[at] >= 0)[:, None],
        _classes(tape.begun[at] + 1, AGES), *_following(tape, at, root), *_tune(tape, queries, root, anchor),
        np.zeros((len(at), len(AGES)), np.bool_), known,
        known & (then == chord[:, None]), ((anchor - (queries.track.low + queries.track.high) // 2) / 6.0)[:, None],
        _one_hot(tape.phase[at].astype(np.int64), PHASES), _one_hot(queries.plan, CHOICES),
        np.zeros((len(at), 2), np.bool_), queries.context,
        _one_hot(np.full(len(at), queries.part), len(layout.pitched)),
    ]  # fmt: skip
    rows: Floats = np.concatenate(blocks, 1, dtype=np.float32)
    bars = tape.notes(queries.part, before, known)
    seen = np.concatenate([bars, bars], 1)
    moved = anchors(queries.track, then)
    rows[:, _BARS] = rows_of(seen, np.concatenate([moved, np.repeat(anchor[:, None], len(LAGS), 1)], 1)).reshape(
        len(at), -1
    )
    return rows


def set_latest(rows: Floats, tape: NoteTape, queries: Queries) -> None:
    """Write the latest decisions into frames (N, inputs): the part's last notes, and the parts decided before it."""
    count, anchor = len(queries.at), anchors(queries.track, tape.chord[queries.at])
    last = latest_strikes(tape, queries)
    now = np.stack([queries.at, queries.at - 1], 1)
    there = now >= np.minimum(queries.known_from, queries.at)[:, None]
    seen = np.zeros((count, LASTS + 2, PITCHES), np.uint8)
    seen[:, :LASTS] = tape.notes(queries.part, last, last >= 0)
    for part in range(queries.part):
        seen[:, LASTS:] |= tape.notes(part, now, there)
    found = rows_of(seen, np.repeat(anchor[:, None], LASTS + 2, 1))
    rows[:, _LATEST] = found[:, :LASTS].reshape(count, -1)
    rows[:, _OTHERS] = found[:, LASTS:].reshape(count, -1)
    age = np.where(last[:, 0] < 0, AGES[-1], queries.at - last[:, 0])
    rows[:, _AGE] = _classes(age, AGES)


def latest_columns(tape: NoteTape, part: int, at: int, known_from: int, anchor: int) -> list[int]:
    """The columns that `set_latest` sets to 1, for a single step `at`."""
    strikes = tape.strikes[part]
    end = int(np.searchsorted(strikes, at))
    last = [step for step in strikes[max(0, end - LASTS) : end].tolist()[::-1] if step >= known_from]
    found = [_LATEST.start + i * ROWS + row for i, step in enumerate(last)
             for row in rows_at(tape.sounding[part, step], anchor)]  # fmt: skip
    for i, step in enumerate((at, at - 1) if part else ()):
        if step >= min(known_from, at):
            others = np.bitwise_or.reduce(tape.sounding[:part, step])
            found += [_OTHERS.start + i * ROWS + row for row in rows_at(others, anchor)]
    found.append(_AGE.start + bisect_left(AGES, at - last[0] if last else AGES[-1]))
    return found


def rows_at(notes: npt.NDArray[np.bool_] | npt.NDArray[np.uint8], anchor: int) -> list[int]:
    """The rows, relative to an anchor, of flags (128,)."""
    low = anchor - SPAN
    return [pitch - low for pitch in np.flatnonzero(notes).tolist() if 0 <= pitch - low < ROWS]


def _following(tape: NoteTape, at: Ints, root: Ints) -> tuple[Floats, Flags, Flags]:
    chord = tape.following[at]
    known = (chord != NO_CHORD)[:, None]
    return (
        _turned(_TONES[chord], root), _one_hot((chord % 12 - root) % 12, 12) & known,
        _classes(np.maximum(tape.follows[at], 1), NEXT) & known,
    )  # fmt: skip


def _tune(tape: NoteTape, queries: Queries, root: Ints, anchor: Ints) -> tuple[Flags, Floats]:
    """(N, 12) pitch class of the melody, and (N, 4): heard, sounds, begins, height."""
    pitch = np.where(queries.heard, tape.melody[queries.at], REST).astype(np.int64)
    sounds = pitch != REST
    height = np.where(sounds, np.clip((pitch - anchor) / 24.0, -2.0, 2.0), 0.0)
    flags = np.stack([queries.heard, sounds, sounds & tape.onset[queries.at], height], 1)
    return _one_hot((pitch - root) % 12, 12) & sounds[:, None], flags.astype(np.float32)


def set_query(layout: VoicingLayout, rows: Floats, stage: Ints, chosen: npt.NDArray[np.uint8], top: Ints) -> Floats:
    """Write into `rows` (N, inputs): the stage (N,), the rows chosen so far (N, ROWS), and the highest (N,) of them
    that begins now (NOWHERE: none). Returns `rows`."""
    rows[:, stage_columns(layout)] = _one_hot(stage, 2)
    rows[:, plane(CHOSEN)] = chosen
    rows[:, plane(TOP)] = _one_hot(top, ROWS)
    return rows
