"""Samples notes from the voicing net: on each step part by part, in a chord note by note from the lowest up."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
import numpy.typing as npt

from composerd.contract.frames import Bytes, Floats, Ints
from composerd.contract.layout import MONO
from composerd.contract.voicing import NoteTape, Queries, anchors, early_frames, latest_columns, rows_at
from composerd.contract.voicing_layout import QUESTIONS, ROWS, SPAN, VoicingLayout, stage_columns
from composerd.contract.voicing_reading import Reading, VoicingNet
from composerd.music.roll import HELD, ONSET, PITCHES

MOST = 8
"""Largest number of notes in a chord."""
DRAWS = ROWS + MOST + 1
"""Random numbers of a part on a step: one for each row that may be held, then one for each note."""
NEVER = np.float32(-1e9)
_BEYOND = np.zeros(SPAN, np.float32)


@dataclass(frozen=True, slots=True)
class VoicingStyle:
    """Sampling parameters."""

    temperature: float = 1.0
    """sampling temperature of pitches; 0 chooses the most likely"""


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """Steps of one part as input of the net, from before their notes are decided."""

    queries: Queries
    frames: Floats
    """(N, inputs)"""
    sums: Floats
    """(N, hidden) the first layer's outputs for them"""
    anchors: Ints
    """(N,)"""


class VoicingDecoder:
    """Samples the notes of one performance; equal random numbers give equal results."""

    def __init__(self, layout: VoicingLayout, net: VoicingNet) -> None:
        self.layout, self._net = layout, net
        self._stage = stage_columns(layout).start

    def bar(self, tape: NoteTape, queries: Queries) -> Bar:
        """The input for N steps of one part, whose notes are then decided in order."""
        rows = early_frames(self.layout, tape, queries)
        sums = self._net.sums(QUESTIONS[queries.track.kind], rows)
        return Bar(queries, rows, sums, anchors(queries.track, tape.chord[queries.at]))

    def decide(
        self, tape: NoteTape, bar: Bar, place: int, bias: Floats, uniform: Floats, style: VoicingStyle,
        ending: npt.NDArray[np.bool_] | None = None, keep: bool = False,
    ) -> Bytes:  # fmt: skip
        """Decide the cells (128,) of one part on the step at index `place` of `bar`, on which it begins notes.

        `bias` (128,) is added to the logits of new notes; `uniform` (DRAWS,) are random numbers from 0 to 1. `ending`
        (128,): notes that may not be held; with `keep` all others are, so that new notes take the place of those alone.
        """
        return _Step(self._net, self._stage, tape, bar, place, bias, uniform, style).decided(ending, keep)


class _Step:
    """Samples the notes of one part on one step."""

    def __init__(
        self, net: VoicingNet, stage: int, tape: NoteTape, bar: Bar, place: int, bias: Floats, uniform: Floats,
        style: VoicingStyle,
    ) -> None:  # fmt: skip
        queries = bar.queries
        self.track, self.uniform = queries.track, uniform
        self.at, self.known_from = int(queries.at[place]), int(queries.known_from[place])
        self.anchor = int(bar.anchors[place])
        self.low = max(0, self.track.low - self.anchor + SPAN)
        self.high = min(ROWS, self.track.high + 1 - self.anchor + SPAN)
        self.bias = np.concatenate([_BEYOND, bias, _BEYOND])[self.anchor : self.anchor + ROWS]
        self.temperature = max(style.temperature, 0.05)
        self.before = tape.sounding[queries.part, self.at - 1] if self.at - 1 >= self.known_from else None
        columns = latest_columns(tape, queries.part, self.at, self.known_from, self.anchor)
        self.reading = Reading.of(
            net, QUESTIONS[self.track.kind], bar.frames[place], bar.sums[place], columns, stage
        )  # fmt: skip

    def decided(self, ending: npt.NDArray[np.bool_] | None, keep: bool) -> Bytes:
        cells = np.zeros(PITCHES, np.uint8)
        lowest = self.anchor - SPAN
        if self.track.kind == MONO:
            logits, _ = self.reading.next_note((), None)
            cells[lowest + self._drawn(logits, self.low, [], None, self.uniform[ROWS])] = ONSET
            return cells
        held = self._held(ending, keep)
        for rows, state in ((held, HELD), (self._chord(held), ONSET)):
            for row in rows:
                cells[lowest + row] = state
        return cells

    def _held(self, ending: npt.NDArray[np.bool_] | None, keep: bool) -> list[int]:
        """The rows that are held."""
        if self.before is None:
            return []
        before = self.before if ending is None else np.where(ending, 0, self.before)
        sounding = [row for row in rows_at(before, self.anchor) if self.low <= row < self.high]
        return sounding if keep or not sounding else self._lasting(sounding)

    def _lasting(self, sounding: list[int]) -> list[int]:
        """The sounding rows that are held; fewer than the track has voices."""
        scores = (self.reading.lasting(sounding) + _logistic(self.uniform[:ROWS]))[sounding]
        held = scores > 0
        most = self.track.polyphony
        if held.sum() >= most:
            held &= scores >= np.sort(scores)[-most + 1] if most > 1 else False
        return [row for row, lasts in zip(sounding, held.tolist(), strict=True) if lasts]

    def _chord(self, held: list[int]) -> list[int]:
        """Sample the rows of the notes that begin, from the lowest up."""
        found = list[int]()
        for place in range(min(MOST, self.track.polyphony - len(held))):
            low = found[-1] + 1 if found else self.low
            if all(row in held for row in range(low, self.high)):
                break
            logits, end = self.reading.next_note([*held, *found], found[-1] if found else None)
            drawn = self._drawn(logits, low, held, end if found else None, self.uniform[ROWS + place])
            if drawn == self.high:
                break
            found.append(drawn)
        return found

    def _drawn(self, logits: Floats, low: int, held: list[int], end: float | None, chance: np.float32) -> int:
        """Sample a row from `low` on that is not `held`, or `high` for no further note.

        Bias and temperature do not change the probability of the latter.
        """
        plain = logits[low : self.high]
        for row in held:
            if row >= low:
                plain[row - low] = NEVER
        biased = (plain + self.bias[low : self.high]) / np.float32(self.temperature)
        weights = np.exp(biased - biased.max())
        cumulative = weights.cumsum()
        total = cumulative[-1]
        if end is not None:
            top = float(plain.max())
            total += total * np.float32(exp(min(max(end - top, -30.0), 30.0))) / np.exp(plain - np.float32(top)).sum()
        drawn = int(cumulative.searchsorted(chance * total, "right"))
        return low + (drawn if end is not None else min(drawn, len(weights) - 1))


def _logistic(uniform: Floats) -> Floats:
    safe = uniform.clip(1e-6, 1 - 1e-6)
    return np.asarray(np.log(safe) - np.log1p(-safe), np.float32)
