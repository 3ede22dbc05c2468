"""Recognises a left hand's chords: one finger, a shell of two notes, or a full chord."""

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
"""Interval of two keys [semitones] -> (which of them is the root, 0 the lower; quality).

Thirds and wider: root and third, seventh or fifth, or their inversions. Seconds: the one-finger chords of arranger
keyboards, a seventh by the white key below the root, minor by the black one (see `_BLACK`).
"""
_BLACK = frozenset((1, 3, 6, 8, 10))
_MISSING, _EXTRA, _INVERTED = 1.0, 1.5, 0.4
_OMITTED_FIFTH = 0.2
"""penalties of a candidate chord: a tone that is missing, one too many, a bass other than the root, a missing fifth"""


def chord_of(keys: Collection[int]) -> Chord | None:
    """The chord that the held `keys` (pitches) stand for; None for no keys. One key is a major chord."""
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
