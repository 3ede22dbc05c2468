"""The guard: a note that begins a semitone off the sounding melody moves to the nearest consonant chord tone.

The last step before the music leaves, a step of its own, switched off by the setting `guard`. It leaves everything else
alone: notes held from before, drums, steps on which the melody is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre, Part
from composerd.music.notes import PartNote, Section
from composerd.music.roll import MelodyRoll

SEMITONES = (1, 11)
CONSONANT = (0, 3, 4, 5, 7, 8, 9)
"""Intervals to the melody, in semitones within an octave, that a moved note may make."""
FURTHEST = 6
"""semitones a note is moved at most"""


def guarded(section: Section, genre: Genre, melody: MelodyRoll, plan: ChordPlan) -> Section:
    """The section with clashing onsets moved; a note that finds no place is left out where others of its part sound."""
    if not any(_clashes(note, genre, melody) for note in section.notes):
        return section
    notes = list(section.notes)
    for index, note in enumerate(notes):
        if _clashes(note, genre, melody):
            notes[index] = _moved(note, notes, genre, melody, plan)
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


def _moved(note: PartNote, notes: list[PartNote], genre: Genre, melody: MelodyRoll, plan: ChordPlan) -> PartNote:
    part, sung = genre.parts[note.part], _sung(melody, note.step)
    assert sung is not None
    beside = [other for other in notes if other is not note and other.step < note.end and note.step < other.end]
    taken = {other.pitch for other in beside if other.part == note.part}
    low, high = _room(note, part, beside, genre)
    planned = plan.at(note.step)
    tones = planned.chord.pitch_classes if planned else ()
    for wanted in (tones, range(12)):
        for distance in range(1, FURTHEST + 1):
            for pitch in (note.pitch - distance, note.pitch + distance):
                fits = pitch % 12 in wanted and (pitch - sung) % 12 in CONSONANT
                if fits and low <= pitch <= high and pitch not in taken:
                    return replace(note, pitch=pitch)
    return replace(note, length=0) if taken else note


def _room(note: PartNote, part: Part, beside: Iterable[PartNote], genre: Genre) -> tuple[int, int]:
    """The part's range; for a voice, what its neighbours leave of it."""
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
