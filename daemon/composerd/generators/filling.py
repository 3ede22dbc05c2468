"""A fill that was asked for is always a fill: the rules play it where the genre's own generator takes it easy."""

from __future__ import annotations

from dataclasses import replace

from composerd.engine.messages import Composed, Request
from composerd.engine.ports import Generator
from composerd.music.notes import Section

LONGEST = 16
"""steps before its bar line that a fill takes at most"""


def filled(answer: Composed, request: Request, rules: Generator) -> Composed:
    """`answer` with its drums, in the steps before the bar line that a fill leads to, as `rules` have them."""
    line = request.directions.fill_until
    if line is None or not request.drums_from < line <= request.drums_until:
        return answer
    drums = request.genre.drum_parts
    ruled = next((one for one in rules.compose(request).sections if one.parts == drums), None)
    if ruled is None:
        return answer
    first = max(request.drums_from, line - LONGEST)
    sections = (_joined(one, ruled, first, line) if one.parts == drums else one for one in answer.sections)
    return replace(answer, sections=tuple(sections))


def _joined(own: Section, ruled: Section, first: int, line: int) -> Section:
    kept = [note for note in own.notes if not first <= note.step < line]
    taken = [note for note in ruled.notes if first <= note.step < line]
    return replace(own, notes=tuple(sorted((*kept, *taken))))
