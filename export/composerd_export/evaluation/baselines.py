"""Baseline accompaniments: another song's, the true one a bar late, the nearest bars of the training corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.music.genre import Genre
from composerd.music.roll import HELD, ONSET, REST, Cells
from composerd_export.data.corpus import TICKS_PER_BEAT, Corpus, Piece
from composerd_export.data.importing.rhythm import straightened
from composerd_export.evaluation.songs import SongClip, Tracks

BAR = 16
_SEARCHED = range(-5, 7)
"""Transpositions that nearest neighbour tries, in semitones."""


def fitted(cells: Cells, steps: int) -> Cells:
    """A roll (parts, n, 128) repeated or cut to `steps`."""
    repeated: Cells = np.take(cells, np.arange(steps) % cells.shape[1], axis=1)
    return repeated


def transposed(cells: Cells, semitones: int, pitched: Sequence[int]) -> Cells:
    """The roll with its pitched rows moved; notes that leave MIDI's range are dropped, drums stay."""
    moved = cells.copy()
    for row in pitched:
        moved[row] = np.roll(cells[row], semitones, axis=1)
        if semitones:
            moved[row, :, slice(0, semitones) if semitones > 0 else slice(semitones, None)] = 0
    return moved


def others(songs: Sequence[SongClip], index: int, count: int = 4) -> list[SongClip]:
    """Up to `count` songs of other works, spread over the list. Raises ValueError if there is no other work."""
    strangers = [song for song in (*songs[index + 1 :], *songs[:index]) if song.work != songs[index].work]
    if not strangers:
        raise ValueError("another song's accompaniment needs songs of at least two works")
    places = np.unique(np.linspace(0, len(strangers) - 1, min(count, len(strangers))).astype(int))
    return [strangers[place] for place in places.tolist()]


def another_song(song: SongClip, other: SongClip) -> Cells:
    """The other's accompaniment unchanged, repeated or cut to the song's length."""
    return fitted(other.cells, song.steps)


def another_song_in_key(song: SongClip, other: SongClip, pitched: Sequence[int]) -> Cells:
    """The other's accompaniment moved into the key of the song's melody (relative keys where the modes differ)."""
    tonic = other.key.tonic + 3 * (other.key.minor - song.key.minor)
    semitones = (song.key.tonic - tonic + 5) % 12 - 5
    return transposed(another_song(song, other), semitones, pitched)


def shifted(song: SongClip) -> Cells:
    """The true accompaniment a bar late, its last bar first."""
    return np.roll(song.cells, BAR, axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class NearestNeighbour:
    """Copies, bar by bar, the accompaniment of the training bar whose melody agrees in most steps, in any key."""

    genre: Genre
    corpus: Corpus
    tracks: Tracks
    melodies: npt.NDArray[np.int16]
    """(bars, 16) MIDI pitches or REST"""
    places: npt.NDArray[np.int64]
    """(bars, 2): index of the piece, tick of the bar"""
    pieces: tuple[Piece, ...]

    @classmethod
    def learn(cls, corpus: Corpus, genre: Genre, tracks: Tracks, most_pieces: int = 200) -> NearestNeighbour:
        """Indexes the bars of 4/4, of up to `most_pieces` pieces, in which the melody sounds for half a bar or more."""
        chosen = np.unique(np.linspace(0, len(corpus) - 1, min(most_pieces, len(corpus))).astype(int))
        pieces = tuple(straightened(corpus.pieces[index]) for index in chosen.tolist())
        melodies, places = [], []
        for index, piece in enumerate(pieces):
            for start in piece.windows(1, 4 * TICKS_PER_BEAT):
                melodies.append(piece.melody(corpus.melody_track, start, BAR).pitch)
                places.append((index, start))
        rows = np.array(melodies, np.int16).reshape(-1, BAR)
        full = (rows != REST).sum(1) >= BAR // 2
        return cls(genre, corpus, tracks, rows[full], np.array(places, np.int64).reshape(-1, 2)[full], pieces)

    def accompany(self, song: SongClip) -> Cells:
        """(parts, steps, 128) for the whole song, knowing its whole melody."""
        bars = [self._bar(song.melody.pitch[at : at + BAR]) for at in range(0, song.steps, BAR)]
        return np.concatenate(bars, axis=1)

    def _bar(self, melody: npt.NDArray[np.int16]) -> Cells:
        index, semitones = self._nearest(melody)
        piece, start = self.places[index].tolist()
        cells = np.zeros((len(self.genre.parts), BAR, 128), np.uint8)
        for row, part in enumerate(self.genre.parts):
            played = [self.corpus.tracks.index(name) for name in self.tracks.get(part.name, ())]
            if played:
                cells[row] = self.pieces[piece].cells(played, start, BAR).max(0)
        cells[:, 0][cells[:, 0] == HELD] = ONSET
        return transposed(cells, semitones, sorted(self.genre.harmony_parts))

    def _nearest(self, melody: npt.NDArray[np.int16]) -> tuple[int, int]:
        """(bar, transposition): the most agreeing steps, the smallest transposition, the first bar."""
        rests = (self.melodies == REST) == (melody == REST)
        agree = [
            (rests & ((melody == REST) | ((self.melodies + shift - melody) % 12 == 0))).sum(1) - 0.05 * abs(shift)
            for shift in _SEARCHED
        ]
        shift, bar = divmod(int(np.argmax(agree)), len(self.melodies))
        return bar, _SEARCHED[shift]
