"""Plans chords (a ChordPlan) for a melody and for what the player plays below it.

A net trained on songs with human chords (`composerd-export fit-harmonist`) rates each chord on each slot; the best
sequence is the plan. In jam a slot's chord is chosen once the note on the slot's first step is known, and then stays;
chords of later slots are predictions. Pitches are relative to the tonic, so a transposed melody gets the transposed
plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.harmony import encoding, form, path
from composerd.music.harmony.colour import coloured
from composerd.music.harmony.encoding import BelowRoll, Heard
from composerd.music.harmony.key import Key
from composerd.music.harmony.net import HarmonyNet, PastStates
from composerd.music.harmony.readings import Reading, readings_of, sureness, weighed
from composerd.music.harmony.styles import HarmonyStyle
from composerd.music.harmony.substitution import substituted
from composerd.music.harmony.tune import Tune, View, tune_of, view_of
from composerd.music.metre import BarGrid
from composerd.music.roll import REST, MelodyRoll

Floats = npt.NDArray[np.float32]

MEMORY_BARS, MEMORY_BLOCK = 12, 4
"""[bars] A decision uses at least MEMORY_BARS of the melody before it; its window moves in blocks of MEMORY_BLOCK, so
that states computed for the past stay valid."""
KEPT = 2
"""windows whose states are cached"""
ROOM = 16
"""number of slots by which a window may grow before its states are computed anew"""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Inputs of a plan besides the melody."""

    below: BelowRoll | None = None
    """what the player plays below the melody"""
    key: Key | None = None
    """the key, if the player has set it"""
    creativity: float = 0.3
    """0 to 1; above substitution.BEST some chords are replaced by substitutes"""
    seed: int = 0


NOTHING = Given()
NO_STYLE = encoding.style_row(None)


@dataclass(slots=True, eq=False)
class _Past:
    """Cached states of a window, computed from `rows` (slots, PAST_WIDTH), which are above C."""

    readings: tuple[Reading, ...]
    rows: Floats
    states: PastStates
    sure: Floats
    """(readings, slots)"""


