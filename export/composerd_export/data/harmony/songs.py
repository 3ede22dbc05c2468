"""Reads songs to train the harmonist on: a melody and the chords that people wrote above it.

The corpus of songs (`songs/*.npz`, see its README) has them as flat arrays.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from composerd.errors import ConfigError
from composerd.music.harmony.slots import Slot, slots_of_bar, unit_of
from composerd.music.metre import Metre

TICKS_PER_STEP = 6
QUALITIES = ("", "m", "7", "maj7", "m7", "dim", "m7b5", "dim7", "aug", "sus4", "sus2", "6", "m6")
"""the corpus's qualities in its order; one more means no chord"""
NO_CHORD = -1

Ints = npt.NDArray[np.int64]
GENRES = {"Nottingham": "folk", "Open Hymnal": "hymn", "POP909": "pop", "OpenEWLD": "jazz", "neonscribe": "jazz"}


@dataclass(frozen=True, slots=True, eq=False)
class TuneWithChords:
    """One song on the 16th grid. `chords` (steps, 3): root, index in QUALITIES, bass; NO_CHORD without one."""

    name: str
    style: str
    pitch: npt.NDArray[np.int16]
    onset: npt.NDArray[np.bool_]
    chords: Ints
    slots: tuple[Slot, ...]
    title: str = ""

    @property
    def steps(self) -> int:
        return len(self.pitch)


def read_songs(path: Path) -> list[TuneWithChords]:
    """All songs of a corpus file whose bars are whole eighths. Raises OSError, KeyError or ValueError."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    pieces = json.loads(bytes(arrays["meta"]).decode())["pieces"]
    found = (_song(arrays, pieces[index], index) for index in range(len(pieces)))
    return [song for song in found if song is not None]


def read_file(path: Path, option: str = "--chords") -> list[TuneWithChords]:
    """All songs of a corpus file. Raises ConfigError, which begins with `option`, for another file."""
    try:
        return read_songs(path)
    except FileNotFoundError:
        raise ConfigError(f"{option}: {path}: no such file") from None
    except (OSError, KeyError, ValueError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{option}: {path}: not a corpus of songs ({error})") from None


def _song(arrays: dict[str, npt.NDArray[Any]], piece: dict[str, Any], index: int) -> TuneWithChords | None:
    bars = _span(arrays, "bar_ptr", index)
    lengths = arrays["blen"][bars].astype(np.int64)
    if (lengths % (2 * TICKS_PER_STEP)).any():
        return None
    steps = int(lengths.sum()) // TICKS_PER_STEP
    metres = zip(arrays["bnum"][bars].tolist(), arrays["bden"][bars].tolist(), strict=True)
    slots = tuple(_slots(lengths // TICKS_PER_STEP, list(metres)))
    pitch, onset = _melody(arrays, _span(arrays, "note_ptr", index), steps)
    chords = _chords(arrays, _span(arrays, "cseg_ptr", index), steps)
    style = next((style for name, style in GENRES.items() if piece["source"].startswith(name)), None)
    if style is None:
        raise ValueError(f"found a song from {piece['source']!r}, expected one of {', '.join(GENRES)}")
    return TuneWithChords(piece["id"], style, pitch, onset, chords, slots, str(piece.get("title") or piece["id"]))


def _span(arrays: dict[str, npt.NDArray[Any]], pointers: str, index: int) -> slice:
    first, last = arrays[pointers][index : index + 2].tolist()
    return slice(first, last)


def _slots(lengths: Ints, metres: Sequence[tuple[int, int]]) -> Iterator[Slot]:
    line = 0
    for bar, (length, (numerator, denominator)) in enumerate(zip(lengths.tolist(), metres, strict=True)):
        for offset, span, index, count, level in slots_of_bar(length, unit_of(Metre(numerator, denominator))):
            yield Slot(line + offset, span, index, count, level, bar)
        line += length


def _melody(
    arrays: dict[str, npt.NDArray[Any]], notes: slice, steps: int
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.bool_]]:
    pitch, onset = np.full(steps, -1, np.int16), np.zeros(steps, np.bool_)
    starts = np.cumsum(arrays["don"][notes].astype(np.int64))
    rows = zip(starts.tolist(), arrays["dur"][notes].tolist(), arrays["pitch"][notes].tolist(), strict=True)
    for start, length, height in rows:
        first = _nearest(start)
        if first < steps:
            pitch[first : max(first + 1, _nearest(start + length))] = height
            onset[first] = True
    return pitch, onset


def _chords(arrays: dict[str, npt.NDArray[Any]], segments: slice, steps: int) -> Ints:
    found = np.full((steps, 3), NO_CHORD, np.int64)
    lengths = arrays["clen"][segments].astype(np.int64)
    ends = np.cumsum(arrays["cdel"][segments].astype(np.int64) + lengths)
    names = (arrays["croot"][segments], arrays["cqual"][segments], arrays["cbass"][segments])
    for end, length, root, quality, bass in zip(ends, lengths, *names, strict=True):
        if quality < len(QUALITIES):
            found[_nearest(int(end - length)) : _nearest(int(end))] = (root, quality, bass)
    return found


def _nearest(tick: int) -> int:
    return (tick + TICKS_PER_STEP // 2) // TICKS_PER_STEP


def chord_of_slots(song: TuneWithChords) -> Ints:
    """(slots, 3) chord that fills more than half of each slot, else NO_CHORD; columns as in `TuneWithChords.chords`."""
    found = np.full((len(song.slots), 3), NO_CHORD, np.int64)
    codes = np.where(song.chords[:, 0] >= 0, song.chords @ np.array([1, 12, 12 * 16]), NO_CHORD)
    for row, slot in zip(found, song.slots, strict=True):
        names, counts = np.unique(codes[slot.start : slot.end], return_counts=True)
        best = int(names[counts.argmax()])
        if best >= 0 and 2 * counts.max() > slot.length:
            row[:] = best % 12, best // 12 % 16, best // (12 * 16)
    return found
