"""Edits of the nets' logits and chord plans for fills and endings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from composerd.contract.frames import Floats
from composerd.contract.layout import DRUMS, Layout
from composerd.engine.messages import Directions, Request
from composerd.generators.window import Frame
from composerd.music.arranging.scene import ending_plan
from composerd.music.chords import Chord, ChordPlan, PlannedChord

CERTAIN = 1e4
"""A logit that decides by itself."""
FILL_STEPS = 8
FILL_BIAS = {"snare": 1.5, "low tom": 3.0, "high tom": 3.0, "closed hat": -1.5}
"""Added to the drums' logits by a fill, over the FILL_STEPS before its bar line."""
ARRIVAL_BIAS = 3.0
"""Added to the logits of crash and kick on the bar line after a fill."""


def with_ending(plan: ChordPlan, request: Request, voices: bool = False) -> ChordPlan:
    """The plan with the tonic as final chord; with `voices` the dominant before it."""
    at = request.directions.ending_at
    if at is None or plan.key is None:
        return plan
    if request.plan is not None and request.plan.key is not None and request.plan.at(at):  # charts end as written
        return replace(plan, chords=tuple(chord for chord in plan.chords if chord.step <= at))
    if voices:
        return ending_plan(plan, request.grid, at, voices)
    length = request.grid.next_bar_line(at) - at
    ends = plan.with_chord(PlannedChord(at, length, Chord(plan.key, "m" if plan.minor else "")))
    return replace(ends, chords=tuple(chord for chord in ends.chords if chord.step <= at))


def ringing(layout: Layout, logits: Floats, directions: Directions, around: Frame) -> Floats:
    """The logits with every note of the final chord held after its bar line."""
    at = directions.ending_at
    if at is None or at - around.first + 1 >= logits.shape[1]:
        return logits
    edited, after = logits.copy(), slice(max(0, at - around.first + 1), None)
    for track in layout.tracks:
        if track.kind != DRUMS:
            edited[:, after, layout.output_columns[f"{track.name}.hold"]] += np.float32(CERTAIN)
    return edited
