"""Repairs generated parts: notes that were never ended, bar lines half a bar beside the harmony."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from composerd_export.data.pieces import (
    BAR_LENGTH,
    BAR_START,
    LENGTH,
    LONGEST,
    PITCH,
    START,
    TICKS_PER_BEAT,
    TICKS_PER_STEP,
    TRACK,
    Corpus,
    Ints,
    Piece,
)  # fmt: skip

UNENDED = 384
"""Ticks: the length that notes without an end were given, four bars of 4/4; strummed and picked strings, mostly."""
_STRUM, _CHORD = 4, 3


def repaired(corpus: Corpus) -> Corpus:
    bass = corpus.tracks.index("bass") if "bass" in corpus.tracks and "melody" in corpus.tracks else -1
    ended_pieces = (_with_ends(piece, corpus.tracks) for piece in corpus)
    return replace(corpus, pieces=tuple(rebarred(piece, bass) for piece in ended_pieces))


def _with_ends(piece: Piece, tracks: tuple[str, ...]) -> Piece:
    """The piece with ends for the notes of generated tracks in which most were never ended."""
    notes = piece.notes
    for name in piece.meta.get("derived") or ():
        rows = notes[:, TRACK] == tracks.index(name) if name in tracks else np.zeros(len(notes), np.bool_)
        if rows.any() and (notes[rows, LENGTH] >= UNENDED).mean() > 0.5:
            notes = notes.copy()
            notes[rows] = ended(notes[rows], piece.bars)
    return replace(piece, notes=notes)


def ended(notes: Ints, bars: Ints) -> Ints:
    """One track's notes, each ended by the same pitch, the next chord or the half bar's end, whichever comes first."""
    start, starts = notes[:, START], np.unique(notes[:, START])
    bar = np.maximum(np.searchsorted(bars[:, BAR_START], start, "right") - 1, 0)
    half = 2 * TICKS_PER_BEAT
    lines = bars[bar, BAR_START]
    line = np.minimum(lines + ((start - lines) // half + 1) * half, lines + np.maximum(bars[bar, BAR_LENGTH], half))
    spread = np.searchsorted(start, starts + _STRUM) - np.searchsorted(start, starts)
    chords = np.append(starts[spread >= _CHORD], LONGEST * TICKS_PER_BEAT)
    chord = chords[np.searchsorted(chords, start + _STRUM)]
    again = np.full(len(notes), LONGEST * TICKS_PER_BEAT)
    for pitch in np.unique(notes[:, PITCH]):
        same = np.flatnonzero(notes[:, PITCH] == pitch)
        again[same[:-1]] = start[same[1:]]
    kept = notes.copy()
    kept[:, LENGTH] = np.maximum(1, np.minimum.reduce([notes[:, LENGTH], line - start, chord - start, again - start]))
    return kept


OFF_BAR = 0.75
_FEWEST_CHANGES = 20


def rebarred(piece: Piece, bass: int) -> Piece:
    """A generated 4/4 piece whose bass moves on beat 3 and not on beat 1, with its bar lines two beats later.

    One POP909 song in ten is annotated so. OFF_BAR: the share of the bass' new roots that fall on beat 3.
    """
    half = 2 * TICKS_PER_BEAT
    if not piece.meta.get("derived") or not len(piece.bars) or (piece.bars[:, BAR_LENGTH] != 2 * half).any():
        return piece
    notes = piece.track(bass)
    place, within = np.divmod(notes[:, START], half)
    halves, first = np.unique(place[within < TICKS_PER_STEP], return_index=True)
    roots = notes[within < TICKS_PER_STEP][first, PITCH] % 12
    moves = halves[1:][(np.diff(halves) == 1) & (np.diff(roots) != 0)]
    if len(moves) < _FEWEST_CHANGES or (moves % 2).mean() < OFF_BAR:
        return piece
    lead = np.array([[0, 2, 4, half]], np.int32)
    later = piece.bars + np.array([[half, 0, 0, 0]], np.int32)
    return replace(piece, bars=np.concatenate([lead, later]), meta={**piece.meta, "rebarred": True})
