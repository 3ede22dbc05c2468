"""Rewrites a net's last notes: the final chord over its root, and in single voices the cadence of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from composerd.engine.messages import Request
from composerd.generators.plain_scene import scene_of
from composerd.music.arranging.voices import voiced_parts
from composerd.music.chords import Chord, ChordPlan
from composerd.music.genre import Part
from composerd.music.notes import PartNote, Section
from composerd.music.roll import BandRoll

BASS = "bass"
CADENCE_STEPS = 4
"""Length of the voices' dominant before the final chord [steps]."""


def closed(section: Section, request: Request, plan: ChordPlan, roll: BandRoll) -> Section:
    """`section` with the final chord of `plan`; unchanged without an ending. `roll` holds its notes and the past."""
    at, last = request.directions.ending_at, None
    if at is None or (last := plan.at(at)) is None or not section.parts <= request.genre.harmony_parts:
        return section
    parts = {index: request.genre.parts[index] for index in section.parts}
    voices = {index: part for index, part in parts.items() if part.role == "voice"}
    notes = [note for note in section.notes if note.step != at and note.part not in voices]
    floor = 0
    for index in sorted(parts.keys() - voices.keys(), key=lambda index: parts[index].role != BASS):
        struck = [note for note in section.notes if (note.step, note.part) == (at, index)]
        settled = list(_settled(struck, parts[index], last.chord, floor))
        floor = min((note.pitch for note in settled if parts[index].role == BASS), default=floor)
        notes += settled
    if voices:
        notes += _sung(section, request, plan, roll, voices)
    return replace(section, notes=tuple(sorted(notes)))


def _settled(notes: list[PartNote], part: Part, chord: Chord, floor: int) -> Iterator[PartNote]:
    """Move each note of a part to the nearest free tone of the chord, the lowest of a bass to the root.

    Other parts stay above `floor` if their range allows it.
    """
    lowest, taken = max(part.low, min(floor, part.high - 12)), set[int]()
    for note in sorted(notes):
        first_of_bass = part.role == BASS and not taken
        tones = (chord.root,) if first_of_bass else chord.pitch_classes
        free = [one for one in range(lowest, part.high + 1) if one % 12 in tones and one not in taken]
        if not free:
            continue
        pitch = min(free, key=lambda one, note=note: (abs(one - note.pitch), one))  # type: ignore[misc]  # bound here
        taken.add(pitch)
        lowest = pitch if first_of_bass else lowest
        yield replace(note, pitch=pitch, tied=note.tied and pitch == note.pitch)


def _sung(
    section: Section, request: Request, plan: ChordPlan, roll: BandRoll, voices: dict[int, Part]
) -> Iterable[PartNote]:
    """The voices' notes, from the cadence on by the rules, which continue the net's voices."""
    at = request.directions.ending_at
    assert at is not None
    dominant = plan.at(at - 1)
    cadence = dominant is not None and dominant.step == at - CADENCE_STEPS
    start = max(section.first, at - CADENCE_STEPS if cadence else at)
    own = [note for note in section.notes if note.part in voices]
    if start >= section.until:
        return own
    kept = {
        (note.part, note.step): note.lasting(min(note.length, start - note.step)) for note in own if note.step < start
    }
    ending = {(note.part, note.pitch, note.end): note for note in kept.values()}
    for note in voiced_parts(scene_of(request, plan, start, section.until), voices, roll):
        before = ending.get((note.part, note.pitch, note.step))
        if note.tied and before is not None:
            kept[before.part, before.step] = before.lasting(note.end - before.step)
        else:
            kept[note.part, note.step] = replace(note, tied=note.tied and note.step == section.first)
    return kept.values()