class Harmonist:
    """Plans chords. Equal input gives equal plans; states of the past are cached between calls."""

    def __init__(self, net: HarmonyNet, style: HarmonyStyle) -> None:
        self.style = style
        self._net = net
        self._kept: dict[tuple[int, BarGrid], _Past] = {}
        self._whole: tuple[object, ChordPlan] | None = None
        self._latest: tuple[object, ChordPlan] | None = None
        """the input of the last call, and its plan"""

    def plan(
        self,
        melody: MelodyRoll,
        grid: BarGrid,
        step: int,
        until: int,
        whole: bool = False,
        given: Given = NOTHING,
        ends: bool = True,
    ) -> ChordPlan:
        """The chords from the bar that holds `step` to a bar beyond `until`.

        Every step of `melody` before `melody.end` is known. `whole`: every chord may depend on all of it; with `ends`
        the melody is complete, and the plan closes with it.
        """
        last = grid.next_bar_line(grid.next_bar_line(max(until, step + 1) - 1))
        if whole:
            plan = self._whole_plan(melody, grid, min(step, melody.first), last, given, ends)
            return _between(plan, grid, step, last)
        first = max(_block_start(grid, step), grid.bar_line(max(melody.first, 0)))
        view = view_of(grid, first, last)
        heard = melody.window(first, _present(view, melody.end))
        if not (heard.pitch != REST).any():  # a first note between the beats tells of a key at least
            heard = melody.window(first, melody.end)
        asked = (heard.pitch.tobytes(), heard.onset.tobytes(), grid, first, last, grid.bar_line(step), given.key,
                 given.creativity, given.seed, _bytes(given.below, first, heard.end))  # fmt: skip
        if self._latest is None or self._latest[0] != asked:
            here = int(np.searchsorted(view.starts, grid.bar_line(step)))
            self._latest = asked, self._live_plan((first, grid), view, heard, here, given)
        return self._latest[1]

    def _live_plan(
        self, window: tuple[int, BarGrid], view: View, heard: MelodyRoll, here: int, given: Given
    ) -> ChordPlan:
        """The chords from slot `here` on: chosen one by one on slots that have begun, predicted on the others."""
        tune = tune_of(view, heard, given.below, given.key)
        state, found = self._live(window, tune, here, given.key is not None)
        slots, begun = view.slots[here:], max(0, tune.begun - here)
        worth = path.with_bass(found, _above(tune.bass[here:], tune.tonic))
        chosen = path.chosen(worth[:begun], slots, self.style.staying)
        before = int(chosen[-1]) if len(chosen) else None
        coming = path.foretold(worth[begun:], slots[begun:], self._net.follow, before)
        return self._as_plan(tune, here, state, worth, np.concatenate([chosen, coming]), given)

    def _live(self, window: tuple[int, BarGrid], tune: Tune, here: int, said: bool) -> tuple[Floats, Floats]:
        """States (slots, width) and chord scores (slots, CHORDS) from slot `here` on, above the tune's tonic.

        They depend on the past alone.
        """
        readings = readings_of(tune.tonic, self.style, said)
        rows = _past_rows(tune)
        kept, same = self._kept.get(window), 0
        if kept is not None and kept.readings == readings and kept.sure.shape[1] >= len(rows):
            count = min(len(rows), len(kept.rows))
            differs = np.flatnonzero(np.logical_or.reduce(rows[:count] != kept.rows[:count], 1))
            same = int(differs[0]) if len(differs) else count
        if kept is None or not same:
            kept = self._new_past(window, readings, len(rows) + ROOM)
        past = self._net.past(_read(rows[same:], readings), kept.states, same)
        low = min(here, same)
        states = self._net.fused(past[:, low:])
        logs = self._net.chords(states)
        kept.sure[:, low : low + logs.shape[1]] = sureness(logs)
        kept.rows = rows[: tune.begun]
        found = weighed(readings, logs[:, here - low :], kept.sure[:, : tune.begun])
        return states[0, here - low :], found

    def _new_past(self, window: tuple[int, BarGrid], readings: tuple[Reading, ...], room: int) -> _Past:
        self._kept.pop(window, None)
        while len(self._kept) >= KEPT:
            del self._kept[next(iter(self._kept))]
        count = len(readings)
        empty = np.zeros((0, encoding.PAST_WIDTH), np.float32)
        states, sure = PastStates(count, room, self._net.width), np.zeros((count, room), np.float32)
        self._kept[window] = past = _Past(readings, empty, states, sure)
        return past

    def _whole_plan(
        self, melody: MelodyRoll, grid: BarGrid, first: int, last: int, given: Given, ends: bool
    ) -> ChordPlan:
        """The best sequence for all of the melody; the last one is cached."""
        first, end = grid.bar_line(max(0, first)), max(last, melody.end)
        asked = (melody.first, melody.pitch.tobytes(), melody.onset.tobytes(), grid, first, end, given.key,
                 given.creativity, given.seed, given.below, ends)  # fmt: skip
        if self._whole is None or self._whole[0] != asked:
            tune = tune_of(view_of(grid, first, end), melody.window(first, end), given.below, given.key)
            readings = readings_of(tune.tonic, self.style, given.key is not None)
            future = self._net.future(_read_future(_future_rows(tune, ends), readings))
            past = self._net.whole_past(_read(_past_rows(tune), readings))
            states = self._net.fused(past, future, whole=True)
            logs = self._net.chords(states)
            led = logs + form.home(tune, readings, logs.shape[1]) if ends else logs
            found = weighed(readings, form.with_repeats(led, readings, tune), sureness(logs))
            worth = path.with_bass(found, _above(tune.bass, tune.tonic))
            best = path.best(worth, tune.view.slots, self._net.follow)
            self._whole = asked, self._as_plan(tune, 0, states[0], worth, best, given)
        return self._whole[1]

    def _as_plan(
        self,
        tune: Tune,
        here: int,
        state: Floats,
        worth: Floats,
        chords: npt.NDArray[np.int64],
        given: Given,
    ) -> ChordPlan:
        """The plan of slots from `here` on: `chords` (slots,) with colours; equal ones in a row are one entry a bar."""
        slots, tonic = tune.view.slots[here:], tune.tonic
        entries = path.entries(chords, slots)
        rows = _turned_tune(tune, here)
        found = coloured(self._net, state, chords, entries, rows, _above(tune.bass[here:], tonic), self.style)
        planned = tuple(
            PlannedChord(
                slots[low].start,
                slots[high - 1].end - slots[low].start,
                chord.transposed(tonic),
                round(float(np.exp(worth[low, chords[low]])), 6),
            )
            for (low, high), chord in zip(entries, found, strict=True)
        )
        plan = ChordPlan(planned, tune.key.tonic, tune.key.minor)
        return substituted(plan, slots, rows, tonic, given.creativity, given.seed, self.style)


