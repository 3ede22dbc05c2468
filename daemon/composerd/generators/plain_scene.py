"""Converts a request to the scene that the rules arrange."""

from __future__ import annotations

from composerd.engine.messages import Mode, Request
from composerd.music.arranging.scene import Scene
from composerd.music.chords import ChordPlan


def scene_of(request: Request, plan: ChordPlan, first: int, until: int) -> Scene:
    """The scene of steps [first, until)."""
    directions = request.directions
    return Scene(
        style=request.genre.style or request.genre.name,
        grid=request.grid,
        bpm=request.bpm,
        plan=plan,
        melody=request.melody,
        first=first,
        until=until,
        harmony_from=request.harmony_from,
        seed=request.seed + 7919 * request.performance,
        variation=directions.variation,
        creativity=directions.creativity,
        fill_until=directions.fill_until,
        ending_at=directions.ending_at,
        sections=directions.sections,
        whole=request.mode is Mode.PHRASE,
    )
