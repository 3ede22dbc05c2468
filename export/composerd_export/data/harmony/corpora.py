"""Makes training songs of the harmonist from a corpus of bands, whose chords are estimated from what they play."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from composerd.music.harmony import labelling
from composerd.music.harmony.slots import Slot, slots_of_bar, unit_of
from composerd.music.metre import Metre
from composerd_export.data.corpus import (
    BAR_LENGTH,
    BAR_START,
    DENOMINATOR,
    NUMERATOR,
    TICKS_PER_STEP,
    Corpus,
    Piece,
    cells_of,
    melody_of,
)  # fmt: skip
from composerd_export.data.harmony.songs import NO_CHORD, QUALITIES, Ints, TuneWithChords

UNPITCHED = ("drums", "timpani")


def songs_of(corpus: Corpus, style: str, per_beat: bool = False) -> Iterator[TuneWithChords]:
    """The pieces with a melody and pitched parts; `per_beat`: chords are estimated per beat instead of half bar."""
    pitched = [
        index for index, name in enumerate(corpus.tracks) if name not in UNPITCHED and index != corpus.melody_track
    ]
    for number, piece in enumerate(corpus):
        song = song_of(piece, corpus.melody_track, pitched, style, per_beat, number)
        if song is not None:
            yield song


def song_of(
    piece: Piece, melody_track: int, pitched: list[int], style: str, per_beat: bool = False, number: int = 0
) -> TuneWithChords | None:
    """The song of a piece; None if it has no melody or no pitched parts."""
    if not len(piece.bars):
        return None
    steps = int(piece.bars[-1, BAR_START] + piece.bars[-1, BAR_LENGTH]) // TICKS_PER_STEP
    rows = piece.notes[np.isin(piece.notes[:, 4], pitched)]
    melody = melody_of(cells_of(piece.track(melody_track), 0, steps))
    if not len(rows) or not (melody.pitch >= 0).any():
        return None
    slots, starts = _grid(piece, steps, per_beat)
    labels = labelling.label_cells(cells_of(rows, 0, steps)[None], np.array(starts))
    chords = np.repeat([_named(int(label)) for label in labels], np.diff([*starts, steps]), 0)
    name = str(piece.meta.get("id", number))
    return TuneWithChords(name, style, melody.pitch, melody.onset, chords, tuple(slots), name)


def _named(label: int) -> tuple[int, int, int]:
    if label == labelling.NO_CHORD:
        return NO_CHORD, NO_CHORD, NO_CHORD
    chord = labelling.chord_of(label)
    return chord.root, QUALITIES.index(chord.quality), chord.root


def _grid(piece: Piece, steps: int, per_beat: bool) -> tuple[list[Slot], list[int]]:
    """The slots, and the first steps of the cells that have one chord each."""
    slots: list[Slot] = []
    starts: list[int] = []
    for bar, row in enumerate(piece.bars):
        line, length = int(row[BAR_START]) // TICKS_PER_STEP, int(row[BAR_LENGTH]) // TICKS_PER_STEP
        metre = Metre(int(row[NUMERATOR]), int(row[DENOMINATOR]))
        for offset, span, index, count, level in slots_of_bar(length, unit_of(metre)):
            slots.append(Slot(line + offset, span, index, count, level, bar))
        lengths: Ints = np.array(labelling.cell_lengths(metre, per_beat) if metre.bar_steps == length else (length,))
        starts += [line + int(offset) for offset in np.cumsum(lengths) - lengths if line + int(offset) < steps]
    return slots, starts
