"""Converts chord kinds from and to MusicXML: a `kind` and added or altered degrees (MusicXML 4.0, `harmony`)."""

from __future__ import annotations

from functools import lru_cache

from composerd.music.charts.symbols import KINDS, kind_of

BASES: dict[str, tuple[int, ...]] = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "augmented": (0, 4, 8),
    "diminished": (0, 3, 6),
    "power": (0, 7),
    "suspended-second": (0, 2, 7),
    "suspended-fourth": (0, 5, 7),
    "dominant": (0, 4, 7, 10),
    "major-seventh": (0, 4, 7, 11),
    "minor-seventh": (0, 3, 7, 10),
    "diminished-seventh": (0, 3, 6, 9),
    "augmented-seventh": (0, 4, 8, 10),
    "half-diminished": (0, 3, 6, 10),
    "major-minor": (0, 3, 7, 11),
    "major-sixth": (0, 4, 7, 9),
    "minor-sixth": (0, 3, 7, 9),
    "dominant-ninth": (0, 4, 7, 10, 14),
    "major-ninth": (0, 4, 7, 11, 14),
    "minor-ninth": (0, 3, 7, 10, 14),
    "dominant-11th": (0, 4, 7, 10, 14, 17),
    "major-11th": (0, 4, 7, 11, 14, 17),
    "minor-11th": (0, 3, 7, 10, 14, 17),
    "dominant-13th": (0, 4, 7, 10, 14, 21),
    "major-13th": (0, 4, 7, 11, 14, 21),
    "minor-13th": (0, 3, 7, 10, 14, 21),
    "pedal": (0,),
}
"""13ths without their 11th, as charts mean them"""
_OTHERS = {"Neapolitan": "major", "Italian": "dominant", "French": "dominant", "German": "dominant",
           "Tristan": "half-diminished", "other": "pedal"}  # fmt: skip
_STEPS = {1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 10, 8: 12, 9: 14, 10: 16, 11: 17, 12: 19, 13: 21}
"""degree -> semitones, as in a dominant chord"""

Degree = tuple[int, int, str]
"""number, semitones of alteration, `add`, `alter` or `subtract`"""


def kind_from(name: str, degrees: list[Degree]) -> str:
    """The chord kind of a `kind` element's text and its degrees. Raises ValueError for unknown texts."""
    tones = BASES.get(_OTHERS.get(name, name))
    if tones is None:
        raise ValueError(f"found kind {name[:30]!r}, expected one of MusicXML's such as major or dominant")
    found = set(tones)
    for number, alter, how in degrees:
        if number not in _STEPS or abs(alter) > 2:
            raise ValueError(f"found degree {number} altered by {alter}, expected 1 to 13 by at most 2")
        if how == "add":
            found.add(_STEPS[number] + alter)
        else:
            stood = {tone for tone in found if _degree(tone) == number % 7 or tone == _STEPS[number]}
            found -= stood
            if how == "alter":
                found.add((min(stood) if stood else _STEPS[number]) + alter)
    return kind_of(tuple(sorted(found)))


@lru_cache(maxsize=128)
def kind_to(kind: str) -> tuple[str, tuple[Degree, ...]]:
    """The `kind` element's text and degrees of a chord kind, the inverse of `kind_from`."""
    choices = []
    for base in BASES:
        degrees = _degrees(set(BASES[base]), set(KINDS[kind]))
        if degrees is not None and kind_from(base, list(degrees)) == kind:
            choices.append((len(degrees), base, degrees))
    _, base, degrees = min(choices, key=lambda choice: choice[0])
    return base, degrees


def _degrees(base: set[int], tones: set[int]) -> tuple[Degree, ...] | None:
    """The degrees that turn one set of tones into another; None if more than the fifth would have to be removed."""
    edits: list[Degree] = []
    gone, new = base - tones, tones - base
    if 7 in gone and (fifth := new & {6, 8}):
        edits.append((5, min(fifth) - 7, "alter"))
        gone, new = gone - {7}, new - fifth
    if gone:
        return None
    for tone in sorted(new):
        number, step = min(_STEPS.items(), key=lambda item: (abs(item[1] - tone), item[0] not in (9, 11, 13)))
        if number in (10, 12) or abs(step - tone) > 1:
            number, step = next((n, s) for n, s in ((11, 17), (13, 21)) if abs(s - tone) <= 1)
        edits.append((number, tone - step, "add"))
    return tuple(edits)


def _degree(tone: int) -> int:
    """The degree, 1 to 7, of a tone [semitones above the root]."""
    return {0: 1, 1: 2, 2: 2, 3: 3, 4: 3, 5: 4, 6: 5, 7: 5, 8: 5, 9: 6, 10: 0, 11: 0}[tone % 12]
