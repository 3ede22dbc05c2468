"""Makes the chord plan of a request."""

from __future__ import annotations

from dataclasses import replace

from composerd.engine.messages import Mode, Request
from composerd.music.chords import ChordPlan
from composerd.music.harmony.harmonist import NOTHING, Given, Harmonist
from composerd.music.metre import BarGrid
from composerd.music.roll import MelodyRoll

PAST_STEPS = 224
"""The past in a plan with an expected continuation: whole bars before the current one, at most so long [steps].

It is 14 bars of 4/4 (with 8 bars, chords of pop agree .009 less with people's) and lies within a request's melody, so
that within a bar it always begins on the same step.
"""


def harmonist_plan(harmonist: Harmonist, request: Request) -> ChordPlan:
    """The harmonist's plan over the steps of the request, overridden by the chords that the player plays."""
    asked = request.directions
    given = Given(request.below, asked.key, asked.creativity, request.seed + request.performance)
    if (stated := _stated(request)) is not None:
        return stated
    if request.ahead is not None:
        plan = foreseen_plan(harmonist, request.foreseen, request.grid, request.step, request.foreseen_until, given)
        return plan.led_by(request.plan)
    until = max(request.until, request.drums_until)
    whole = request.mode is Mode.PHRASE
    plan = harmonist.plan(request.melody, request.grid, request.step, until, whole, given)
    return plan.led_by(request.plan)


def _stated(request: Request) -> ChordPlan | None:
    """The plan of a chart if it has a chord on every requested step; None otherwise.

    The chords before stay in it: nets are shown when they changed, and fall silent where nothing ever does.
    """
    plan, grid = request.plan, request.grid
    if plan is None or plan.key is None:
        return None
    first = grid.bar_line(request.step)
    last = grid.next_bar_line(grid.next_bar_line(max(request.foreseen_until, request.step + 1) - 1))
    step = first
    for planned in plan.chords:
        if planned.step > step:
            break
        step = max(step, planned.end)
    if step < last:
        return None
    return replace(plan, chords=tuple(chord for chord in plan.chords if chord.step < last))


def foreseen_plan(
    harmonist: Harmonist, melody: MelodyRoll, grid: BarGrid, step: int, until: int, given: Given = NOTHING
) -> ChordPlan:
    """The plan over the last bars and the expected continuation of the melody, harmonised as a whole without an end.

    `melody` is what was heard and, after it, what is remembered.
    """
    line = first = grid.bar_line(step)
    while first > 0 and (before := grid.bar_line(first - 1)) >= line - PAST_STEPS:
        first = before
    first = max(first, grid.bar_line(melody.first))
    return harmonist.plan(melody.window(first, melody.end), grid, step, until, True, given, ends=False)
