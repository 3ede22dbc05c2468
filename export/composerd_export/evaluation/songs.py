"""Songs to evaluate on: clips of validation pieces, their melody as input, the other parts as truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from composerd.music.genre import Genre
from composerd.music.harmony.labelling import KeyFit, key_of
from composerd.music.metre import Metre
from composerd.music.roll import HELD, ONSET, PITCHES, REST, Cells, MelodyRoll
from composerd_export.data.corpus import TICKS_PER_BEAT, Corpus, Piece
from composerd_export.data.importing.rhythm import straightened
from composerd_export.evaluation.halves import in_half

Tracks = Mapping[str, Sequence[str]]
"""Which tracks of the corpus a part of the genre plays."""


@dataclass(frozen=True, slots=True, eq=False)
class SongClip:
    """A clip of whole bars, step 0 on a bar line; `cells` (parts, steps, 128) is what the humans' band played."""

    name: str
    work: str
    melody: MelodyRoll
    cells: Cells
    bpm: float
    key: KeyFit
    metre: Metre = field(default_factory=Metre)
    genuine: bool = True
    """whether no part was generated from chords"""

    @property
    def steps(self) -> int:
        return len(self.melody.pitch)


def tracks_of(genre: Genre, corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """Part -> corpus track: the one of the part's, or of its card track's, name."""
    names = {part.name: part.track or part.name for part in genre.parts}
    return {name: (track,) for name, track in names.items() if track in corpus.tracks}


def choose(
    corpus: Corpus,
    genre: Genre,
    tracks: Tracks,
    count: int,
    bars: int = 8,
    seed: int = 0,
    genuine: bool = False,
    half: str = "both",
) -> list[SongClip]:
    """Up to `count` clips of `bars` bars of 4/4: one of each piece in shuffled order, then second ones, and so on.

    A clip has a melody in at least half of its bars and at least two pitched parts (one where the genre has only one).
    `genuine` leaves out pieces whose parts were generated from chords; `half` is one of HALVES.
    """
    pieces = [piece for piece in corpus if in_half(piece.work, half) and not (genuine and piece.meta.get("derived"))]
    order = np.random.default_rng(seed).permutation(len(pieces))
    clips = [_clips(pieces[index], corpus, genre, tracks, bars) for index in order.tolist()]
    return list(islice(_in_turn(clips), count))


def _in_turn(clips: list[Iterator[SongClip]]) -> Iterator[SongClip]:
    while clips:
        left = []
        for clip in clips:
            song = next(clip, None)
            if song is not None:
                yield song
                left.append(clip)
        clips = left


def _clips(piece: Piece, corpus: Corpus, genre: Genre, tracks: Tracks, bars: int) -> Iterator[SongClip]:
    """The usable clips of a piece, first one first; pairs of 2/4 bars count as a bar of 4/4."""
    bar = 4 * TICKS_PER_BEAT
    starts = sorted(set(piece.windows(bars, bar) + piece.windows(2 * bars, bar // 2)))
    straight = straightened(piece)
    needed = min(2, len(genre.harmony_parts))
    for start in starts:
        song = _clip(straight, corpus, genre, tracks, start, bars * 16)
        sung = (song.melody.pitch != REST).reshape(bars, 16).any(1).mean()
        playing = sum(bool(song.cells[row].any()) for row in genre.harmony_parts)
        if sung >= 0.5 and song.melody.pitch[:16].max() != REST and playing >= needed:
            yield song


def _clip(piece: Piece, corpus: Corpus, genre: Genre, tracks: Tracks, start: int, steps: int) -> SongClip:
    cells = np.zeros((len(genre.parts), steps, PITCHES), np.uint8)
    for row, part in enumerate(genre.parts):
        played = [corpus.tracks.index(name) for name in tracks.get(part.name, ()) if name in corpus.tracks]
        if played:
            cells[row] = piece.cells(played, start, steps).max(0)
    cells[:, 0][cells[:, 0] == HELD] = ONSET
    melody = piece.melody(corpus.melody_track, start, steps)
    melody.onset[0] = melody.pitch[0] != REST
    name = f"{piece.name}@{start // TICKS_PER_BEAT}"
    bpm = float(piece.meta.get("bpm") or 0.0) or genre.bpm
    return SongClip(name, piece.work, melody, cells, bpm, melody_key(melody), genuine=not piece.meta.get("derived"))


def melody_key(melody: MelodyRoll) -> KeyFit:
    """The key the melody's steps fit best; C major for a silent one."""
    sung = melody.pitch[melody.pitch != REST]
    return key_of(np.bincount(sung % 12, minlength=12).astype(np.float64))
