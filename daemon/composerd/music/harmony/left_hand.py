"""Chords as a left hand plays them: one finger, a shell of two notes, or all of it."""

from __future__ import annotations

from collections.abc import Collection

from composerd.music.chords import QUALITIES, Chord

_SHELLS: dict[int, tuple[int, str]] = {
    1: (1, "7"),
    2: (1, "7"),
    3: (0, "m"),
    4: (0, ""),
    5: (1, ""),
    6: (0, "dim"),
    7: (0, ""),
    8: (1, ""),
    9: (1, "m"),
    10: (0, "7"),
    11: (0, "maj7"),
}
"""Interval of two keys -> (which of them is the root, 0 the lower; quality). From a third on they are root and third,
seventh or fifth, or those turned over; a neighbour below the root is the one-finger way to a seventh (or, where it is a
black key, to minor: see `_BLACK`), as arranger keyboards have it."""
_BLACK = frozenset((1, 3, 6, 8, 10))
_MISSING, _EXTRA, _INVERTED = 1.0, 1.5, 0.4
_OMITTED_FIFTH = 0.2
"""what a chord costs that has a tone too few, one too many, another bass than its root, or no fifth"""


def chord_of(keys: Collection[int]) -> Chord | None:
    """The chord of the pitches held, or None for none. One key is a major chord."""
    pitches = sorted(set(keys))
    classes = {pitch % 12 for pitch in pitches}
    if not classes:
        return None
    if len(classes) == 1:
        return Chord(pitches[0] % 12)
    if len(classes) == 2:
        return _shell(pitches)
    return _full(classes, pitches[0] % 12)


def _shell(pitches: list[int]) -> Chord:
    low = pitches[0]
    high = next(pitch for pitch in pitches if pitch % 12 != low % 12)
    interval = (high - low) % 12
    upper, quality = _SHELLS[interval]
    if interval <= 2 and low % 12 in _BLACK:
        quality = "m"
    root, other = (high, low) if upper else (low, high)
    slash = low % 12 if upper and interval > 2 else None
    return Chord(root % 12, quality, slash if other == low else None)


def _full(classes: set[int], bass: int) -> Chord:
    chords = [Chord(root, quality) for root in sorted(classes) for quality in QUALITIES]
    best = min(chords, key=lambda chord: _misfit(chord, classes, bass))
    return Chord(best.root, best.quality, None if best.root == bass else bass)


def _misfit(chord: Chord, classes: set[int], bass: int) -> float:
    tones = chord.pitch_classes
    missing = [tone for tone in tones if tone not in classes]
    cost = sum(_OMITTED_FIFTH if tone == tones[2] else _MISSING for tone in missing)
    return cost + _EXTRA * len(classes - set(tones)) + _INVERTED * (chord.root != bass)
