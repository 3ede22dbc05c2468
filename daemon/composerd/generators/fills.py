"""Adds the rules' drum fills at the end of a section, or on request, if the generator played none there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from composerd.engine.messages import Composed, Request
from composerd.generators.plain_scene import scene_of
from composerd.music.arranging.drum_tables import CRASH, FLOOR, HIGH_TOM, KICK, LOW_TOM, MID_TOM, SNARE
from composerd.music.arranging.fills import fill, fill_length
from composerd.music.arranging.scene import Scene
from composerd.music.chords import ChordPlan
from composerd.music.genre import Part
from composerd.music.notes import PartNote, Section

BUSY = 3
"""as many steps with a snare or more count as a fill of the generator, as any tom does"""
_TOMS = (FLOOR, LOW_TOM, MID_TOM, HIGH_TOM)
_ARRIVAL = 1.05
"""velocity factor of the crash on the first beat of a section"""


def filled(answer: Composed, request: Request) -> Composed:
    """`answer` with a fill at the end of every known section, before the ending, and where asked for.

    Where no sections are known, fills are left to the generator: more would hide the pattern that they interrupt.
    """
    drums = request.genre.drum_parts
    if not drums or request.drums_from >= request.drums_until:
        return answer
    sections = (_with_fills(one, request) if one.parts == drums else one for one in answer.sections)
    return replace(answer, sections=tuple(sections))


def _with_fills(section: Section, request: Request) -> Section:
    scene, notes = scene_of(request, ChordPlan(), section.first, section.until), section.notes
    index = min(section.parts)
    part = request.genre.parts[index]
    for bar_line in _bar_lines(scene):
        if bar_line >= scene.first and _begins_section(scene, bar_line):
            notes = _with_crash(notes, index, part, bar_line)
        line = scene.grid.next_bar_line(bar_line)
        asked = scene.fill_until == line or scene.ending_at == line
        if not asked and line not in scene.sections:
            continue
        first = max(scene.first, line - fill_length(scene, bar_line))
        if scene.ending_at is not None and line > scene.ending_at:
            continue  # the ending has priority
        if first < line <= scene.until and not (scene.fill_until != line and _is_fill(notes, first, line)):
            strokes = fill(scene, bar_line, line - first)
            taken = [PartNote(at, index, key, _velocity(part, factor), 1) for at, key, factor in strokes]
            notes = (*(note for note in notes if not first <= note.step < line), *taken)
    return replace(section, notes=tuple(sorted(notes)))


def _bar_lines(scene: Scene) -> Iterator[int]:
    """Yield the bar lines of the scene, from the bar in which it begins; none after the ending has begun."""
    until = scene.until if scene.ending_at is None else min(scene.until, scene.ending_at)
    step = scene.grid.bar_line(scene.first)
    while step < until:
        yield step
        step = scene.grid.next_bar_line(step)


def _is_fill(notes: tuple[PartNote, ...], first: int, line: int) -> bool:
    keys = [note.pitch for note in notes if first <= note.step < line]
    return any(key in _TOMS for key in keys) or keys.count(SNARE) >= BUSY


def _begins_section(scene: Scene, bar_line: int) -> bool:
    return scene.style != "jazz" and bool(scene.sections) and scene.begins_section(bar_line)


def _with_crash(notes: tuple[PartNote, ...], index: int, part: Part, step: int) -> tuple[PartNote, ...]:
    if any((note.step, note.pitch) == (step, CRASH) for note in notes):
        return notes
    kept = [note for note in notes if (note.step, note.pitch) != (step, KICK)]
    return (*kept, *(PartNote(step, index, key, _velocity(part, _ARRIVAL), 1) for key in (KICK, CRASH)))


def _velocity(part: Part, factor: float) -> int:
    return max(1, min(127, round(part.loudness * factor)))
