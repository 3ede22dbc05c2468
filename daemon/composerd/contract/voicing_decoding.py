"""Samples notes from the voicing net: on each step part by part, in a chord note by note from the lowest up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.contract.frames import Floats
from composerd.contract.groove_decoding import OPENING, OPENING_BARS
from composerd.contract.layout import MONO
from composerd.contract.voicing import (
    NOWHERE,
    NoteTape,
    Queries,
    anchors,
    frames,
    in_range,
    rows_of,
    set_latest,
    set_query,
)
from composerd.contract.voicing_layout import CHORDS, LASTING, LINE, NOTE, ROWS, VoicingLayout
from composerd.music.roll import HELD, ONSET, PITCHES

Ask = Callable[[str, Floats], Floats]
"""Inference: LINE or CHORDS and frames (N, inputs) -> logits (N, outputs)."""
MOST = 8
"""Largest number of notes in a chord."""
DRAWS = ROWS + MOST + 1
"""Random numbers of a part on a step: one for each row that may be held, then one for each note."""
NEVER = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class VoicingStyle:
    """Sampling parameters."""

    temperature: float = 1.0
    """sampling temperature of pitches; 0 chooses the most likely"""


class VoicingDecoder:
    """Samples the notes of one performance; equal random numbers give equal results."""

    def __init__(self, layout: VoicingLayout, ask: Ask) -> None:
        self.layout, self._ask = layout, ask

    def decide(
        self, tape: NoteTape, queries: Queries, bias: Floats, uniform: Floats, style: VoicingStyle,
        rows: Floats | None = None, ending: npt.NDArray[np.bool_] | None = None, keep: bool = False,
    ) -> npt.NDArray[np.uint8]:  # fmt: skip
        """Decide the cells (128,) of one part on a step on which it begins notes; `queries` holds this one step (N =
        1).

        `bias` (128,) is added to the logits of new notes; `uniform` (DRAWS,) are random numbers from 0 to 1. `rows` (1,
        inputs): frames of the step, built before the latest steps were decided. `ending` (128,): notes that may not be
        held; with `keep` all others are, so that new notes take the place of those alone.
        """
        at = queries.at
        before = tape.notes(queries.part, at - 1, at - 1 >= queries.known_from)[0]
        cells = np.zeros(PITCHES, np.uint8)
        known = int(at[0] - queries.known_from[0])
        opens = known < OPENING_BARS * int(queries.bar_steps[0])
        style = VoicingStyle(style.temperature * (OPENING if opens else 1.0))
        if rows is None:
            rows = frames(self.layout, tape, queries)
        else:
            set_latest(rows, tape, queries)
        anchor = anchors(queries.track, tape.chord[at])
        pitch = int(anchor[0]) + np.arange(ROWS) - ROWS // 2
        open_rows = in_range(queries.track, anchor)[0]
        row_bias = np.where(open_rows, bias[np.clip(pitch, 0, PITCHES - 1)], np.float32(0.0))
        if queries.track.kind == MONO:
            none = np.zeros((1, ROWS), np.uint8)
            set_query(self.layout, rows, np.array([NOTE]), none, np.array([NOWHERE]))
            logits = self._ask(LINE, rows)[0, :ROWS]
            cells[pitch[_drawn(logits, row_bias, open_rows, None, uniform[ROWS], style)]] = ONSET
            return cells
        if ending is not None:
            before = np.where(ending, 0, before)
        sounding = rows_of(before[None], anchor)[0] > 0
        held = sounding & open_rows
        if not keep:
            held = self._lasting(rows, held, queries.track.polyphony, uniform)
        cells[pitch[held]] = HELD
        cells[pitch[self._chord(rows, held, open_rows, row_bias, queries.track.polyphony, uniform, style)]] = ONSET
        return cells

    def _lasting(
        self, rows: Floats, sounding: npt.NDArray[np.bool_], most: int, uniform: Floats
    ) -> npt.NDArray[np.bool_]:
        """(ROWS,) whether a sounding note is held; fewer than `most` are."""
        if not sounding.any():
            return sounding
        set_query(self.layout, rows, np.array([LASTING]), sounding[None].astype(np.uint8), np.array([NOWHERE]))
        scores = self._ask(CHORDS, rows)[0, ROWS + 1 :] + _logistic(uniform[:ROWS])
        scores = np.where(sounding, scores, NEVER)
        held = scores > 0
        if held.sum() >= most:
            held &= scores >= np.sort(scores)[-most + 1] if most > 1 else False
        return np.asarray(held, np.bool_)

    def _chord(
        self, rows: Floats, held: npt.NDArray[np.bool_], open_rows: npt.NDArray[np.bool_], row_bias: Floats, most: int,
        uniform: Floats, style: VoicingStyle,
    ) -> list[int]:  # fmt: skip
        """Sample the rows of the notes that begin, from the lowest up."""
        chosen, found = held.astype(np.uint8), list[int]()
        for place in range(min(MOST, most - int(held.sum()))):
            top = found[-1] if found else NOWHERE
            possible = open_rows & ~held & (np.arange(ROWS) > top)
            if not possible.any():
                break
            set_query(self.layout, rows, np.array([NOTE]), chosen[None], np.array([top]))
            logits = self._ask(CHORDS, rows)[0, : ROWS + 1]
            drawn = _drawn(
                logits[:ROWS], row_bias, possible, logits[ROWS] if found else None, uniform[ROWS + place], style
            )
            if drawn == ROWS:
                break
            found.append(drawn)
            chosen[drawn] = 1
        return found


def _drawn(
    logits: Floats, row_bias: Floats, possible: npt.NDArray[np.bool_], end: np.float32 | None, chance: np.float32,
    style: VoicingStyle,
) -> int:  # fmt: skip
    """Sample a row, or ROWS for no further note; bias and temperature do not change the probability of the latter."""
    plain = np.where(possible, logits, NEVER)
    biased = np.where(possible, (logits + row_bias) / np.float32(max(style.temperature, 0.05)), NEVER)
    weights = np.exp(biased - biased.max())
    if end is not None:
        top = plain.max()
        notes = np.exp(plain - top).sum()
        over = float(np.exp(np.clip(end - top, -30.0, 30.0)) / notes)
        weights = np.append(weights, weights.sum() * np.float32(over))
    cumulative = np.cumsum(weights)
    return min(int(np.searchsorted(cumulative, chance * cumulative[-1], "right")), len(weights) - 1)


def _logistic(uniform: Floats) -> Floats:
    safe = uniform.clip(1e-6, 1 - 1e-6)
    return np.asarray(np.log(safe) - np.log1p(-safe), np.float32)
