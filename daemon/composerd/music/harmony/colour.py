"""Adds colours to planned triads: the seventh, sixth, suspension or bass that a style's songs have there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from composerd.music.chords import QUALITIES, Chord
from composerd.music.harmony.encoding import STYLES, Heard, style_row
from composerd.music.harmony.net import BASSES, QUALITY_NAMES, HarmonyNet
from composerd.music.harmony.styles import HarmonyStyle

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

OF_KIND = (("", "7", "maj7", "6", "aug", "sus4", "sus2"), ("m", "m7", "m6"), ("dim", "m7b5", "dim7"))
"""The qualities a major, minor or diminished triad may take."""
RUBS = 4.0
"""penalty of a colour with a tone a semitone from the melody's first note [nats]"""
ROOT_BASS = 0.7
"""log-likelihood ratio by which another bass must exceed the root [nats]"""
_LOW = -1e4


def _allowed() -> Floats:
    rows = np.full((3, len(QUALITY_NAMES)), _LOW, np.float32)
    for kind, names in enumerate(OF_KIND):
        rows[kind, [QUALITY_NAMES.index(name) for name in names]] = 0.0
    return rows


def _inside() -> Floats:
    """(qualities, BASSES): 0 where a bass, above the root, belongs to the chord."""
    rows = np.full((len(QUALITY_NAMES), BASSES), _LOW, np.float32)
    for index, name in enumerate(QUALITY_NAMES):
        rows[index, list(QUALITIES[name])] = 0.0
    return rows


_ALLOWED, _INSIDE = _allowed(), _inside()
_PLAIN = np.array([QUALITY_NAMES.index(names[0]) for names in OF_KIND])


def coloured(
    net: HarmonyNet,
    state: Floats,
    chords: Indices,
    entries: Sequence[tuple[int, int]],
    heard: Heard,
    bass: Indices,
    style: HarmonyStyle,
) -> list[Chord]:
    """The chords of the `entries` (spans of slots), roots and basses above the tonic; `bass` as the player plays it."""
    starts = np.array([low for low, _ in entries])
    roots, kinds = chords[starts] // 3, chords[starts] % 3
    told = style_row(style.colour if style.colour in STYLES else None)
    qualities, basses = net.colour(state[starts], chords[starts], told)
    worth = qualities + _ALLOWED[kinds] - _rubs(heard.first[starts, :12], roots)
    worth[np.arange(len(starts)), _PLAIN[kinds]] += style.plain
    best = worth.argmax(1)
    low = basses + _INSIDE[best]
    low[:, 0] += ROOT_BASS
    over = low.argmax(1)
    return [
        Chord(root, QUALITY_NAMES[quality], _bass(root, over_root, given))
        for root, quality, over_root, given in zip(
            roots.tolist(), best.tolist(), over.tolist(), bass[starts].tolist(), strict=True
        )
    ]


def _bass(root: int, over: int, given: int) -> int | None:
    found = given if given >= 0 else (root + over) % 12
    return None if found == root else found


def _rubs(sung: Floats, roots: Indices) -> Floats:
    """(entries, qualities): the cost of tones beyond the triad that lie a semitone from the melody's pitch class."""
    above = (sung.argmax(1) - roots) % 12
    heard = np.asarray(sung.any(1), np.float32)[:, None]
    found: Floats = heard * _RUBBING[above]
    return found


def _rubbing() -> Floats:
    """(12, qualities): by the melody's pitch class above the root."""
    cost = np.zeros((12, len(QUALITY_NAMES)), np.float32)
    for index, name in enumerate(QUALITY_NAMES):
        for tone in set(QUALITIES[name]) & {2, 5, 8, 9, 10, 11}:
            cost[[(tone + 1) % 12, (tone - 1) % 12], index] = RUBS
    return cost


_RUBBING = _rubbing()
