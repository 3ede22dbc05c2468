"""Windows of whole bars as they were played: melody, parts and drums as notes in steps of 16ths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from composerd_export.data.corpus import TICKS_PER_BEAT, TICKS_PER_STEP, Corpus, Piece
from composerd_export.data.pieces import LENGTH, PITCH, START, TRACK, VELOCITY
from composerd_export.evaluation.halves import in_half

BAR = 16
ON, OFF, KEY, LOUDNESS = range(4)
"""Columns of notes: ON and OFF in steps from the window's first bar line, KEY a MIDI pitch, LOUDNESS a velocity."""
FEWEST_NOTES = 2
"""melody notes a bar, on average, and in the first bar"""
USUAL_BPM = 100.0

Notes = npt.NDArray[np.float64]
"""(notes, 4), in order of ON"""
SILENCE: Notes = np.zeros((0, 4))


@dataclass(frozen=True, slots=True, eq=False)
class JudgedWindow:
    """Some bars of 4/4 of one performance."""

    name: str
    work: str
    """windows of one work are never on both sides of a split"""
    bpm: float
    bars: int
    melody: Notes
    parts: Mapping[str, Notes]
    """the pitched parts, by the names of a corpus's tracks"""
    drums: Notes
    genuine: bool = True
    """whether no part was generated from chords"""

    @property
    def steps(self) -> int:
        return BAR * self.bars


def usual_bars(melody_name: str) -> int:
    """Bars of a window: 16, chorales 8."""
    return 8 if melody_name == "soprano" else 16


def windows_of(
    corpora: Sequence[Corpus], bars: int, count: int, half: str = "both", genuine: bool | None = None, seed: int = 0
) -> list[JudgedWindow]:
    """Up to `count` windows: one of each piece in shuffled order, then second ones, and so on.

    `half` is one of HALVES, `genuine` asks for pieces without (True) or with (False) parts generated from chords.
    """
    wanted = [
        (corpus, piece)
        for corpus in corpora
        for piece in corpus
        if in_half(piece.work, half) and genuine in (None, not piece.meta.get("derived"))
    ]
    order = np.random.default_rng(seed).permutation(len(wanted)).tolist()
    return list(islice(_in_turn([_of_piece(wanted[index][0], wanted[index][1], bars) for index in order]), count))


def _in_turn(pieces: list[Iterator[JudgedWindow]]) -> Iterator[JudgedWindow]:
    while pieces:
        left = []
        for windows in pieces:
            window = next(windows, None)
            if window is not None:
                yield window
                left.append(windows)
        pieces = left


def _of_piece(corpus: Corpus, piece: Piece, bars: int) -> Iterator[JudgedWindow]:
    """Windows side by side, then those that lie across two of them; with a melody from the first bar on, and a band."""
    apart = piece.windows(bars)
    across = [start for start in piece.windows(bars, every=max(1, bars // 2)) if start not in set(apart)]
    for start in (*apart, *across):
        window = _window(corpus, piece, start, bars)
        sung = window.melody
        enough = len(sung) >= FEWEST_NOTES * bars and (sung[:, ON] < BAR).sum() >= FEWEST_NOTES
        if enough and window.parts:
            yield window


def _window(corpus: Corpus, piece: Piece, start: int, bars: int) -> JudgedWindow:
    inside = (piece.notes[:, START] >= start) & (piece.notes[:, START] < start + bars * 4 * TICKS_PER_BEAT)
    rows = piece.notes[inside]
    columns = [rows[:, START] - start, rows[:, START] - start + rows[:, LENGTH]]
    notes = np.stack(
        [*(np.asarray(column) / TICKS_PER_STEP for column in columns), rows[:, PITCH], rows[:, VELOCITY]], 1
    ).astype(np.float64)
    of = {name: notes[rows[:, TRACK] == index] for index, name in enumerate(corpus.tracks)}
    melody, drums = of.pop(corpus.tracks[corpus.melody_track]), of.pop("drums", SILENCE)
    bpm = float(piece.meta.get("bpm") or USUAL_BPM)
    parts = {name: played for name, played in of.items() if len(played)}
    name = f"{piece.name}@{start // TICKS_PER_BEAT}"
    return JudgedWindow(name, piece.work, bpm, bars, melody, parts, drums, not piece.meta.get("derived"))
