"""What chords a band sounds, read off its notes alone, and how that compares with a chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from composerd.app.render import RenderedPerformance
from composerd.music.chords import QUALITIES, Chord, PlannedChord
from composerd.music.harmony.chart_guard import lowest_part
from composerd.music.harmony.labelling import NO_CHORD, CellWeights, chord_of, label_weights


@dataclass(frozen=True)
class Sounding:
    """A note in steps."""

    first: float
    end: float
    pitch: int
    is_bass: bool


def sounding(performance: RenderedPerformance) -> list[Sounding]:
    """All notes of the pitched parts."""
    low = lowest_part(performance.genre)
    per_step = performance.axis.ticks_per_beat / 4
    parts = performance.genre.parts
    open_notes: dict[tuple[int, int], int] = {}
    found = []
    for tick, part, message in performance.lines:
        if part is None or part.role == "drums" or not (message.starts_note or message.ends_note):
            continue
        key = (message.channel, message.data1)
        if key in open_notes:
            found.append(
                Sounding(
                    open_notes.pop(key) / per_step,
                    tick / per_step,
                    message.data1,
                    low is not None and part is parts[low],
                )
            )
        if message.starts_note:
            open_notes[key] = tick
    return found


def share_on_chart(notes: list[Sounding], chords: tuple[PlannedChord, ...]) -> float:
    """Share of the chords' time in which the chord that fits best what sounds has the chart's root and third."""
    right = sum(planned.length for planned in chords if _heard(notes, planned) == _name(planned.chord))
    return right / sum(planned.length for planned in chords)


def _heard(notes: list[Sounding], planned: PlannedChord) -> tuple[int, int] | None:
    """Root and third of what sounds while the chord should; None for silence."""
    chroma, bass = np.zeros((1, 12)), np.zeros((1, 12))
    for note in notes:
        overlap = max(0, min(round(note.end), planned.end) - max(round(note.first), planned.step))
        chroma[0, note.pitch % 12] += overlap
        bass[0, note.pitch % 12] += overlap * note.is_bass
    index = int(label_weights(CellWeights(chroma, bass))[0])
    return None if index == NO_CHORD else _name(chord_of(index))


def _name(chord: Chord) -> tuple[int, int]:
    return chord.root, QUALITIES[chord.quality][1]


def bass_on_changes(notes: list[Sounding], chords: tuple[PlannedChord, ...]) -> float:
    """Share of the chord changes under which the lowest part's first note is the chord's bass."""
    hits = []
    for planned in chords:
        here = [n for n in notes if n.is_bass and n.first < planned.step + 2 and n.end > planned.step + 0.4]
        if here:
            hits.append(min(n.pitch for n in here) % 12 == planned.chord.bass_class)
    return sum(hits) / len(hits)
