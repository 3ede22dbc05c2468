"""The harmonist: hears a melody, and what the player plays below it, and plans the chords.

A net learned from songs with human chords (`composerd-export fit-harmonist`) says how well each chord fits each slot;
the best sequence is the plan. While the band plays along a chord is chosen with the note on its slot's first step heard
and stays chosen; what comes is foretold. All is worked out relative to the tonic, so a transposed melody gets the
transposed plan.
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
"""A decision hears at least this many bars back, as far as the melody reaches; the window moves on in blocks so that
what was found for the past can be kept."""
KEPT = 2
"""windows whose past is kept"""
ROOM = 16
"""slots that a window may grow by before its past is worked out anew"""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What is known beside the melody."""

    below: BelowRoll | None = None
    """what the player plays below the melody"""
    key: Key | None = None
    """the key, where the player has said it"""
    creativity: float = 0.3
    """above BEST some chords give way to those that a musician would put in their place"""
    seed: int = 0


NOTHING = Given()
NO_STYLE = encoding.style_row(None)


@dataclass(slots=True, eq=False)
class _Past:
    """What was found for the past of a window: `rows` are what was heard, above C, of the slots that `states` know."""

    readings: tuple[Reading, ...]
    rows: Floats
    states: PastStates
    sure: Floats
    """(readings, slots)"""


class Harmonist:
    """Plans chords. Equal input gives equal plans; what was worked out for the past is kept for the next question."""

    def __init__(self, net: HarmonyNet, style: HarmonyStyle) -> None:
        self.style = style
        self._net = net
        self._kept: dict[tuple[int, BarGrid], _Past] = {}
        self._whole: tuple[object, ChordPlan] | None = None
        self._latest: tuple[object, ChordPlan] | None = None
        """what was asked last, and the plan"""

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

        Every step of `melody` before `melody.end` is known. `whole`: every chord is chosen knowing all of it; with
        `ends` it is complete, and closes where it ends.
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
        """The chords from slot `here` on: those of slots that have begun as they were chosen, the others foretold."""
        tune = tune_of(view, heard, given.below, given.key)
        state, found = self._live(window, tune, here, given.key is not None)
        slots, begun = view.slots[here:], max(0, tune.begun - here)
        worth = path.with_bass(found, _above(tune.bass[here:], tune.tonic))
        chosen = path.chosen(worth[:begun], slots, self.style.staying)
        before = int(chosen[-1]) if len(chosen) else None
        coming = path.foretold(worth[begun:], slots[begun:], self._net.follow, before)
        return self._as_plan(tune, here, state, worth, np.concatenate([chosen, coming]), given)

    def _live(self, window: tuple[int, BarGrid], tune: Tune, here: int, said: bool) -> tuple[Floats, Floats]:
        """States above the tune's tonic, and worth, of the slots from `here` on: the past alone is heard."""
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
        """The best sequence for all of the melody; the one found last is kept."""
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
            found = weighed(readings, led, sureness(logs))
            worth = path.with_bass(form.with_repeats(found, tune), _above(tune.bass, tune.tonic))
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
        """The chords of the slots from `here` on with their colours. Equal ones in a row are one entry a bar."""
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
    """The step after the first one of the slot that holds what was heard last: what comes on a slot's other steps
    counts from the next slot on."""
    index = int(np.searchsorted(view.starts, end)) - 1
    return int(view.starts[index]) + 1 if index >= 0 else min(end, int(view.starts[0]))


def _bytes(below: BelowRoll | None, first: int, end: int) -> tuple[bytes, bytes] | None:
    if below is None:
        return None
    window = below.window(first, end)
    return window.tones.tobytes(), window.bass.tobytes()


def _above(bass: npt.NDArray[np.int64], tonic: int) -> npt.NDArray[np.int64]:
    """Basses above C as those above the tonic."""
    return np.where(bass >= 0, (bass - tonic) % 12, bass)


def _turned_tune(tune: Tune, here: int) -> Heard:
    """What is heard of the melody from slot `here` on, above the tonic."""
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
    """Past rows above C (slots, PAST_WIDTH) as each reading has them: (readings, slots, PAST_WIDTH)."""
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
    """The bar line that memory begins at: in whole blocks, MEMORY_BARS or more before `step`."""
    bar = max(0, grid.place(step).bar - MEMORY_BARS) // MEMORY_BLOCK * MEMORY_BLOCK
    first, since, metre = next(change for change in reversed(grid.changes) if change[1] <= bar)
    return int(first + (bar - since) * metre.bar_steps)
