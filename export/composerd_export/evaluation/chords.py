"""Compares planned chords with people's: agreement, changes, last chords and cadences, by style of song.

Agreement is the share of time, from bar 2 of the melody on and where it plays, in which the planned chord has the human
root and kind (major, minor, diminished; augmented counts as major, a suspended chord agrees with either).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.music.chords import ChordPlan
from composerd.music.harmony.harmonist import Harmonist
from composerd.music.harmony.labelling import key_of
from composerd.music.metre import BarGrid, Metre
from composerd.music.roll import MelodyRoll
from composerd_export.data.harmony.songs import QUALITIES as WRITTEN
from composerd_export.data.harmony.songs import TuneWithChords
from composerd_export.evaluation.known import KNOWN

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MAJOR, MINOR, DIMINISHED, SUSPENDED = range(4)
KINDS = {
    "": MAJOR, "7": MAJOR, "maj7": MAJOR, "6": MAJOR, "aug": MAJOR, "m": MINOR, "m7": MINOR, "m6": MINOR,
    "dim": DIMINISHED, "m7b5": DIMINISHED, "dim7": DIMINISHED, "sus4": SUSPENDED, "sus2": SUSPENDED,
}  # fmt: skip
TRIADS = ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 5, 7))
LEAST_STEPS = 32

PEOPLE = {"folk": 0.86, "jazz": 0.70, "hymn": 0.67}
"""Agreement of two collections on the same melodies (songs/README.md)."""
TABLES = {
    "phrase": {"folk": 0.61, "hymn": 0.43, "jazz": 0.34, "pop": 0.38, "final": 0.58, "V-I": 0.32},
    "jam": {"folk": 0.59, "hymn": 0.43, "jazz": 0.27, "pop": 0.35, "final": 0.64, "V-I": 0.32},
}
"""Figures of the tables that the net replaced (commit e16f094), on held-out songs of the same sources."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Per step: root pitch class and kind, -1 without a chord."""

    root: Ints
    kind: Ints


@dataclass(frozen=True, slots=True)
class ChordFigures:
    """Figures of one song, or means of several; None if a song has no such place."""

    agree: float
    root: float
    tones: float
    """share of the planned triad's tones that are in the human one"""
    precision: float | None
    recall: float | None
    """changes on the step, or a step beside it"""
    rate: float | None
    """planned changes for each human one"""
    final: float | None
    """whether the chord under the last note agrees"""
    close: float | None
    """the same, of songs whose chart ends with the melody: others continue after it"""
    cadence: float | None
    """whether dominant and tonic are there where people end with them"""


def human(song: TuneWithChords) -> Named:
    kinds = np.array([*(KINDS[name] for name in WRITTEN), -1])
    return Named(song.chords[:, 0], kinds[song.chords[:, 1]])


def planned(plan: ChordPlan, steps: int) -> Named:
    root, kind = np.full(steps, -1, np.int64), np.full(steps, -1, np.int64)
    for one in plan.chords:
        root[max(0, one.step) : max(0, one.end)] = one.chord.root
        kind[max(0, one.step) : max(0, one.end)] = KINDS[one.chord.quality]
    return Named(root, kind)


