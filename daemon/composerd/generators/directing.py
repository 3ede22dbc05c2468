"""Fills, rests and endings: what is asked of the net, as edits of what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from composerd.contract.frames import Floats
from composerd.contract.layout import DRUM_CLASSES, DRUMS, MONO, POLY, Layout, Track
from composerd.engine.messages import Directions, Request
from composerd.generators.moment import Frame
from composerd.music.arrange import ending_plan
from composerd.music.chords import Chord, ChordPlan, PlannedChord

CERTAIN = 1e4
"""A logit that leaves no choice."""
FILL_STEPS = 8
FILL_PUSH = {"snare": 1.5, "low tom": 3.0, "high tom": 3.0, "closed hat": -1.5}
"""What a fill adds to drums, in logits, over the steps before its bar line."""
ARRIVAL_PUSH = 3.0
"""What it adds to crash and kick on the line."""


def with_ending(plan: ChordPlan, request: Request, voices: bool = False) -> ChordPlan:
    """The plan as the left hand has it, and the tonic where the final chord falls; `voices`: its dominant before it."""
    plan = plan.led_by(request.plan)
    at = request.directions.ending_at
    if at is None or plan.key is None:
        return plan
    if voices:
        return ending_plan(plan, request.grid, at, voices)
    length = request.grid.next_bar_line(at) - at
    ends = plan.with_chord(PlannedChord(at, length, Chord(plan.key, "m" if plan.minor else "")))
    return replace(ends, chords=tuple(chord for chord in ends.chords if chord.step <= at))


def directed(layout: Layout, logits: Floats, directions: Directions, around: Frame) -> Floats:
    """Fills and the ending as edits of what the net says."""
    if directions.fill_until is None and directions.ending_at is None:
        return logits
    edited = logits.copy()
    for track in layout.tracks:
        if track.kind == DRUMS and directions.fill_until is not None:
            _fill(layout, track, edited, directions.fill_until - around.first)
        if directions.ending_at is not None:
            _end(layout, track, edited, directions.ending_at - around.first)
    return edited


def busier(layout: Layout, track: Track, logits: Floats, at: slice, shift: float | Floats) -> None:
    """Adds to the wish to begin notes: `shift` in logits, negative is calmer, of all steps or each. Not of drums."""
    columns = layout.output_columns
    amount = np.asarray(shift, np.float32).reshape(-1, 1)
    if track.kind == POLY:
        logits[:, at, columns[f"{track.name}.gate"]] += amount
    elif track.kind == MONO:
        logits[:, at, columns[f"{track.name}.hold"]] -= amount


def silence(layout: Layout, logits: Floats, spans: dict[int, list[tuple[int, int]]], around: Frame) -> None:
    """Writes rests into the logits."""
    for i, found in spans.items():
        track, columns = layout.tracks[i], layout.output_columns
        for first, until in found:
            at = slice(first - around.first, until - around.first)
            if track.kind == MONO:
                logits[:, at, columns[f"{track.name}.rest"]] = CERTAIN
            elif track.kind == POLY:
                logits[:, at, columns[f"{track.name}.gate"]] = -CERTAIN
                logits[:, at, columns[f"{track.name}.hold"]] = -CERTAIN


def _fill(layout: Layout, track: Track, logits: Floats, line: int) -> None:
    columns = layout.output_columns[f"{track.name}.onset"]
    for i, (name, _, _) in enumerate(DRUM_CLASSES):
        logits[:, max(0, line - FILL_STEPS) : max(0, line), columns.start + i] += np.float32(FILL_PUSH.get(name, 0.0))
        if name in ("crash", "kick") and 0 <= line < logits.shape[1]:
            logits[:, line, columns.start + i] += ARRIVAL_PUSH


def _end(layout: Layout, track: Track, logits: Floats, line: int) -> None:
    """Everybody strikes on the line and lets it ring."""
    if line >= logits.shape[1]:
        return
    after = slice(max(0, line + 1), None)
    begins = line >= 0
    columns = layout.output_columns

    def push(what: str, at: int | slice, amount: float) -> None:
        logits[:, at, columns[f"{track.name}.{what}"]] += np.float32(amount)

    if track.kind == DRUMS:
        push("onset", after, -CERTAIN)
        if begins:
            push("onset", line, -CERTAIN)
            for i, (name, _, _) in enumerate(DRUM_CLASSES):
                if name in ("kick", "crash"):
                    logits[:, line, columns[f"{track.name}.onset"].start + i] = CERTAIN
        return
    quiet = {MONO: "rest", POLY: "gate"}[track.kind]
    push("hold", after, CERTAIN)
    push(quiet, after, -CERTAIN)
    if begins:
        push("hold", line, -CERTAIN)
        push(quiet, line, -CERTAIN if track.kind == MONO else CERTAIN)
