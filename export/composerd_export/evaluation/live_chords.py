"""Plans a song's chords live, and measures what memory brings where its melody comes back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from composerd.generators.plan import foreseen_plan
from composerd.music.harmony.harmonist import Harmonist
from composerd.music.metre import BarGrid
from composerd.music.recall import extended, recall, to_bar_line
from composerd.music.roll import MelodyRoll
from composerd_export.data.harmony.songs import TuneWithChords
from composerd_export.evaluation.chords import (
    LEAST_STEPS,
    Flags,
    Named,
    agreement,
    counted,
    grid_of,
    human,
    planned,
    whole,
)

ROLL_STEPS = 256
"""Steps of melody that a live decision is shown."""
WAYS = ("jam", "memory", "phrase")
"""each recognised beat's chord planned without memory, with it, and with the whole melody known"""


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """A song's chords as they were planned live."""

    chords: Named
    foretold: Named
    """on the first step of each bar: the chord that was planned for it on the first beat of the bar before"""
    recognised: Flags
    """(steps,): whether the melody of the last bars was recognised on the beat"""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A song planned in three ways."""

    song: TuneWithChords
    jam: Live
    memory: Live
    phrase: Named


def compared(harmonist: Harmonist, song: TuneWithChords) -> Compared:
    return Compared(song, live(harmonist, song), live(harmonist, song, memory=True), whole(harmonist, song))


def live(harmonist: Harmonist, song: TuneWithChords, memory: bool = False) -> Live:
    """The chords planned in jam mode: each slot with the melody known up to its first step.

    `memory`: as the daemon plans, which recognises bars that were played before; without, each is new to it.
    """
    grid, melody = grid_of(song), MelodyRoll(0, song.pitch, song.onset)
    chords, foretold, recognised = _nothing(song), _nothing(song), np.zeros(song.steps, np.bool_)
    for slot in song.slots:
        heard = melody.window(max(0, slot.start + 1 - ROLL_STEPS), slot.start + 1)
        ahead = _remembered(melody.window(0, slot.start + 1), grid) if memory else None
        if ahead is None:
            plan = harmonist.plan(heard, grid, slot.start, slot.end)
        else:
            plan = foreseen_plan(harmonist, extended(heard, ahead), grid, slot.start, max(slot.end, ahead.end))
        found = planned(plan, song.steps)
        _copy(found, chords, slice(slot.start, slot.end))
        recognised[slot.start : slot.end] = ahead is not None
        if slot.index == 0:
            line = grid.next_bar_line(slot.start)
            _copy(found, foretold, slice(line, line + 1))
    return Live(chords, foretold, recognised)


def _nothing(song: TuneWithChords) -> Named:
    return Named(np.full(song.steps, -1, np.int64), np.full(song.steps, -1, np.int64))


def _copy(source: Named, target: Named, at: slice) -> None:
    target.root[at], target.kind[at] = source.root[at], source.kind[at]


def _remembered(heard: MelodyRoll, grid: BarGrid) -> MelodyRoll | None:
    """The expected continuation of the melody, if its last bars occurred before in the same metre; None otherwise."""
    since, _, metre = next(change for change in reversed(grid.changes) if change[0] < heard.end)
    found = recall(heard.window(since, heard.end), metre.bar_steps)
    return None if found is None else to_bar_line(found.ahead(heard, metre.bar_steps), grid)


def memory_report(songs: Sequence[Compared]) -> str:
    """The table of recognised beats, a line a style of song."""
    head = ["recognised", *WAYS, *(f"next {way}" for way in WAYS), "possible"]
    lines = [f"{'where recognised':<18}{'songs':>6}" + "".join(f"{name:>13}" for name in head)]
    for style in dict.fromkeys(one.song.style for one in songs):
        chosen = [one for one in songs if one.song.style == style and counted(one.song).sum() >= LEAST_STEPS]
        cells = _cells(chosen)
        lines.append(f"{style:<18}{len(chosen):>6}" + "".join(f"{cell:>13.3f}" for cell in cells))
    return "\n".join(lines)


def _cells(songs: Sequence[Compared]) -> list[float]:
    """The share of recognised time; agreement in it by WAYS, the same of the chord of the next bar line, a bar ahead;
    and the agreement over whole songs that there would be with `phrase` where the melody is recognised, `jam`
    elsewhere."""
    known = [one.memory.recognised & counted(one.song) for one in songs]
    agree = [[_agree(one, way) for way in (one.jam.chords, one.memory.chords, one.phrase)] for one in songs]
    ahead = [[_agree(one, way) for way in (one.jam.foretold, one.memory.foretold, one.phrase)] for one in songs]
    lines = [_lines(one) for one in songs]
    possible = [
        float(np.where(here, ways[2], ways[0])[counted(one.song)].mean())
        for one, here, ways in zip(songs, known, agree, strict=True)
    ]
    return [
        _share(zip(known, (counted(one.song) for one in songs), strict=True)),
        *(_share((ways[index], here) for ways, here in zip(agree, known, strict=True)) for index in range(len(WAYS))),
        *(_share((ways[index], here) for ways, here in zip(ahead, lines, strict=True)) for index in range(len(WAYS))),
        sum(possible) / len(possible) if possible else float("nan"),
    ]


def _agree(one: Compared, system: Named) -> Flags:
    return agreement(one.song, human(one.song), system)


def _lines(one: Compared) -> Flags:
    """(steps,): bar lines that were foretold where the melody was recognised."""
    found, grid = np.zeros(one.song.steps, np.bool_), grid_of(one.song)
    for slot in one.song.slots:
        line = grid.next_bar_line(slot.start)
        if slot.index == 0 and line < one.song.steps:
            found[line] = one.memory.recognised[slot.start]
    return found & counted(one.song)


def _share(pairs: Iterable[tuple[Flags, Flags]]) -> float:
    """The share of the steps flagged by the second flags on which the first ones are set."""
    both = [(int((found & here).sum()), int(here.sum())) for found, here in pairs]
    total = sum(count for _, count in both)
    return sum(count for count, _ in both) / total if total else float("nan")
