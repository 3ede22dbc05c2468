"""Biases the logits towards the tones of the planned chord, and the bass's towards its bass note."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.contract.frames import Floats
from composerd.contract.layout import DRUMS, MONO, Layout, Track
from composerd.generators.window import Frame
from composerd.music.chords import ChordPlan
from composerd.music.metre import STEPS_PER_BEAT

OUTSIDE = 6.0
"""Subtracted from the onset logits of notes outside the chord: in chordal parts, and in all parts on a chord change.
"""
PASSING, ON_BEAT = 2.0, 4.0
"""The same for parts with one voice, off the beat and on it."""
OFF_BASS = 6.0
"""Subtracted from the bass's onset logits other than the chord's bass note, on a chord change."""
HELD_OUTSIDE = 8.0
"""Subtracted from the hold logits of notes outside the chord; of the bass, of any note held over a chord change."""
BOUND = 2.0
"""Subtracted from the hold logits of single voices over a chord change."""
RESTRIKE = 1.5
"""Added to the gate logit of chordal parts on a chord change."""
BASS = "bass"


@dataclass(frozen=True, slots=True, eq=False)
class PlannedTones:
    """The tones of the planned chords, per step of a frame.

    `tones` (steps, 12) flags, `bass` (steps,) pitch class or -1, `begins` (steps,) flags.
    """

    tones: npt.NDArray[np.bool_]
    bass: npt.NDArray[np.int64]
    begins: npt.NDArray[np.bool_]


def planned_tones(plan: ChordPlan, around: Frame) -> PlannedTones:
    tones, bass = np.zeros((around.steps, 12), np.bool_), np.full(around.steps, -1, np.int64)
    begins = np.zeros(around.steps, np.bool_)
    before = None
    for entry in plan.chords:
        if entry.end <= around.first:
            before = entry.chord
            continue
        span = slice(max(0, entry.step - around.first), entry.end - around.first)
        tones[span, :] = False
        tones[span, list(entry.chord.pitch_classes)] = True
        bass[span] = entry.chord.bass_class
        if entry.chord != before and 0 <= entry.step - around.first < around.steps:
            begins[entry.step - around.first] = True
        before = entry.chord
    tones[np.arange(around.steps)[bass >= 0], bass[bass >= 0]] = True
    return PlannedTones(tones, bass, begins)


def keep_inside(layout: Layout, logits: Floats, plan: ChordPlan, around: Frame) -> None:
    """Change the logits (B, steps, out_width) of all pitched tracks in place, on steps with a planned chord."""
    planned = planned_tones(plan, around)
    known = planned.bass >= 0
    if not known.any():
        return
    on_beat = (np.arange(around.first, around.until) % STEPS_PER_BEAT == 0)[:, None]
    for track in layout.tracks:
        if track.kind == DRUMS:
            continue
        classes = np.arange(track.low, track.high + 1) % 12
        outside = ~planned.tones[:, classes] & known[:, None]
        if track.kind == MONO:
            _one_voice(layout, track, logits, planned, outside, on_beat)
        else:
            _chords(layout, track, logits, planned, outside)


def _one_voice(
    layout: Layout,
    track: Track,
    logits: Floats,
    planned: PlannedTones,
    outside: npt.NDArray[np.bool_],
    on_beat: npt.NDArray[np.bool_],
) -> None:
    columns = layout.output_columns
    begins = planned.begins[:, None]
    cost = outside * np.where(begins, OUTSIDE, np.where(on_beat, ON_BEAT, PASSING))
    if track.role == BASS:
        classes = np.arange(track.low, track.high + 1) % 12
        cost = cost + OFF_BASS * (begins & (planned.bass[:, None] != classes))
    onset = logits[..., columns[f"{track.name}.onset"]]
    lowered = onset - cost.astype(np.float32)
    lowered += _log_sum(onset) - _log_sum(lowered)
    logits[..., columns[f"{track.name}.onset"]] = lowered
    held = HELD_OUTSIDE if track.role == BASS else BOUND
    logits[..., columns[f"{track.name}.hold"]] -= (held * begins).astype(np.float32)


def _chords(
    layout: Layout, track: Track, logits: Floats, planned: PlannedTones, outside: npt.NDArray[np.bool_]
) -> None:
    columns = layout.output_columns
    onset = logits[..., columns[f"{track.name}.onset"]]
    lowered = onset - (OUTSIDE * outside).astype(np.float32)
    lowered += np.where(outside, 0.0, _as_many(onset, lowered))
    logits[..., columns[f"{track.name}.onset"]] = lowered
    logits[..., columns[f"{track.name}.hold"]] -= (HELD_OUTSIDE * outside).astype(np.float32)
    logits[..., columns[f"{track.name}.gate"]] += (RESTRIKE * planned.begins[:, None]).astype(np.float32)


def _as_many(before: Floats, after: Floats) -> Floats:
    """(B, steps, 1) log ratio of the expected numbers of notes: added, it keeps their number about the same."""
    counts = [(1.0 / (1.0 + np.exp(-np.maximum(values, -30.0)))).sum(-1, keepdims=True) for values in (before, after)]
    found: Floats = np.log(np.maximum(counts[0], 1e-3) / np.maximum(counts[1], 1e-3)).astype(np.float32)
    return found


def _log_sum(values: Floats) -> Floats:
    top = values.max(-1, keepdims=True)
    found: Floats = top + np.log(np.exp(values - top).sum(-1, keepdims=True))
    return found
