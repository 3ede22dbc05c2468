"""Moves the band's notes to the chords of a chart.

Bass: the chord's bass where a chord begins, its tones until the beat before the next one. Chords and pads: only tones
of the chord, its third among them. Voices and leads keep their passing notes off the beat. A note that reaches into a
chord it does not belong to ends where that chord begins.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.genre import Genre, Part
from composerd.music.notes import PartNote, Section

LINES = ("voice", "lead")
"""roles of one note at a time, whose passing notes are melody"""
BEAT = 4
_SPARE = (2, 0, 3)
"""which tones of a chord give way to a missing third, the first to go first: fifth, root, seventh (as indices)"""


def on_chart(section: Section, genre: Genre, plan: ChordPlan) -> Section:
    """The section with all notes but the drums' moved to the chords of `plan`, as far as it reaches."""
    if section.parts <= genre.drum_parts:
        return section
    low = lowest_part(genre)
    kept: list[PartNote] = []
    struck: set[int] = set()
    """first steps of the chords that already have a bass note"""
    for note in sorted(section.notes):
        planned = plan.at(note.step)
        if planned is None or not genre.parts[note.part].reacts:
            kept.append(note)
            continue
        wanted = _wanted(note, note.part == low, genre.parts[note.part], plan, planned, planned.step not in struck)
        if note.part == low:
            struck.add(planned.step)
        kept.append(_cut(_moved(note, wanted, genre.parts[note.part]), note.part == low, plan, planned))
    for planned in plan.chords:
        if planned.step < section.until and planned.end > section.first:
            kept = _with_third(kept, genre, planned, low)
    return replace(section, notes=_distinct(kept))


def lowest_part(genre: Genre) -> int | None:
    """Index of the part that plays the bass: the lowest of that role, else of the voices; None if there is none."""
    basses = [index for index, part in enumerate(genre.parts) if part.role == "bass"]
    voices = [index for index, part in enumerate(genre.parts) if part.role == "voice"]
    return min(basses or voices, key=lambda index: genre.parts[index].low, default=None)


def tones_of(chord: Chord) -> tuple[int, ...]:
    """Pitch classes of the chord, its bass among them."""
    return (*chord.pitch_classes, chord.bass_class)


def _wanted(
    note: PartNote, is_bass: bool, part: Part, plan: ChordPlan, planned: PlannedChord, first: bool
) -> tuple[int, ...]:
    """Pitch classes that the note may have; none for any."""
    if is_bass:
        if first and note.step - planned.step < BEAT:
            return (planned.chord.bass_class,)
        return () if planned.end - note.step <= BEAT and plan.at(planned.end) is not None else tones_of(planned.chord)
    if part.role in LINES and not _weighs(note, planned):
        return ()
    return tones_of(planned.chord)


def _weighs(note: PartNote, planned: PlannedChord) -> bool:
    """Whether a melodic part's note counts as harmony: it begins the chord, is on the beat, or lasts."""
    return note.step == planned.step or note.step % BEAT == 0 or note.length >= BEAT


def _moved(note: PartNote, wanted: tuple[int, ...], part: Part) -> PartNote:
    if not wanted or note.pitch % 12 in wanted:
        return note
    pitch = _nearest(note.pitch, wanted, part)
    return note if pitch is None else replace(note, pitch=pitch, tied=False)


def _nearest(pitch: int, wanted: tuple[int, ...], part: Part) -> int | None:
    near = (pitch + way * distance for distance in range(12) for way in (-1, 1))
    return next((p for p in near if p % 12 in wanted and part.low <= p <= part.high), None)


def _cut(note: PartNote, is_bass: bool, plan: ChordPlan, planned: PlannedChord) -> PartNote:
    """The note, cut where a chord begins that it does not belong to."""
    following = plan.after(planned.step)
    while following is not None and following.step < note.end:
        wanted = (following.chord.bass_class,) if is_bass else tones_of(following.chord)
        if note.pitch % 12 not in wanted:
            return note.lasting(max(1, following.step - note.step))
        following = plan.after(following.step)
    return note


def _with_third(notes: list[PartNote], genre: Genre, planned: PlannedChord, low: int | None) -> list[PartNote]:
    """The notes, with one of the upper parts' made the chord's third if they lack it (see _SPARE)."""
    third = planned.chord.pitch_classes[1]
    heard = [n for n in notes if planned.step < n.end and n.step < planned.end and n.part != low]
    upper = [n for n in heard if genre.parts[n.part].reacts]
    if any(n.pitch % 12 == third for n in upper):
        return notes
    new = [n for n in upper if n.step >= planned.step and not n.tied]
    if not new:
        return notes
    count = Counter(n.pitch % 12 for n in new)
    tones = planned.chord.pitch_classes
    rank = {tones[index]: place for place, index in enumerate(_SPARE) if index < len(tones)}
    for note in sorted(new, key=lambda n: (-n.length, -count[n.pitch % 12], rank.get(n.pitch % 12, 9))):
        pitch = _nearest(note.pitch, (third,), genre.parts[note.part])
        if pitch is not None:
            length = min(note.length, planned.end - note.step)
            return [replace(n, pitch=pitch, length=length) if n is note else n for n in notes]
    return notes


def _distinct(notes: list[PartNote]) -> tuple[PartNote, ...]:
    """The notes in order, without a part's second note of equal step and pitch."""
    found: dict[tuple[int, int, int], PartNote] = {}
    for note in sorted(notes):
        found.setdefault((note.part, note.step, note.pitch), note)
    return tuple(found.values())
