"""Moves notes that begin a semitone from the sounding melody to the nearest consonant chord tone.

It is applied last, unless the setting `guard` is off. Tied notes, drums and steps on which the melody is not known stay
as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre, Part
from composerd.music.notes import PartNote, Section
from composerd.music.roll import MelodyRoll

SEMITONES = (1, 11)
CONSONANT = (0, 3, 4, 5, 7, 8, 9)
"""intervals to the melody that a moved note may make [semitones, modulo 12]"""
FURTHEST = 6
"""farthest that a note is moved [semitones]"""
_BLOCK = 16
"""length of the blocks by which notes are looked up [steps]"""


def guarded(section: Section, genre: Genre, melody: MelodyRoll, plan: ChordPlan) -> Section:
    """The section with clashing onsets moved; one that fits nowhere is dropped if others of its part sound."""
    notes = list(section.notes)
    clashing = [index for index, note in enumerate(notes) if _clashes(note, genre, melody)]
    if not clashing:
        return section
    blocks: dict[int, set[int]] = defaultdict(set)
    for index, note in enumerate(notes):
        for block in range(note.step // _BLOCK, (note.end - 1) // _BLOCK + 1):
            blocks[block].add(index)
    for index in clashing:
        note = notes[index]
        near = set().union(*(blocks[block] for block in range(note.step // _BLOCK, (note.end - 1) // _BLOCK + 1)))
        around = [notes[other] for other in near if other != index]
        beside = [other for other in around if other.step < note.end and note.step < other.end]
        notes[index] = _moved(note, beside, genre, melody, plan)
    return replace(section, notes=tuple(sorted(note for note in notes if note.length > 0)))


def _clashes(note: PartNote, genre: Genre, melody: MelodyRoll) -> bool:
    if note.tied or not genre.parts[note.part].reacts:
        return False
    sung = _sung(melody, note.step)
    return sung is not None and (note.pitch - sung) % 12 in SEMITONES


def _sung(melody: MelodyRoll, step: int) -> int | None:
    at = step - melody.first
    if not 0 <= at < len(melody.pitch) or melody.pitch[at] < 0:
        return None
    return int(melody.pitch[at])


def _moved(note: PartNote, beside: list[PartNote], genre: Genre, melody: MelodyRoll, plan: ChordPlan) -> PartNote:
    """The note at its new pitch, or with length 0 to be dropped; `beside` are the notes that sound with it."""
    part, sung = genre.parts[note.part], _sung(melody, note.step)
    assert sung is not None
    taken = {other.pitch for other in beside if other.part == note.part}
    low, high = _room(note, part, beside, genre)
    planned = plan.at(note.step)
    tones = planned.chord.pitch_classes if planned else ()
    for wanted in (tones, range(12)):
        for distance in range(1, FURTHEST + 1):
            for pitch in (note.pitch - distance, note.pitch + distance):
                fits = pitch % 12 in wanted and (pitch - sung) % 12 in CONSONANT
                if fits and low <= pitch <= high and pitch not in taken:
                    return _inside(replace(note, pitch=pitch), plan)
    return replace(note, length=0) if taken else note


def _inside(note: PartNote, plan: ChordPlan) -> PartNote:
    """The note, ending where a chord begins that does not have it."""
    for planned in plan.chords:
        tones = (*planned.chord.pitch_classes, planned.chord.bass_class)
        if note.step < planned.step < note.end and note.pitch % 12 not in tones:
            return note.lasting(planned.step - note.step)
    return note


def _room(note: PartNote, part: Part, beside: Iterable[PartNote], genre: Genre) -> tuple[int, int]:
    """The part's range (lowest, highest pitch); for a voice, the range between its neighbours."""
    low, high = part.low, part.high
    if part.role != "voice":
        return low, high
    for other in beside:
        if other.part == note.part or genre.parts[other.part].role != "voice":
            continue
        if other.pitch <= note.pitch:
            low = max(low, other.pitch)
        else:
            high = min(high, other.pitch)
    return low, high
