"""Snapshot and outlook of a performance in jam mode."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from composerd.engine.outlook import Outlook, outlook
from composerd.engine.performance_snapshot import performance_snapshot, step_now
from composerd.engine.snapshot import Snapshot
from composerd.engine.song.form_place import SongPosition
from composerd.engine.song.loop import loop_title, recording_place
from composerd.music.chords import ChordPlan

if TYPE_CHECKING:
    from composerd.engine.jam.performance import JamPerformance
    from composerd.engine.services import ModeServices


def jam_snapshot(run: JamPerformance, services: ModeServices, now: float, keyboard: str | None) -> Snapshot:
    """Position, chords and song of `run` at second `now`."""
    shown = _shown(services)
    step = step_now(run.tempo, now, run.first)
    plan = run.heard_plan.transposed(shown)
    bpm, variation = run.clock.shown_bpm, run.form.intensity.variation
    held = plan.held(step)
    chords = (held.at(step), held.other_after(step))
    found = performance_snapshot(services, _state(run, now), bpm, run.grid, step, chords, keyboard, variation, plan)
    if run.song.form is not None:
        return with_song(found, run.song.form.position(step, moved=shown))
    if run.song.recording is not None:
        return replace(found, song=loop_title(run.song.recording.slot), place=recording_place(run.song.recording, step))
    if run.recalls:
        found = replace(found, ahead=chords_ahead(plan, step))
    if (known := run.song.learned.position(step)) is None and (place := run.song.heard.place(step)) is not None:
        return replace(found, place=str(place))
    return with_song(found, known)


def jam_outlook(run: JamPerformance, services: ModeServices, now: float) -> Outlook:
    """The notes and chords of `run` that are planned beyond second `now`."""
    plan = run.sound.answers.plan.transposed(_shown(services))
    return outlook(now, run.tempo, run.grid, run.sound.answers.timeline.ahead(), plan)


def chords_ahead(plan: ChordPlan, step: int, most: int = 4) -> tuple[str, ...]:
    """Names of the chords that come after `step`, one that goes on named once."""
    here = plan.at(step)
    names = [str(here.chord)] if here is not None else [""]
    for planned in plan.chords:
        if planned.step > step and str(planned.chord) != names[-1]:
            names.append(str(planned.chord))
    return tuple(names[1 : most + 1])


def with_song(snapshot: Snapshot, position: SongPosition | None) -> Snapshot:
    """The snapshot with the position in the song."""
    if position is None:
        return snapshot
    ahead = position.ahead or snapshot.ahead
    return replace(snapshot, song=position.title or "song", place=str(position), ahead=ahead)


def _shown(services: ModeServices) -> int:
    """Semitones from the band's chords to those shown."""
    return services.choices().transposition.shown


def _state(run: JamPerformance, now: float) -> str:
    if run.clock.counting_in(now):
        return "count-in"
    return "ending" if run.ending.step is not None else "playing"
