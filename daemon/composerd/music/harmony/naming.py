"""Names the chord of some notes: root, quality and bass; missing tones are filled in."""

from __future__ import annotations

from collections.abc import Collection

from composerd.music.chords import QUALITIES, Chord

_COST = {
    "": 0.0, "m": 0.0, "7": 0.05, "m7": 0.08, "maj7": 0.08, "6": 0.1, "m7b5": 0.1, "dim": 0.1, "dim7": 0.12,
    "m6": 0.15, "aug": 0.15, "sus4": 0.2, "sus2": 0.25,
}  # fmt: skip
"""penalty of a quality: rarer ones must fit better"""
_NO_ROOT, _NO_THIRD, _NO_FIFTH, _NO_SEVENTH = 1.0, 0.45, 0.2, 0.9
_EXTRA, _INVERTED = 1.5, 0.35
_ALTERED = ("dim", "m7b5", "dim7", "aug", "6", "m6")
"""qualities whose fifth must sound: without it a sixth chord is a triad over its third"""
_OUT_OF_KEY = 0.12
"""penalty of a filled-in third outside the scale"""
_ALONG, _AGAINST = 0.25, 0.1
"""bonus if the melody's note belongs to the chord's triad, and penalty if not"""
DOUBTFUL = 0.8
"""penalty from which on notes are no chord"""


def chord_named(
    tones: Collection[int], bass: int, sung: int | None = None, scale: Collection[int] = ()
) -> tuple[Chord, float]:
    """The chord that fits pitch classes `tones` over `bass` best, and its cost (0: a triad in root position).

    `sung` is the melody's pitch class, which may fill what the tones leave out; `scale` the key's.
    """
    names = [(root, quality) for root in sorted({*tones, *(() if sung is None else (sung,))}) for quality in QUALITIES]
    cost, root, quality = min(
        (_cost(Chord(root, quality), set(tones), bass, sung, scale), (root - bass) % 12, quality)
        for root, quality in names
    )
    found = (root + bass) % 12
    return Chord(found, quality, None if found == bass else bass), cost


def _cost(chord: Chord, tones: set[int], bass: int, sung: int | None, scale: Collection[int]) -> float:
    own = chord.pitch_classes
    missing = (_NO_ROOT, _NO_THIRD, _missing_fifth(chord.quality), _NO_SEVENTH)
    cost = _COST[chord.quality] + _EXTRA * len(tones - set(own)) + _INVERTED * (chord.root != bass)
    for tone, price in zip(own, missing, strict=False):
        if tone not in tones:
            cost += 0.0 if tone == sung else price
            cost += _OUT_OF_KEY * (tone == own[1] and bool(scale) and tone not in scale)
    if sung is not None and sung not in tones:
        cost += -_ALONG if sung in own[:3] else _AGAINST
    return cost


def _missing_fifth(quality: str) -> float:
    return _NO_SEVENTH if quality in _ALTERED else _NO_FIFTH


def chord_of_notes(
    tones: Collection[int], bass: int, sung: int | None, together: bool, scale: Collection[int] = ()
) -> Chord | None:
    """The chord of the notes below a melody; None if they are no chord.

    `together`: the melody's note is struck with them. With only two of them it is counted if all three make a chord.
    """
    if len(tones) < 2:
        return None
    if together and sung is not None and len(tones) == 2:
        chord, cost = chord_named({*tones, sung}, bass, None, scale)
        if cost <= DOUBTFUL:
            return chord
    chord, cost = chord_named(tones, bass, sung, scale)
    return chord if cost <= DOUBTFUL or len(tones) > 2 else None
