"""The view's data: notes and chords that are planned, and the tempo line that they lie on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from composerd.engine.transposition import moved
from composerd.music.chords import NAMES, ChordPlan, PlannedChord
from composerd.music.metre import STEPS_PER_BEAT, BarGrid
from composerd.music.tempo import Tempo


class Ahead(NamedTuple):
    """A note that sounds or is planned, in beats since bar 1."""

    part: int | None
    """index in the genre; None: the player's, coming back in phrase mode"""
    pitch: int
    on: float
    off: float
    velocity: int


class ChordAhead(NamedTuple):
    """A chord of the plan, in beats since bar 1."""

    beat: float
    beats: float
    name: str
    certainty: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """The tempo line and the planned notes and chords, at second `at` of the inbox's clock."""

    at: float
    bpm: float
    """current slope of the tempo line, which may differ from the set tempo"""
    beat: float | None = None
    """beat at `at`; None while nothing plays"""
    bar: int = 0
    """of `bar_at`, from 1"""
    bar_at: float = 0.0
    """beat of the bar line at or before now"""
    bar_beats: float = 4.0
    pulse_beats: float = 1.0
    """quarter notes of a felt beat: 1.5 in 6/8"""
    notes: tuple[Ahead, ...] = ()
    chords: tuple[ChordAhead, ...] = ()
    key: str = ""

    def moved(self, semitones: int, drums: frozenset[int]) -> Outlook:
        """The outlook with the notes of all parts but `drums` transposed."""
        notes = tuple(
            note if note.part in drums else note._replace(pitch=moved(note.pitch, semitones)) for note in self.notes
        )
        return replace(self, notes=notes)


def outlook(
    now: float, line: Tempo, grid: BarGrid, notes: tuple[Ahead, ...], plan: ChordPlan, plan_shift: int = 0
) -> Outlook:
    """Make the outlook at second `now`; `plan_shift`: the step at which step 0 of `plan` lies."""
    beat = line.beat_at(now)
    step = max(0, int(beat * STEPS_PER_BEAT + 1e-6))
    place = grid.place(step)
    return Outlook(
        at=now,
        bpm=line.bpm,
        beat=beat,
        bar=place.bar + 1,
        bar_at=(step - place.step) / STEPS_PER_BEAT,
        bar_beats=place.bar_steps / STEPS_PER_BEAT,
        pulse_beats=place.metre.pulse_steps / STEPS_PER_BEAT,
        notes=notes,
        chords=tuple(
            ChordAhead(
                (planned.step + plan_shift) / STEPS_PER_BEAT,
                planned.length / STEPS_PER_BEAT,
                str(planned.chord),
                round(planned.certainty, 3),
            )
            for planned in _joined(plan.held(step - plan_shift))
            if planned.end + plan_shift > step
        ),
        key="" if plan.key is None else f"{NAMES[plan.key]}{' minor' if plan.minor else ' major'}",
    )


def _joined(plan: ChordPlan) -> list[PlannedChord]:
    """The plan's chords, with equal adjacent ones joined."""
    found: list[PlannedChord] = []
    for planned in plan.chords:
        last = found[-1] if found else None
        if last is not None and last.chord == planned.chord and last.end == planned.step:
            found[-1] = replace(last, length=planned.end - last.step)
        else:
            found.append(planned)
    return found
