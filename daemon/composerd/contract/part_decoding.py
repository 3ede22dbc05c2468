"""Decides one step of one part: from logits and what sounds to notes that begin, hold or end (numpy only)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from composerd.contract.frames import Bytes, Flags, Floats, Ints
from composerd.contract.layout import Track
from composerd.music.roll import HELD, ONSET, SILENT

NEVER = np.float32(-1e9)
RESTS, GOES_ON, STRIKES = range(3)
"""Rhythm states of a part on a step: silent, note continues, new note."""
LONG_AGO = 99
MIN_LENGTH_BIAS = np.float32(2.5)
"""added to the hold logit of a note that is shorter than its track's shortest note"""


@dataclass(frozen=True, slots=True, eq=False)
class ConditioningColumns:
    """Columns of the logits that condition a track on sounding notes, looked up by a note's index.

    The sounding note of a track is the index of its lowest note, or its number of rows if it is silent. Each lookup
    gives the columns of all pitches' onsets, then of all pitches' holds; column `out_width` holds zeros.
    """

    melody: Ints
    """(PITCHES + 1, 2 * rows); the last row is for REST"""
    others: dict[str, Ints]
    """per source (its rows + 1, 2 * rows)"""
    leaps: Ints | None
    """(rows + 1, rows) by its own last note; mono tracks only"""


@dataclass(slots=True)
class PartState:
    """The decoding state of one part over S steps of B windows."""

    track: Track
    conditioning: ConditioningColumns
    cells: Bytes
    """(B, S, rows + 1) decided cells; the last column is always on, so that argmax finds the lowest note"""
    sounding: Flags
    """(B, rows + 1)"""
    last: Ints
    """(B,) index of the last note played, or the number of rows if unknown"""
    age: Ints
    """(B,) steps since the last onset"""
    pitch_logits: Floats
    """(B, S, 2 * rows) onset and hold logits of every pitch, conditioned on the melody"""
    noise: Floats | None
    """(B, S, rows) noise added to the onset logits when a pitch is chosen"""
    rhythm: Floats
    """(B, S) gate logit of a poly part, rest logit of a mono one"""
    uniform: Floats
    """(B, S, rows) random numbers from 0 to 1"""
    given_rhythm: Bytes | None = None
    """(B, S) RESTS, GOES_ON or STRIKES, if the rhythm is decided elsewhere"""


def with_sentinel(cells: Bytes) -> Bytes:
    """Cells (..., rows) with a sentinel row appended that is always on, so that argmax finds the lowest note."""
    found = np.full((*cells.shape[:-1], cells.shape[-1] + 1), HELD, np.uint8)
    found[..., :-1] = cells
    return found


def last_notes(cells: Bytes) -> Ints:
    """(B,) index of the lowest note on the last sounding step of cells (B, T, rows + 1); `rows` if all are silent."""
    lowest = (cells > 0).argmax(2)
    heard = lowest < cells.shape[2] - 1
    back = heard[:, ::-1].argmax(1)
    found: Ints = lowest[np.arange(len(cells)), cells.shape[1] - 1 - back]
    return found


def ages(cells: Bytes) -> Ints:
    """(B,) steps from the last onset to the end of cells (B, T, rows)."""
    struck = (cells == ONSET).any(2)
    return np.where(struck.any(1), 1 + struck[:, ::-1].argmax(1), LONG_AGO)


class LogitColumns:
    """Looks logits up by column; (B, S, out_width + 1), where the last column is zero."""

    def __init__(self, logits: Floats) -> None:
        windows, steps, width = logits.shape
        self.logits = np.concatenate([logits, np.zeros((windows, steps, 1), np.float32)], 2)
        self._flat = self.logits.ravel()
        self._starts = (width + 1) * np.arange(windows * steps).reshape(windows, steps, 1)

    def everywhere(self, columns: Ints) -> Floats:
        """Logits (B, S, n) of columns (B, S, n)."""
        found: Floats = self._flat.take(columns + self._starts)
        return found

    def at(self, step: int, columns: Ints) -> Floats:
        """Logits (B, n) of columns (B, n) on one step."""
        found: Floats = self._flat.take(columns + self._starts[:, step])
        return found


def _from_earlier_parts(
    voice: PartState, columns: LogitColumns, step: int, lowest_notes: dict[str, Ints]
) -> Floats | None:
    """(B, 2 * rows) sum of the logits contributed by parts decided earlier in this step; None without sources."""
    total: Floats | None = None
    for source, kernels in voice.conditioning.others.items():
        one = columns.at(step, kernels.take(lowest_notes[source], 0))
        total = one if total is None else total + one
    return total


