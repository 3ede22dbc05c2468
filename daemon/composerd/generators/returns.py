"""Repeats the pitched parts' notes of an earlier section when the melody repeats that section."""

from __future__ import annotations

from dataclasses import replace

from composerd.engine.messages import Composed, Request
from composerd.music.harmony.chart_guard import on_chart
from composerd.music.harmony.guard import guarded
from composerd.music.notes import Section


def returned(answer: Composed, request: Request) -> Composed:
    """`answer` with the notes of the repeated passage, fitted to the current chords; unchanged near the end."""
    if not request.repeats:
        return answer
    drums = request.genre.drum_parts
    sections = (one if one.parts <= drums else _returned(one, answer, request) for one in answer.sections)
    return replace(answer, sections=tuple(sections))


def _returned(section: Section, answer: Composed, request: Request) -> Section:
    notes = tuple(
        note
        for note in request.returning
        if note.part in section.parts and section.first <= note.step < section.until
        and (not note.tied or note.step == section.first)
    )  # fmt: skip
    again = on_chart(replace(section, notes=tuple(sorted(notes))), request.genre, answer.plan)
    return guarded(again, request.genre, request.melody, answer.plan)
