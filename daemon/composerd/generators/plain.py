"""`plain`: generator by rules for any genre, metre and tempo: the harmonist's plan, and rhythms from tables."""

from __future__ import annotations

from dataclasses import replace

from composerd.engine.messages import Composed, Request
from composerd.generators.plain_scene import scene_of
from composerd.generators.plan import harmonist_plan
from composerd.generators.tables import harmonist
from composerd.music.arranging.band import played
from composerd.music.arranging.drums import drummed
from composerd.music.arranging.scene import ending_plan
from composerd.music.arranging.voices import voiced_parts
from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.harmony.guard import guarded
from composerd.music.harmony.harmonist import Harmonist
from composerd.music.notes import PartNote, Section


class PlainGenerator:
    """Harmonist and arranger as a `Generator`, one per genre. Its cache does not change the results."""

    def __init__(self, genre: Genre, guard: bool = True) -> None:
        """`guard`: move onsets that would clash with the melody."""
        self._guard = guard
        self._harmonist = harmonist(genre.style or genre.name)

    def compose(self, request: Request) -> Composed:
        plan = planned(self._harmonist, request)
        sections = []
        if request.drums_from < request.drums_until and request.genre.drum_parts:
            sections.append(self._drums(request, plan))
        if request.step < request.until and request.genre.harmony_parts:
            section = self._harmony(request, plan)
            sections.append(guarded(section, request.genre, request.melody, plan) if self._guard else section)
        return Composed(request.serial, tuple(sections), plan)

    def _drums(self, request: Request, plan: ChordPlan) -> Section:
        scene = scene_of(request, plan, request.drums_from, request.drums_until)
        notes: list[PartNote] = []
        for index in sorted(request.genre.drum_parts):
            notes += drummed(scene, index, request.genre.parts[index])
        return Section(request.genre.drum_parts, request.drums_from, request.drums_until, tuple(sorted(notes)))

    def _harmony(self, request: Request, plan: ChordPlan) -> Section:
        scene = scene_of(request, plan, request.step, request.until)
        parts = request.genre.parts
        voices = {index: parts[index] for index in request.genre.harmony_parts if parts[index].role == "voice"}
        notes = voiced_parts(scene, voices, request.band) if voices else []
        for index in sorted(request.genre.harmony_parts - voices.keys()):
            notes += played(scene, index, parts[index], request.band)
        return Section(request.genre.harmony_parts, request.step, request.until, tuple(sorted(notes)))


def planned(harmonist: Harmonist, request: Request) -> ChordPlan:
    """The chord plan of a request, with the chords that the player plays and the requested ending."""
    plan = harmonist_plan(harmonist, request)
    ending = request.directions.ending_at
    if ending is None or ending > request.until + 2 * request.grid.place(request.step).bar_steps:
        return plan
    if request.plan is not None and request.plan.key is not None and request.plan.at(ending):
        return replace(plan, chords=tuple(chord for chord in plan.chords if chord.step <= ending))
    return ending_plan(plan, request.grid, ending, harmonist.style.per_beat)
