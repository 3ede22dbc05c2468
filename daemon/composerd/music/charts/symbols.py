"""Chord symbols as charts write them (`Ebmaj7#11/G`): parsing, the tones of each kind, and the chord a band plays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from composerd.music.chords import QUALITIES, Chord

KINDS: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "aug": (0, 4, 8),
    "dim": (0, 3, 6),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "69": (0, 4, 7, 9, 14),
    "m69": (0, 3, 7, 9, 14),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "mb6": (0, 3, 7, 20),
    "m#5": (0, 3, 8),
    "maj7": (0, 4, 7, 11),
    "maj9": (0, 4, 7, 11, 14),
    "maj13": (0, 4, 7, 11, 14, 21),
    "maj7#11": (0, 4, 7, 11, 18),
    "maj9#11": (0, 4, 7, 11, 14, 18),
    "maj7#5": (0, 4, 8, 11),
    "7": (0, 4, 7, 10),
    "9": (0, 4, 7, 10, 14),
    "11": (0, 4, 7, 10, 14, 17),
    "13": (0, 4, 7, 10, 14, 21),
    "7sus4": (0, 5, 7, 10),
    "9sus4": (0, 5, 7, 10, 14),
    "13sus4": (0, 5, 7, 10, 14, 21),
    "7b9sus4": (0, 5, 7, 10, 13),
    "m7": (0, 3, 7, 10),
    "m9": (0, 3, 7, 10, 14),
    "m11": (0, 3, 7, 10, 14, 17),
    "m13": (0, 3, 7, 10, 14, 21),
    "m7b5": (0, 3, 6, 10),
    "m9b5": (0, 3, 6, 10, 14),
    "mmaj7": (0, 3, 7, 11),
    "mmaj9": (0, 3, 7, 11, 14),
    "dim7": (0, 3, 6, 9),
    "7b5": (0, 4, 6, 10),
    "7#5": (0, 4, 8, 10),
    "7b9": (0, 4, 7, 10, 13),
    "7#9": (0, 4, 7, 10, 15),
    "7#11": (0, 4, 7, 10, 18),
    "7b13": (0, 4, 7, 10, 20),
    "9b5": (0, 4, 6, 10, 14),
    "9#5": (0, 4, 8, 10, 14),
    "9#11": (0, 4, 7, 10, 14, 18),
    "13b9": (0, 4, 7, 10, 13, 21),
    "13#9": (0, 4, 7, 10, 15, 21),
    "13#11": (0, 4, 7, 10, 14, 18, 21),
    "7b9b5": (0, 4, 6, 10, 13),
    "7b9#5": (0, 4, 8, 10, 13),
    "7b9#9": (0, 4, 7, 10, 13, 15),
    "7b9#11": (0, 4, 7, 10, 13, 18),
    "7b9b13": (0, 4, 7, 10, 13, 20),
    "7#9b5": (0, 4, 6, 10, 15),
    "7#9#5": (0, 4, 8, 10, 15),
    "7#9#11": (0, 4, 7, 10, 15, 18),
    "7alt": (0, 4, 8, 10, 13, 15),
}
"""kind of chord -> semitones above the root; 9ths, 11ths and 13ths lie above the octave"""
LONGEST = 24
"""characters of a chord symbol"""
NO_CHORD_NAMES = ("N.C.", "NC", "N.C", "N/C")
_PITCHES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11, "H": 11}
_ACCIDENTALS = {"": 0, "b": -1, "#": 1, "bb": -2, "##": 2}
_ROOT = re.compile(r"([A-H])(bb|##|b|#)?")
_SPELT = str.maketrans({"♭": "b", "♯": "#", "Δ": "^", "△": "^", "ø": "h", "°": "o", "º": "o", "−": "-", "–": "-"})
_BY_TONES = {frozenset(tones): kind for kind, tones in KINDS.items()}
_WEIGHTS = (1.0, 1.2, 0.6, 1.2)
"""weights of root, third, fifth and seventh when a richer chord is reduced to a simpler one"""


@dataclass(frozen=True, slots=True)
class ChordSymbol:
    """`root` and `bass` are pitch classes (0 = C), `kind` a key of KINDS; `bass` None: the root."""

    root: int
    kind: str = ""
    bass: int | None = None

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes, the root first."""
        return tuple((self.root + interval) % 12 for interval in KINDS[self.kind])

    def transposed(self, semitones: int) -> ChordSymbol:
        bass = None if self.bass is None else (self.bass + semitones) % 12
        return ChordSymbol((self.root + semitones) % 12, self.kind, bass)

    def chord(self) -> Chord:
        """The chord that the band plays, with the nearest of the plan's qualities."""
        return Chord(self.root, reduced(self.kind), self.bass)


