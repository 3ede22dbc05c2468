"""Ten well-known tunes, all in the public domain, with the chords that song books give them.

They are in no corpus here. Notes as in ABC: C is middle C, c the one above, C, the one below, ^ and _ sharpen and
flatten, z rests; then the length in 16ths. Bars end with |. Chords are written a bar each, those of one bar with blanks
between them, equally long; - for none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from composerd.music.harmony.slots import slots_between
from composerd.music.metre import BarGrid, Metre
from composerd_export.data.harmony.songs import NO_CHORD, QUALITIES, TuneWithChords

KNOWN = "known"
"""name of their style in tables"""
NOTE = re.compile(r"([\^_]?)([A-Ga-gz])(,*)(\d+)")
CHORD = re.compile(r"([A-G][#b]?)(m|dim|7|m7)?")
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MIDDLE_C = 60


@dataclass(frozen=True, slots=True)
class _Written:
    title: str
    metre: Metre
    notes: str
    chords: str


_TUNES = (
    _Written(
        "Twinkle, twinkle, little star", Metre(),
        "C4C4G4G4|A4A4G8|F4F4E4E4|D4D4C8|G4G4F4F4|E4E4D8|G4G4F4F4|E4E4D8|C4C4G4G4|A4A4G8|F4F4E4E4|D4D4C8",
        "C|F C|F C|G C|C F|C G|C F|C G|C|F C|F C|G C",
    ),
    _Written(
        "Ode to joy", Metre(),
        "B4B4c4d4|d4c4B4A4|G4G4A4B4|B6A2A8|B4B4c4d4|d4c4B4A4|G4G4A4B4|A6G2G8|"
        "A4A4B4G4|A4B2c2B4G4|A4B2c2B4A4|G4A4D8|B4B4c4d4|d4c4B4A4|G4G4A4B4|A6G2G8",
        "G|D|G|G D|G|D|G|D G|D G|D G|D B|Em D|G|D|G|D G",
    ),
    _Written(
        "Happy birthday", Metre(3, 4),
        "z8C3C1|D4C4F4|E8C3C1|D4C4G4|F8C3C1|c4A4F4|E4D4_B3_B1|A4F4G4|F12",
        "-|F|C|C|F|F|Bb|F F C|F",
    ),
    _Written(
        "Amazing grace", Metre(3, 4),
        "z8D4|G8B2G2|B8A4|G8E4|D8D4|G8B2G2|B8A4|d12|d8B4|d8B2G2|B8A4|G8E4|D8D4|G8B2G2|B8A4|G12|G12",
        "-|G|G|C|G|G|G|D|D|G|G|C|G|G|D|G|G",
    ),
    _Written(
        "Silent night", Metre(6, 8),
        "G3A1G2E6|G3A1G2E6|d4d2B6|c4c2G6|A4A2c3B1A2|G3A1G2E6|A4A2c3B1A2|G3A1G2E6|d4d2f3d1B2|c6e6|c3G1E2G3F1D2|C12",
        "C|C|G|C|F|C|F|C|G|C|C G|C",
    ),
    _Written(
        "When the saints go marching in", Metre(),
        "z4C4E4F4|G16|z4C4E4F4|G16|z4C4E4F4|G8E8|C8E8|D16|z4E4E4D4|C12C4|E8G8|G4F12|z8E4F4|G8E8|C8D8|C16",
        "C|C|C|C|C|C|C|G|G|C|C|F|F|C|G|C",
    ),
    _Written(
        "Jingle bells", Metre(),
        "B4B4B8|B4B4B8|B4d4G6A2|B16|c4c4c6c2|c4B4B4B2B2|B4A4A4B4|A8d8|"
        "B4B4B8|B4B4B8|B4d4G6A2|B16|c4c4c6c2|c4B4B4B2B2|d4d4c4A4|G16",
        "G|G|G|G|C|G|A|D|G|G|G|G|C|G|D|G",
    ),
    _Written(
        "Clementine", Metre(3, 4),
        "z8F3F1|F4C4A3A1|A4F4F3A1|c4c4_B3A1|G8G3A1|_B4_B4A3G1|A4F4F3A1|G4C4E3G1|F8F3F1|"
        "F4C4A3A1|A4F4F3A1|c4c4_B3A1|G8G3A1|_B4_B4A3G1|A4F4F3A1|G4C4E3G1|F12",
        "-|F|F|F|C|C|F|C|F|F|F|F|C|C|F|C|F",
    ),
    _Written(
        "Auld lang syne", Metre(),
        "z12C4|F6F2F4A4|G6F2G4A4|F6F2A4c4|d12d4|c6A2A4F4|G6F2G4A4|F6D2D4C4|F12d4|"
        "c6A2A4F4|G6F2G4d4|c6A2A4c4|d12d4|c6A2A4F4|G6F2G4A4|F6D2D4C4|F16",
        "-|F|C|F|Bb|F|C|Bb C|F|F|C|F|Bb|F|C|Bb C|F",
    ),
    _Written(
        "Greensleeves", Metre(6, 8),
        "z10A2|c4d2e3f1e2|d4B2G3A1B2|c4A2A3^G1A2|B4^G2E4A2|c4d2e3f1e2|d4B2G3A1B2|c3B1A2^G3^F1^G2|A12|"
        "g6g3^f1e2|d4B2G3A1B2|c4A2A3^G1A2|B4^G2E6|g6g3^f1e2|d4B2G3A1B2|c3B1A2^G3^F1^G2|A12",
        "-|Am|G|Am|E|Am|G|Am E|Am|C|G|Am|E|C|G|Am E|Am",
    ),
)  # fmt: skip


def known_tunes() -> list[TuneWithChords]:
    """The ten, as songs of the style KNOWN. Raises ValueError for a mistake in one."""
    return [_read(written) for written in _TUNES]


def _read(written: _Written) -> TuneWithChords:
    bar = written.metre.bar_steps
    bars, names = written.notes.split("|"), written.chords.split("|")
    if len(bars) != len(names):
        raise ValueError(f"{written.title}: found {len(names)} bars of chords, expected {len(bars)}")
    pitch, onset = np.full(bar * len(bars), -1, np.int16), np.zeros(bar * len(bars), np.bool_)
    chords = np.full((bar * len(bars), 3), NO_CHORD, np.int64)
    for index, (notes, inside) in enumerate(zip(bars, names, strict=True)):
        step = bar * index
        for accidental, letter, low, length in NOTE.findall(notes):
            end = step + int(length)
            if letter != "z":
                height = LETTERS[letter.upper()] + 12 * letter.islower() - 12 * len(low)
                pitch[step:end] = MIDDLE_C + height + {"^": 1, "_": -1, "": 0}[accidental]
                onset[step] = True
            step = end
        if step != bar * (index + 1):
            raise ValueError(f"{written.title}: bar {index + 1}: found {step - bar * index} 16ths, expected {bar}")
        split = inside.split()
        for place, name in enumerate(split):
            chords[bar * index + bar * place // len(split) : bar * (index + 1)] = _chord(name)
    slots = slots_between(BarGrid.of(written.metre), 0, len(pitch))
    return TuneWithChords(written.title, KNOWN, pitch, onset, chords, slots, written.title)


def _chord(name: str) -> tuple[int, int, int]:
    found = CHORD.fullmatch(name)
    if found is None:
        return NO_CHORD, NO_CHORD, NO_CHORD
    letter, quality = found[1], found[2] or ""
    root = (LETTERS[letter[0]] + {"#": 1, "b": -1}.get(letter[1:], 0)) % 12
    return root, QUALITIES.index(quality), root
