"""Finds pieces that are versions of one song, by their melodies in any key, so that splits never share a song."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from composerd_export.data.corpus import LENGTH, PITCH, START, TICKS_PER_STEP, TRACK, Ints

GRAM = 8
"""notes of a phrase that counts as the same when its intervals and rhythm agree"""
ALIKE = 0.4
"""share of the shorter melody's phrases that must be in the other"""
COMMON = 40
"""a phrase found in more pieces than this (a scale, a repeated note) is ignored"""


def same_songs(pieces: Sequence[Ints], melody: int, drums: int = -1) -> tuple[list[int], dict[int, int]]:
    """For each piece the first of its song; and copies: piece -> the earlier one with the same notes in some key."""
    phrases = [phrases_of(notes[notes[:, TRACK] == melody]) for notes in pieces]
    songs = list(range(len(pieces)))
    for one, two in _alike(phrases):
        first, later = sorted((_root(songs, one), _root(songs, two)))
        songs[later] = first
    copies: dict[int, int] = {}
    seen: dict[bytes, int] = {}
    for index, notes in enumerate(pieces):
        first = seen.setdefault(_print_of(notes, drums), index)
        if first != index:
            copies[index] = first
            songs[_root(songs, index)] = min(_root(songs, index), _root(songs, first))
    return [_root(songs, index) for index in range(len(pieces))], copies


def phrases_of(melody: Ints) -> set[tuple[int, ...]]:
    """Runs of GRAM notes as intervals and gaps between onsets in steps; a melody without change has none."""
    order = melody[np.argsort(melody[:, START], kind="stable")]
    top = order[np.append(np.diff(order[:, START]) > 0, True)] if len(order) else order
    moves = np.diff(top[:, PITCH])
    gaps = np.clip(np.rint(np.diff(top[:, START]) / TICKS_PER_STEP), 0, 32).astype(int)
    runs = [(*moves[at : at + GRAM].tolist(), *gaps[at : at + GRAM].tolist()) for at in range(len(moves) - GRAM + 1)]
    return {run for run in runs if len(set(run[:GRAM])) > 1}


def _alike(phrases: Sequence[set[tuple[int, ...]]]) -> list[tuple[int, int]]:
    where: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, found in enumerate(phrases):
        for phrase in found:
            where[phrase].append(index)
    shared: Counter[tuple[int, int]] = Counter()
    for pieces in where.values():
        if len(pieces) <= COMMON:
            shared.update((one, two) for at, one in enumerate(pieces) for two in pieces[at + 1 :])
    return [
        (one, two) for (one, two), count in shared.items() if count >= ALIKE * min(len(phrases[one]), len(phrases[two]))
    ]


def _root(songs: list[int], index: int) -> int:
    while songs[index] != index:
        index = songs[index]
    return index


def _print_of(notes: Ints, drums: int) -> bytes:
    """Equal for pieces that differ only in key, octave and loudness."""
    rows = notes[:, [START, LENGTH, PITCH, TRACK]].copy()
    rows[:, 0] -= rows[0, 0]
    pitched = np.flatnonzero(rows[:, 3] != drums)
    rows[pitched, 2] = (rows[pitched, 2] - rows[pitched[:1], 2]) % 12
    return rows[np.lexsort(rows.T)].tobytes()


def split_songs(songs: Sequence[int], share: float, seed: int) -> set[int]:
    """The songs for validation: about `share` of all pieces, and a song at least unless there is only one."""
    sizes = Counter(songs)
    order = np.random.default_rng(seed).permutation(sorted(sizes)).tolist()
    chosen: set[int] = set()
    for song in order:
        taken = sum(sizes[other] for other in chosen)
        if share > 0 and len(sizes) > 1 and (not chosen or taken + sizes[song] <= share * len(songs)):
            chosen.add(song)
    return chosen if len(chosen) < len(sizes) else set()
