"""`plain`: rules that play any genre, metre and tempo: the harmonist's plan, and rhythms from tables."""

from __future__ import annotations

from composerd.engine.messages import Composed, Mode, Request
from composerd.generators.scene import scene_of
from composerd.generators.tables import harmony
from composerd.music.arrange import ending_plan
from composerd.music.arrange_band import played
from composerd.music.arrange_drums import drummed
from composerd.music.arrange_voices import voiced_parts
from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.guard import guarded
from composerd.music.harmonist import Harmonist
from composerd.music.notes import PartNote, Section


class PlainGenerator:
    """Harmonist and arranger as a `Generator`, one per genre. Its memory spares work and never changes an answer."""

    def __init__(self, genre: Genre, guard: bool = True) -> None:
        """`guard`: move onsets that would clash with the melody."""
        self._guard = guard
        self._harmonist = Harmonist(harmony(genre.style or genre.name))

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
    """The chord plan for a request, with the left hand's chords, and its ending where one was asked for."""
    plan = harmonist.plan(request.melody, request.grid, request.step, request.until, request.mode is Mode.PHRASE)
    plan = plan.led_by(request.plan)
    ending = request.directions.ending_at
    if ending is None or ending > request.until + 2 * request.grid.place(request.step).bar_steps:
        return plan
    return ending_plan(plan, request.grid, ending, harmonist.tables.per_beat)
