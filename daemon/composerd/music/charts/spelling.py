"""Names of notes, chords and keys in ASCII, flats or sharps as the key has them, and Nashville numbers."""

from __future__ import annotations

import re

from composerd.music.charts.symbols import NO_CHORD_NAMES, ChordSymbol, parse_kind, parse_pitch

FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_SHARP_MAJORS = frozenset((7, 2, 9, 4, 11))
_DEGREES = {0: "1", 1: "b2", 2: "2", 3: "b3", 4: "3", 5: "4", 6: "#4", 7: "5", 8: "b6", 9: "6", 10: "b7", 11: "7"}
_SCALE = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11}
_NUMBER = re.compile(r"([b#]?)([1-7])")
NO_CHORD = NO_CHORD_NAMES[0]


def note_name(pitch: int, key: int | None = None, minor: bool = False) -> str:
    """The name of a pitch class, spelt as in the key of `key`."""
    return (SHARPS if _is_sharp(key, minor) else FLATS)[pitch % 12]


def chord_name(symbol: ChordSymbol | None, key: int | None = None, minor: bool = False) -> str:
    """`F#m7b5/E`; `N.C.` for None."""
    if symbol is None:
        return NO_CHORD
    bass = "" if symbol.bass is None else f"/{note_name(symbol.bass, key, minor)}"
    return f"{note_name(symbol.root, key, minor)}{symbol.kind}{bass}"


def key_name(key: int, minor: bool) -> str:
    """`Eb`, `F#m`."""
    return note_name(key, key, minor) + ("m" if minor else "")


def parse_key(text: str) -> tuple[int, bool]:
    """(tonic, whether minor) of `Eb`, `F#m`, `A-`, `C minor` or `G major`. Raises ValueError."""
    found = re.fullmatch(r"([A-H](?:b|#|♭|♯)?)\s*(m|min|minor|-|maj|major|Major|Minor|M)?", text.strip())
    if not found:
        raise ValueError(f"found {text!r}, expected a key such as Eb or F#m")
    return parse_pitch(found[1]), (found[2] or "") in ("m", "min", "minor", "-", "Minor")


def nashville_name(symbol: ChordSymbol | None, key: int, minor: bool = False) -> str:
    """`6m7`, `b7`, `1/3`: degrees of the major scale on the tonic (in minor on the tonic, too)."""
    del minor
    if symbol is None:
        return NO_CHORD
    kind = f"({symbol.kind})" if symbol.kind[:1].isdigit() else symbol.kind
    bass = "" if symbol.bass is None else f"/{_DEGREES[(symbol.bass - key) % 12]}"
    return f"{_DEGREES[(symbol.root - key) % 12]}{kind}{bass}"


def is_nashville(text: str) -> bool:
    return _NUMBER.match(text) is not None


def parse_nashville(text: str, key: int) -> ChordSymbol:
    """The chord of a number in the key of `key`. Raises ValueError."""
    found = _NUMBER.match(text)
    if not found:
        raise ValueError(f"found {text!r}, expected a Nashville number such as 1, 6m or 4/1")
    kind, slash, bass = text[found.end() :].rpartition("/")
    if not slash or (under := _NUMBER.fullmatch(bass)) is None or (kind.endswith("6") and bass == "9"):
        kind, under = text[found.end() :], None
    try:
        return ChordSymbol(_degree(found, key), parse_kind(kind), None if under is None else _degree(under, key))
    except ValueError:
        raise ValueError(f"found {text!r}, expected a Nashville number such as 1, 6m or 4/1") from None


def _degree(found: re.Match[str], key: int) -> int:
    return (key + _SCALE[found[2]] + {"b": -1, "#": 1, "": 0}[found[1]]) % 12


def _is_sharp(key: int | None, minor: bool) -> bool:
    return key is not None and (key + 3 * minor) % 12 in _SHARP_MAJORS