def symbol_of(chord: Chord) -> ChordSymbol:
    """A planned chord as a symbol."""
    bass = None if chord.bass == chord.root else chord.bass
    return ChordSymbol(chord.root, kind_of(QUALITIES[chord.quality]), bass)


def parse_symbol(text: str) -> ChordSymbol:
    """The symbol of a text such as `F#m7b5/E`. Raises ValueError."""
    if len(text) > LONGEST:
        raise ValueError(f"found {text[:LONGEST]!r}…, expected a chord symbol of at most {LONGEST} characters")
    plain = text.translate(_SPELT)
    upper, bass = _split_bass(plain)
    found = _ROOT.match(upper)
    if not found:
        raise ValueError(f"found {text!r}, expected a chord such as C, F#m7 or Bb7/D")
    try:
        return ChordSymbol(_pitch(found), parse_kind(upper[found.end() :]), _bass_of(bass, text))
    except ValueError:
        raise ValueError(f"found {text!r}, expected a chord such as C, F#m7 or Bb7/D") from None


def parse_pitch(text: str) -> int:
    """The pitch class of a note name (`Eb`). Raises ValueError."""
    found = _ROOT.fullmatch(text.translate(_SPELT))
    if not found:
        raise ValueError(f"found {text!r}, expected a note such as C, F# or Bb")
    return _pitch(found)


@lru_cache(maxsize=512)
def parse_kind(text: str) -> str:
    """The kind that a text after a chord's root spells (`-7`, `min7`, `mi7`). Raises ValueError."""
    return kind_of(_SymbolReading(_normal(text)).tones())


def kind_of(tones: tuple[int, ...]) -> str:
    """The kind with these semitones above the root, or the nearest there is."""
    return _BY_TONES.get(frozenset(tones)) or min(KINDS, key=lambda kind: _distance(frozenset(tones), kind))


@lru_cache(maxsize=128)
def reduced(kind: str) -> str:
    """The quality of `chords.QUALITIES` that stands for `kind`; a sharp ninth is no minor third beside a major one."""
    classes = {tone % 12 for tone in KINDS[kind] if tone != 15 or 4 not in KINDS[kind]}
    return max(QUALITIES, key=lambda quality: _likeness(QUALITIES[quality], classes))


def _likeness(tones: tuple[int, ...], classes: set[int]) -> float:
    weighted = zip(tones, (*_WEIGHTS, *(1.0,) * len(tones)), strict=False)
    return sum(weight if tone in classes else -0.9 * weight for tone, weight in weighted)


def _distance(tones: frozenset[int], kind: str) -> tuple[float, int]:
    own = frozenset(KINDS[kind])
    low = sum(2.0 for tone in tones ^ own if tone < 12)
    return low + len(tones ^ own), len(own)


def _pitch(found: re.Match[str]) -> int:
    return (_PITCHES[found[1]] + _ACCIDENTALS[found[2] or ""]) % 12


def _split_bass(text: str) -> tuple[str, str]:
    """Split a symbol at the slash of its bass; `6/9` has none."""
    upper, slash, bass = text.rpartition("/")
    return (upper, bass) if slash and not bass[:1].isdigit() else (text, "")


def _bass_of(bass: str, text: str) -> int | None:
    if not bass:
        if text.endswith("/"):
            raise ValueError("no bass")
        return None
    return parse_pitch(bass)


