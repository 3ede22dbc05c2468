"""The request for the accompaniment of a whole phrase."""

from __future__ import annotations

from composerd.engine.requests import Directions, Mode, Request
from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.harmony.encoding import BelowRoll
from composerd.music.metre import BarGrid
from composerd.music.roll import BandRoll, MelodyRoll


def phrase_request(
    genre: Genre,
    grid: BarGrid,
    bpm: float,
    melody: MelodyRoll,
    steps: int,
    *,
    serial: int = 0,
    performance: int = 0,
    seed: int = 0,
    directions: Directions | None = None,
    plan: ChordPlan | None = None,
    below: BelowRoll | None = None,
) -> Request:
    """A request for the accompaniment of a whole melody of `steps` steps from step 0 on, with harmony from bar 1."""
    return Request(
        serial=serial,
        mode=Mode.PHRASE,
        genre=genre,
        grid=grid,
        bpm=bpm,
        step=0,
        until=steps,
        drums_from=0,
        drums_until=steps,
        harmony_from=0,
        melody=melody.window(0, steps),
        band=BandRoll.silent(len(genre.parts)),
        performance=performance,
        opening=max(0, int(melody.pitch[melody.onset][0])) if melody.onset.any() else 0,
        directions=directions or Directions(),
        seed=seed,
        plan=plan,
        below=below,
    )
