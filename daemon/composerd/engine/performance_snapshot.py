"""Snapshots of a running performance for status line and control socket."""

from __future__ import annotations

from math import floor

from composerd.engine.services import ModeServices
from composerd.engine.snapshot import Snapshot
from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.harmony.key import heard_key
from composerd.music.metre import STEPS_PER_BEAT, BarGrid
from composerd.music.tempo import Tempo


def step_now(tempo: Tempo, now: float, first: int = 0) -> int:
    """The step that sounds at second `now`, `first` at the earliest."""
    return max(first, floor(tempo.beat_at(now) * STEPS_PER_BEAT + 1e-6))


def performance_snapshot(
    services: ModeServices,
    state: str,
    bpm: float,
    grid: BarGrid,
    step: int,
    chords: tuple[PlannedChord | None, PlannedChord | None],
    keyboard: str | None,
    variation: str = "",
    plan: ChordPlan | None = None,
) -> Snapshot:
    """Make the snapshot at `step`; `chords`: its chord and the next one, None if unknown; `plan`: their plan."""
    at, (chord, coming) = grid.place(step), chords
    return Snapshot(
        state=state,
        genre=services.stage.genre.name,
        bpm=bpm,
        bar=at.bar + 1,
        beat=at.step // at.metre.pulse_steps + 1,
        metre=str(at.metre),
        chord=str(chord.chord) if chord else "",
        next_chord=str(coming.chord) if coming else "",
        keyboard=keyboard,
        late=services.counts.late,
        dropped=services.counts.dropped,
        variation=variation,
        key=heard_key(services.choices().directions.key, plan or ChordPlan()),
    )