def grid_of(song: TuneWithChords) -> BarGrid:
    """The song's bars; those of odd lengths as so many quarters or eighths."""
    changes: list[tuple[int, int, Metre]] = []
    for first in (slot for slot in song.slots if slot.index == 0):
        slots = [slot for slot in song.slots if slot.bar == first.bar]
        length, compound = sum(slot.length for slot in slots), first.length == 6
        metre = Metre(length // 2, 8) if compound or length % 4 else Metre(length // 4, 4)
        if not changes or changes[-1][2] != metre:
            changes.append((first.start, first.bar, metre))
    return BarGrid(tuple(changes))


def whole(harmonist: Harmonist, song: TuneWithChords) -> Named:
    """The chords planned in phrase mode, the whole melody known."""
    melody = MelodyRoll(0, song.pitch, song.onset)
    return planned(harmonist.plan(melody, grid_of(song), 0, song.steps, whole=True), song.steps)


def figures(song: TuneWithChords, system: Named) -> ChordFigures | None:
    """The figures of one song; None if it has too little to compare."""
    truth, heard = human(song), counted(song)
    if heard.sum() < LEAST_STEPS:
        return None
    agree = agreement(song, truth, system)
    ours, theirs = _changes(system, heard), _changes(truth, heard)
    near = {step + by for step in theirs for by in (-1, 0, 1)}
    met = {step + by for step in ours for by in (-1, 0, 1)}
    final, close, cadence = _ending(song, truth, system, agree)
    return ChordFigures(
        float(agree[heard].mean()),
        float((system.root == truth.root)[heard].mean()),
        float(_shared(truth, system)[heard].mean()),
        sum(step in near for step in ours) / len(ours) if ours else None,
        sum(step in met for step in theirs) / len(theirs) if theirs else None,
        len(ours) / len(theirs) if theirs else None,
        final,
        close,
        cadence,
    )


def mean(songs: Iterable[ChordFigures]) -> ChordFigures:
    rows = list(songs)

    def of(name: str) -> float:
        found = [value for row in rows if (value := getattr(row, name)) is not None]
        return sum(found) / len(found) if found else float("nan")

    return ChordFigures(*(of(name) for name in ChordFigures.__dataclass_fields__))


def counted(song: TuneWithChords) -> Flags:
    """Steps with a human chord in the bars, from the second on, in which the melody sounds."""
    bar = np.zeros(song.steps, np.int64)
    for slot in song.slots:
        bar[slot.start : slot.end] = slot.bar
    sounding = np.unique(bar[song.pitch >= 0])
    return np.isin(bar, sounding) & (bar >= 1) & (song.chords[:, 0] >= 0)


def agreement(song: TuneWithChords, truth: Named, system: Named) -> Flags:
    open_fifth = (truth.kind == SUSPENDED) & (system.kind <= MINOR) | (system.kind == SUSPENDED) & (truth.kind <= MINOR)
    same = (system.root == truth.root) & ((system.kind == truth.kind) | open_fifth)
    turned = (song.chords[:, 1] == WRITTEN.index("dim7")) & (system.kind == DIMINISHED)
    return np.asarray(same | turned & ((system.root - truth.root) % 3 == 0))


def _changes(named: Named, counted: Flags) -> list[int]:
    kind = np.where(named.kind == SUSPENDED, MAJOR, named.kind)
    differs = np.flatnonzero((named.root[1:] != named.root[:-1]) | (kind[1:] != kind[:-1])) + 1
    return [int(step) for step in differs if counted[step]]


def _shared(truth: Named, system: Named) -> npt.NDArray[np.float64]:
    """(steps,): the share of the triads' tones in common, 0 where either has no chord."""
    tones = np.zeros((12, len(TRIADS), 12))
    for root in range(12):
        for kind, intervals in enumerate(TRIADS):
            tones[root, kind, [(root + interval) % 12 for interval in intervals]] = 1.0
    both = tones[truth.root, truth.kind] * tones[system.root, system.kind]
    known = (truth.root >= 0) & (system.root >= 0)
    return np.asarray(np.where(known, both.sum(1) / 3, 0.0))


def _ending(
    song: TuneWithChords, truth: Named, system: Named, agree: Flags
) -> tuple[float | None, float | None, float | None]:
    """Whether the last chord agrees; the same where the chart ends with it; and the cadence, where people have one."""
    last = int(np.flatnonzero(song.pitch >= 0)[-1])
    if truth.root[last] < 0:
        return None, None, None
    final = float(agree[last])
    close = None if _goes_on(truth, last) else final
    before, ours = _before(truth, last), _before(system, last)
    fifth = before >= 0 and (truth.root[before] - truth.root[last]) % 12 == 7
    dominant = fifth and truth.kind[before] in (MAJOR, SUSPENDED)
    if not dominant:
        return final, close, None
    kept = ours >= 0 and system.root[ours] == truth.root[before] and system.kind[ours] in (MAJOR, SUSPENDED)
    return final, close, float(bool(agree[last]) and kept)


def _goes_on(truth: Named, last: int) -> bool:
    """Whether the chord changes after step `last`."""
    root, kind = truth.root[last:], truth.kind[last:]
    return bool(((root >= 0) & ((root != root[0]) | (kind != kind[0]))).any())


def _before(named: Named, last: int) -> int:
    """The last step before `last` with another root; -1 for none."""
    return int(max(np.flatnonzero(named.root[:last] != named.root[last]), default=-1))


MAJOR_KEY = ((0, MAJOR), (2, MINOR), (4, MINOR), (5, MAJOR), (7, MAJOR), (9, MINOR))
MINOR_KEY = ((0, MINOR), (3, MAJOR), (5, MINOR), (7, MAJOR), (7, MINOR), (8, MAJOR), (10, MAJOR))
_DEGREE = {0: 0.9, 7: 0.55, 5: 0.45, 3: 0.2, 8: 0.2, 9: 0.13, 2: 0.13, 4: -0.13}


def textbook(song: TuneWithChords) -> Named:
    """Viterbi over the key's own triads, a chord a half bar, from the tones of the melody, with falls by a fifth."""
    counts = np.bincount(song.pitch[song.pitch >= 0] % 12, minlength=12).astype(np.float64)
    key = key_of(counts)
    states = [((key.tonic + degree) % 12, kind) for degree, kind in (MINOR_KEY if key.minor else MAJOR_KEY)]
    spans = [(slot.start, slot.level) for slot in song.slots if slot.level < 2]
    ends = [start for start, _ in spans[1:]] + [song.steps]
    fits = np.array([_fits(song, start, end, states, key.tonic) for (start, _), end in zip(spans, ends, strict=True)])
    falls = np.array([[_moves(after - before) for after, _ in states] for before, _ in states])
    ending = 2.0 * np.array([root == key.tonic for root, _ in states])
    value, back = fits[0] + ending / 4, []
    for row, (_, level) in zip(fits[1:], spans[1:], strict=True):
        reached = value[:, None] + falls + np.eye(len(states)) * (0.8 if level else 0.0)
        back.append(reached.argmax(0))
        value = reached.max(0) + row
    path = [int((value + ending).argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    root, kind = np.zeros(song.steps, np.int64), np.zeros(song.steps, np.int64)
    for (start, _), end, state in zip(spans, ends, reversed(path), strict=True):
        root[start:end], kind[start:end] = states[state]
    return Named(root, kind)


def _moves(semitones: int) -> float:
    """Score of a movement of the root by `semitones`."""
    return 0.5 if semitones % 12 == 5 else -0.2 if semitones % 12 in (1, 6, 11) else 0.0


def _fits(song: TuneWithChords, start: int, end: int, states: list[tuple[int, int]], tonic: int) -> list[float]:
    sung = song.pitch[start:end]
    classes = sung[sung >= 0] % 12
    return [
        sum(0.25 if (pitch - root) % 12 in TRIADS[kind] else -0.3 for pitch in classes.tolist())
        + _DEGREE.get((root - tonic) % 12, 0.0)
        for root, kind in states
    ]


System = Callable[[TuneWithChords], Named]


def report(songs: list[TuneWithChords], systems: dict[str, System]) -> str:
    """The table, a line a system and style of song."""
    head = f"{'':<18}{'songs':>6}" + "".join(f"{name:>10}" for name in ChordFigures.__dataclass_fields__)
    lines = [head]
    styles = list(dict.fromkeys(song.style for song in songs))
    for name, system in systems.items():
        rows = [(song.style, row) for song in songs if (row := figures(song, system(song))) is not None]
        for style in (*styles, "all"):
            chosen = [row for own, row in rows if style == own or (style == "all" and own != KNOWN)]
            average = mean(chosen)
            cells = (getattr(average, field) for field in ChordFigures.__dataclass_fields__)
            lines.append(f"{name + ' ' + style:<18}{len(chosen):>6}" + "".join(f"{cell:>10.3f}" for cell in cells))
    lines.append("people with people  " + ", ".join(f"{style} {value:.2f}" for style, value in PEOPLE.items()))
    for mode, before in TABLES.items():
        lines.append(f"tables before, {mode}: " + ", ".join(f"{name} {value:.2f}" for name, value in before.items()))
    return "\n".join(lines)