def decide_mono(voice: PartState, columns: LogitColumns, step: int, lowest_notes: dict[str, Ints]) -> None:
    """Decide one step of a mono part: first whether it rests, then whether its note holds, else the pitch."""
    rows, sounding, leaps = voice.track.rows, voice.sounding[:, :-1], voice.conditioning.leaps
    assert leaps is not None
    onset = voice.pitch_logits[:, step, :rows] + columns.at(step, leaps.take(voice.last, 0))
    hold = voice.pitch_logits[:, step, rows:]
    others = _from_earlier_parts(voice, columns, step, lowest_notes)
    if others is not None:
        onset, hold = onset + others[:, :rows], hold + others[:, rows:]
    struck = _log_sum(onset)
    held = np.where(sounding, hold, NEVER).max(1) + MIN_LENGTH_BIAS * (voice.age < voice.track.min_steps)
    if voice.given_rhythm is None:
        plays = voice.rhythm[:, step] <= np.logaddexp(struck, held)
        holds = held > struck
    else:
        state = voice.given_rhythm[:, step]
        plays = (state == STRIKES) | (state == GOES_ON) & sounding.any(1)
        holds = state == GOES_ON
    row = voice.cells[:, step]
    row[:, :-1] = sounding & (plays & holds)[:, None]  # HELD is 1
    (strikes,) = (plays & ~holds).nonzero()
    voice.age += 1
    if len(strikes):
        drawn = onset if voice.noise is None else onset + voice.noise[:, step]
        row[strikes, drawn.argmax(1)[strikes]] = ONSET
        voice.age[strikes] = 1
    voice.sounding = row > 0
    voice.last = np.where(plays, voice.sounding.argmax(1), voice.last)


def decide_poly(voice: PartState, columns: LogitColumns, step: int, lowest_notes: dict[str, Ints]) -> None:
    """Decide one step of a poly part: which notes hold, and whether a new chord begins."""
    rows, sounding = voice.track.rows, voice.sounding[:, :-1]
    state = None if voice.given_rhythm is None else voice.given_rhythm[:, step]
    (fires,) = (voice.rhythm[:, step] > 0 if state is None else state == STRIKES).nonzero()
    sounds = sounding.any()
    voice.age += 1
    if not sounds and not len(fires):
        return
    others = _from_earlier_parts(voice, columns, step, lowest_notes)
    both = voice.pitch_logits[:, step] if others is None else voice.pitch_logits[:, step] + others
    row = voice.cells[:, step]
    if sounds:
        hold = both[:, rows:] + MIN_LENGTH_BIAS * (voice.age <= voice.track.min_steps)[:, None]
        goes_on = hold > 0
        if state is not None:  # a part that continues keeps at least one note, one that rests keeps none
            goes_on |= (state == GOES_ON)[:, None] & (hold >= np.where(sounding, hold, NEVER).max(1, keepdims=True))
            goes_on &= (state != RESTS)[:, None]
        row[:, :-1] = sounding & goes_on  # HELD is 1
    if len(fires):
        noise = None if voice.noise is None else voice.noise[:, step]
        drawn = None if state is None else voice.uniform[:, step]
        _strike(row[:, :-1], fires, both[:, :rows], noise, voice.track.polyphony, drawn)
        voice.age[fires] = 1
    voice.sounding = row > 0


def _strike(
    row: Bytes, windows: Ints, onset: Floats, noise: Floats | None, polyphony: int, uniform: Floats | None = None
) -> None:
    """Write the new chords of `windows`: the most likely notes, as many as the expected number of onsets.

    With random numbers `uniform` (B, rows) the number is drawn, so that chord sizes vary as in the corpus.
    """
    probability = _probability(onset)
    size = probability.sum(1) if uniform is None else (uniform < probability).sum(1)
    count = np.floor(size + 0.5).clip(1, polyphony).astype(np.int64)
    order = np.argsort(-onset if noise is None else -onset - noise, 1)
    for window in windows.tolist():
        row[window, order[window, : count[window]]] = ONSET
        (extra,) = (row[window] == HELD).nonzero()
        row[window, extra[max(0, polyphony - int(count[window])) :]] = SILENT


def _probability(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.maximum(logits, -30.0))), np.float32)


def _log_sum(values: Floats) -> Floats:
    """(B,) log-sum-exp over the last axis."""
    top = values.max(1)
    return np.asarray(top + np.log(np.exp(values - top[:, None]).sum(1)), np.float32)