def _present(view: View, end: int) -> int:
    """The end of the melody that is used: the step after the first one of the last slot that has begun.

    Notes on a slot's other steps count from the next slot on.
    """
    index = int(np.searchsorted(view.starts, end)) - 1
    return int(view.starts[index]) + 1 if index >= 0 else min(end, int(view.starts[0]))


def _bytes(below: BelowRoll | None, first: int, end: int) -> tuple[bytes, bytes] | None:
    if below is None:
        return None
    window = below.window(first, end)
    return window.tones.tobytes(), window.bass.tobytes()


def _above(bass: npt.NDArray[np.int64], tonic: int) -> npt.NDArray[np.int64]:
    """Basses (slots,) above C as basses above the tonic; -1, none, stays."""
    return np.where(bass >= 0, (bass - tonic) % 12, bass)


def _turned_tune(tune: Tune, here: int) -> Heard:
    """The melody's rows from slot `here` on, above the tonic, without what is played below it."""
    rows = tune.rows
    whole, first = np.roll(rows.whole[here:, :12], -tune.tonic, 1), np.roll(rows.first[here:, :12], -tune.tonic, 1)
    return Heard(whole, first, rows.counts[here:])


def _past_rows(tune: Tune) -> Floats:
    rows = tune.rows
    return encoding.past_rows(rows.whole, rows.first, encoding.history(rows.counts), tune.view.place, NO_STYLE)


def _future_rows(tune: Tune, ends: bool) -> Floats:
    ending = encoding.endings(len(tune.view.slots), tune.last if ends else None)
    return encoding.future_rows(tune.rows.whole, tune.rows.first, tune.view.place, NO_STYLE, ending)


def _read(rows: Floats, readings: Sequence[Reading]) -> Floats:
    """Past rows (slots, PAST_WIDTH) above C, turned to each reading's tonic: (readings, slots, PAST_WIDTH)."""
    found = encoding.turned(rows, [reading.tonic for reading in readings])
    for index, reading in enumerate(readings):
        found[index, :, encoding.PAST_STYLE] = encoding.style_row(reading.heard)
    return found


def _read_future(rows: Floats, readings: Sequence[Reading]) -> Floats:
    """The same for future rows (slots, FUTURE_WIDTH)."""
    found = encoding.turned_future(rows, [reading.tonic for reading in readings])
    for index, reading in enumerate(readings):
        found[index, :, encoding.FUTURE_STYLE] = encoding.style_row(reading.heard)
    return found


def _between(plan: ChordPlan, grid: BarGrid, step: int, last: int) -> ChordPlan:
    first = grid.bar_line(step)
    chords = tuple(chord for chord in plan.chords if chord.end > first and chord.step < last)
    return ChordPlan(chords, plan.key, plan.minor)


def _block_start(grid: BarGrid, step: int) -> int:
    """The bar line [step] that a window begins at: in whole blocks, MEMORY_BARS or more before `step`."""
    bar = max(0, grid.place(step).bar - MEMORY_BARS) // MEMORY_BLOCK * MEMORY_BLOCK
    first, since, metre = next(change for change in reversed(grid.changes) if change[1] <= bar)
    return int(first + (bar - since) * metre.bar_steps)
