"""How far people agree with people: the chords of two songs over the same two bars of melody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from composerd_export.data.harmony.songs import TuneWithChords
from composerd_export.evaluation.chords import MINOR, SUSPENDED, human

LEAST_NOTES = 6
"""fewest notes in two bars by which tunes can be distinguished"""
MOST_SONGS = 6
"""songs with the same two bars that are compared"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one style: `pairs` compared, and the mean share of time with the same root and kind."""

    style: str
    pairs: int
    share: float


@dataclass(frozen=True, slots=True)
class _Place:
    song: TuneWithChords
    first: int
    end: int


def agreements(songs: Sequence[TuneWithChords]) -> list[Agreement]:
    """By style, in the order of the songs; styles without a pair are left out. Melodies may lie in different keys."""
    found: dict[str, list[float]] = defaultdict(list)
    for style, places in _same_melody(songs):
        for one, other in combinations(places, 2):
            share = _share(one, other)
            if share is not None:
                found[style].append(share)
    return [Agreement(style, len(shares), float(np.mean(shares))) for style, shares in found.items()]


def _same_melody(songs: Sequence[TuneWithChords]) -> Iterator[tuple[str, list[_Place]]]:
    """Two bars of the same melody in different songs of one style, the first place of each song."""
    groups: dict[object, dict[str, _Place]] = defaultdict(dict)
    for song in songs:
        lines = [*(slot.start for slot in song.slots if slot.index == 0), song.steps]
        for first, end in zip(lines, lines[2:], strict=False):
            onsets = np.flatnonzero(song.onset[first:end])
            if len(onsets) >= LEAST_NOTES and song.onset[first]:
                pitch = song.pitch[first:end][onsets].astype(np.int64)
                key = (song.style, end - first, tuple(onsets.tolist()), tuple((pitch - pitch[0]).tolist()))
                groups[key].setdefault(song.name, _Place(song, first, end))
    for places in groups.values():
        alike = list(places.values())[:MOST_SONGS]
        yield alike[0].song.style, alike


def _share(one: _Place, other: _Place) -> float | None:
    """The share of the time with chords in both in which they agree, roots counted from the melody's first note."""
    (root, kind), (root_too, kind_too) = _named(one), _named(other)
    known = (root >= 0) & (root_too >= 0)
    if not known.any():
        return None
    open_fifth = (kind == SUSPENDED) & (kind_too <= MINOR) | (kind_too == SUSPENDED) & (kind <= MINOR)
    return float((((root == root_too) & ((kind == kind_too) | open_fifth))[known]).mean())


def _named(place: _Place) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    named, at = human(place.song), slice(place.first, place.end)
    root = named.root[at]
    return np.where(root >= 0, (root - int(place.song.pitch[place.first])) % 12, -1), named.kind[at]
