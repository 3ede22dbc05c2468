"""Each part alone: range, leaps, repeated notes, lengths, touch, and whether hands and lungs can play it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from composerd.generators.voice_leading import VOICE, parallels
from composerd.music.genre import Genre, Part
from composerd.music.roll import REST
from composerd_export.evaluation.judge.windows import BAR, KEY, LOUDNESS, OFF, ON, SILENCE, JudgedWindow, Notes

FIGURES = {
    "notes": "notes a bar",
    "low": "lowest pitch, 5 % lie below",
    "high": "highest pitch, 5 % lie above",
    "outside": "share of notes outside the part's range",
    "leaps": "mean step of its highest notes, semitones",
    "wide": "share of its steps wider than an octave",
    "repeated": "share of its steps that repeat the note",
    "length": "median length, 16ths",
    "short": "share of notes of a 16th",
    "hands": "share of chords that a hand cannot take",
    "breath": "longest stretch without a rest, seconds",
    "parallels": "share of a voice's moves in parallel fifths or octaves with another one",
    "velocity": "deviation of the velocity within a window",
}
"""The figures of a part, with their units."""
GUITAR_STRINGS = (40, 45, 50, 55, 59, 64)
_FRETS = 22
_HAND_FRETS = 4
"""frets that four fingers reach, open strings not counted"""
_HAND_KEYS, _FINGERS = 16, 5
"""semitones and keys of one hand at a piano: a tenth"""
BREATH = 2.0
"""16ths of silence in which a player breathes"""

Figures = dict[str, float]
NAN = float("nan")


def solo(windows: Sequence[JudgedWindow], part: Part) -> Figures:
    """Means of FIGURES over the windows in which the part plays; empty if it never does."""
    rows = [
        {**_of_window(notes, part, window.bars, window.bpm), "parallels": _parallels(window, part)}
        for window, notes in _playing(windows, part)
    ]
    return {name: _mean([row[name] for row in rows]) for name in FIGURES} if rows else {}


def _playing(windows: Sequence[JudgedWindow], part: Part) -> Iterator[tuple[JudgedWindow, Notes]]:
    for window in windows:
        drums = part.role == "drums"
        notes = window.drums if drums else window.parts.get(part.track or part.name, SILENCE)
        later = notes[notes[:, ON] >= BAR]
        if len(later) >= 2:
            yield window, later


def _of_window(notes: Notes, part: Part, bars: int, bpm: float) -> Figures:
    loud = notes[:, LOUDNESS]
    found = {
        **dict.fromkeys(FIGURES, NAN), "notes": len(notes) / max(1, bars - 1),
        "velocity": float(loud.std()) if len(np.unique(loud)) > 1 else NAN,
    }  # fmt: skip
    if part.role == "drums":
        return found
    top = _top(notes)
    steps = np.abs(np.diff(top))
    lengths = notes[:, OFF] - notes[:, ON]
    low, high = np.percentile(notes[:, KEY], (5, 95)).tolist()
    return {
        **found, "low": low, "high": high,
        "outside": float(((notes[:, KEY] < part.low) | (notes[:, KEY] > part.high)).mean()),
        "leaps": _mean(steps), "wide": _mean(steps > 12), "repeated": _mean(steps == 0),
        "length": float(np.median(lengths)), "short": float((lengths < 1.5).mean()),
        "hands": _unplayable(notes, part.name),
        "breath": longest_stretch(notes) * 60.0 / bpm / 4.0,
    }  # fmt: skip


def _parallels(window: JudgedWindow, part: Part) -> float:
    """Share of the voice's moves that make a parallel with the melody or another voice, nan for other parts."""
    if part.role != VOICE:
        return NAN
    name = part.track or part.name
    own = _line(window.parts[name], window.steps)
    rest = [notes for other, notes in window.parts.items() if other != name]
    others = [_line(notes, window.steps) for notes in (window.melody, *rest)]
    moved = []
    for step in range(BAR, window.steps):
        before, now = own[step - 1 : step + 1]
        if REST not in (before, now) and before != now:
            moved.append(bool(parallels(before, [(other[step - 1], other[step]) for other in others])[now]))
    return _mean(moved)


def _line(notes: Notes, steps: int) -> list[int]:
    """The pitch that sounds on each step, -1 in rests."""
    found = np.full(steps, REST)
    for note in notes:
        found[max(0, round(note[ON])) : max(0, round(note[OFF]))] = note[KEY]
    return [int(pitch) for pitch in found]


def _top(notes: Notes) -> Notes:
    """The highest note of each moment."""
    at = np.rint(notes[:, ON])
    return np.array([notes[at == moment, KEY].max() for moment in np.unique(at)])


def _unplayable(notes: Notes, name: str) -> float:
    """Share of the chords struck, nan for parts that are not played by hands on strings or keys."""
    can = {"guitar": guitar_can, "keys": hands_can}.get(name)
    if can is None:
        return NAN
    at = np.rint(notes[:, ON])
    chords = [np.unique(notes[at == moment, KEY]).astype(int).tolist() for moment in np.unique(at)]
    return _mean([not can(chord) for chord in chords if len(chord) > 1])


def guitar_can(chord: Sequence[int]) -> bool:
    """Whether a hand can hold the notes on a guitar: six strings in standard tuning, one note a string."""
    if len(chord) > len(GUITAR_STRINGS):
        return False
    places = [
        [(string, pitch - open_) for string, open_ in enumerate(GUITAR_STRINGS) if 0 <= pitch - open_ <= _FRETS]
        for pitch in chord
    ]
    return any(_grip(grip) for grip in product(*places))


def _grip(places: Sequence[tuple[int, int]]) -> bool:
    frets = [fret for _, fret in places if fret > 0]
    apart = len({string for string, _ in places}) == len(places)
    return apart and (not frets or max(frets) - min(frets) < _HAND_FRETS + (min(frets) > 7))


def hands_can(chord: Sequence[int]) -> bool:
    """Whether two hands can hold the notes: five keys within a tenth each."""
    ordered = sorted(chord)
    return any(_hand(ordered[:cut]) and _hand(ordered[cut:]) for cut in range(len(ordered) + 1))


def _hand(keys: Sequence[int]) -> bool:
    return len(keys) <= _FINGERS and (not keys or keys[-1] - keys[0] <= _HAND_KEYS)


def longest_stretch(notes: Notes) -> float:
    """16ths from the first note after a rest of BREATH to the end of the last one before the next such rest."""
    ordered = notes[np.argsort(notes[:, ON], kind="stable")]
    until = np.maximum.accumulate(ordered[:, OFF])
    rests = ordered[1:, ON] - until[:-1] >= BREATH
    firsts = ordered[np.concatenate([[True], rests]), ON]
    lasts = until[np.concatenate([rests, [True]])]
    return float((lasts - firsts).max())


def solos(windows: Sequence[JudgedWindow], genre: Genre) -> dict[str, Figures]:
    """Part -> its figures."""
    return {part.name: solo(windows, part) for part in genre.parts}


def _mean(values: Sequence[float] | npt.NDArray[Any]) -> float:
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else NAN