def _normal(text: str) -> str:
    """Normalise the spelling of a kind: `m`, `maj`, `dim`, `aug`, `sus4`, `b5`, without brackets."""
    text = re.sub(r"[\s(),\[\]]", "", text.translate(_SPELT)).replace("6/9", "69")
    text = re.sub(r"^(?:mi(?:n(?:or)?)?|-)(?!\w*inor)", "m", text) if text.startswith(("mi", "-")) else text
    text = re.sub(r"(?:major|Maj|MAJ|[Mm]a(?=7|9|11|13|$)|M(?=7|9|11|13))", "maj", text)
    text = "maj" + text[1:] if text.startswith("M") else text
    text = re.sub(r"\^(?=7|9|11|13)", "maj", text).replace("^", "maj7")
    text = re.sub(r"^h(?:alfdim)?7?", "hd", text)
    text = re.sub(r"^o", "dim", text)
    text = re.sub(r"^\+(?![59]|11|13)", "aug", text)
    text = re.sub(r"(?<=[79])aug$|(?<=7)\+$", "#5", text)
    return re.sub(r"\+(?=5|9|11|13)", "#", re.sub(r"(?<=[\d])-(?=5|9|11|13)", "b", text))


_HEAD = re.compile(r"(hd|dim|aug|m(?!aj))?(maj)?(69|13|11|9|7|6|5(?!\d)|2|4)?")
_MORE = re.compile(r"sus2|sus4?|alt|maj7|(?:add|omit|no)(?:[b#]?(?:1[13]|\d))|[b#]?(?:13|11|9|7|6|5)")
_EXTENSIONS = {"6": (9,), "69": (9, 14), "9": (14,), "11": (14, 17), "13": (14, 21)}
_ADDED = {"9": 14, "2": 14, "3": 4, "11": 17, "4": 17, "13": 21, "6": 9, "5": 7, "7": 10}


class _SymbolReading:
    """The tones of a quality in `_normal` spelling, read from left to right."""

    def __init__(self, text: str) -> None:
        self._third: int | None = 4
        self._fifth: int | None = 7
        self._rest: set[int] = set()
        head = _HEAD.match(text)
        assert head is not None  # everything in it is optional
        self._begin(head[1] or "", bool(head[2]), head[3] or "")
        at = head.end()
        while at < len(text):
            more = _MORE.match(text, at)
            if not more:
                raise ValueError(text)
            self._alter(more[0])
            at = more.end()

    def tones(self) -> tuple[int, ...]:
        own = [0] + [tone for tone in (self._third, self._fifth) if tone is not None]
        return tuple(sorted({*own, *self._rest}))

    def _begin(self, family: str, major: bool, number: str) -> None:
        if family in ("m", "dim", "hd"):
            self._third = 3
        self._fifth = {"dim": 6, "hd": 6, "aug": 8}.get(family, 7)
        if number in ("7", "9", "11", "13") or family == "hd":
            self._rest.add(11 if major else 9 if family == "dim" else 10)
        self._rest.update(_EXTENSIONS.get(number, ()))
        if number in ("5", "2", "4"):
            self._third = {"5": None, "2": 2, "4": 5}[number]

    def _alter(self, token: str) -> None:
        if token.startswith("sus"):
            self._third = 2 if token == "sus2" else 5
        elif token == "alt":
            self._fifth = 8
            self._rest.update((10, 13, 15))
        elif token == "maj7":
            self._rest.add(11)
        elif token.startswith(("omit", "no")):
            self._leave_out(token.lstrip("omitn"))
        else:
            self._add(token.removeprefix("add"))

    def _leave_out(self, number: str) -> None:
        if number == "3":
            self._third = None
        elif number == "5":
            self._fifth = None
        else:
            raise ValueError(number)

    def _add(self, token: str) -> None:
        number = token.lstrip("b#")
        shift = {"b": -1, "#": 1}.get(token[0], 0)
        if number not in _ADDED:
            raise ValueError(token)
        if number == "5":
            self._fifth = 7 + shift
        elif token == "b6":
            self._rest.add(20)
        else:
            self._rest.discard(_ADDED[number])
            self._rest.add(_ADDED[number] + shift)
