"""Samples a band's rhythm from the groove net: a plan per bar and part, then the cells one by one at temperature 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from composerd.contract.frames import Floats, Ints
from composerd.contract.groove import (
    AFTER,
    BAND_BARS,
    BAND_STEPS,
    CHOICES,
    COPY,
    DRUM_BARS,
    DRUM_STEPS,
    HISTORY,
    LAGS,
    NEW,
    REACH,
    UNKNOWN_PLAN,
    VARY,
    Bars,
    GrooveLayout,
    Tape,
    bar_frames,
    likeness,
    onset_columns,
    plan_of,
    step_frames,
)  # fmt: skip

Ask = Callable[[str, Floats], Floats]
"""Inference: a question (one of QUESTIONS) and its frames (N, inputs) -> logits (N, outputs)."""
AT_ONCE = 12 - AFTER
"""Steps that may be decided from one batch of frames: their inputs from earlier bars do not overlap with them."""
REST, HOLD, STRIKE = range(3)
"""Classes of a pitched part's cell."""
RESTLESS = 1.5
"""Added to the logits of a new bar and a variation of a part whose last HISTORY plans are all copies: some training
songs are loops, and without it a part that has copied for so long would never stop."""
ENTRANCE_BARS, ENTRANCE = 2, 4.0
"""Added to the onset logit of a part that is to play and has been silent for so many bars; without it the net, trained
on many pieces that lack the part, leaves it out for good."""


@dataclass(frozen=True, slots=True)
class GrooveStyle:
    """Biases of the net's logits."""

    fuller: float = 0.0
    """added to the logits of onsets in bars that are no exact copy"""
    fresher: float = 0.0
    """added to the logit of a new bar; below 0 the band repeats itself more"""
    bias: Mapping[int, Floats] = field(default_factory=dict)
    """step of the tape -> (drums,) added to the logits of that step, which is then not copied"""


def past_plans(layout: GrooveLayout, tape: Tape, bars: Bars) -> Ints:
    """(1, HISTORY, tracks) plans of the bars before the one of `bars`, found by comparing their onsets."""
    start, steps, first = int(bars.start[0]), int(bars.steps[0]), int(bars.known_from[0])
    count = min(HISTORY + LAGS[-1], max(0, (start - first) // steps))
    found = np.full((1, HISTORY, len(layout.tracks)), UNKNOWN_PLAN, np.int64)
    if not count:
        return found
    cells = tape.cells[start - count * steps : start].reshape(count, steps, -1)
    alike = np.zeros((count, len(layout.tracks), len(LAGS)), np.float32)
    for part in range(len(layout.tracks)):
        rows = cells[..., onset_columns(layout, part)]
        for i, lag in enumerate(LAGS):
            if lag < count:
                alike[lag:, part, i] = likeness(rows[lag:], rows[:-lag])
    known = np.arange(count)[:, None] >= np.array(LAGS)
    plans = plan_of(alike, known[:, None])[-HISTORY:]
    found[0, HISTORY - len(plans) :] = plans
    return found


class GrooveDecoder:
    """Samples the rhythm of one performance; equal random numbers give equal results."""

    def __init__(self, layout: GrooveLayout, ask: Ask, links: Mapping[str, Floats]) -> None:
        self.layout, self._ask, self._links = layout, ask, links

    def drum_plan(self, tape: Tape, bars: Bars, chance: float, style: GrooveStyle) -> int:
        """Sample the drums' plan of the bar in `bars`, from the drums before it alone."""
        past = past_plans(self.layout, tape, bars)
        logits = self._ask(DRUM_BARS, bar_frames(self.layout, DRUM_BARS, tape, bars, past))[0]
        return self._choose(logits, bars, chance, style, _stale(past, 0))

    def band_plans(self, tape: Tape, bars: Bars, drums: int | None, chance: Floats, style: GrooveStyle) -> list[int]:
        """Sample the plans of all tracks for the bar in `bars`, the drums' first if there are any."""
        layout, link = self.layout, self._links["plan_links"]
        past = past_plans(layout, tape, bars)
        logits = self._ask(BAND_BARS, bar_frames(layout, BAND_BARS, tape, bars, past))[0].reshape(-1, CHOICES)
        chosen = np.zeros(len(layout.tracks) * CHOICES, np.float32)
        plans = [] if drums is None else [drums]
        for i, row in enumerate(logits, start=len(plans)):
            if i:
                chosen[(i - 1) * CHOICES + plans[i - 1]] = 1.0
            linked = row + link[i * CHOICES : (i + 1) * CHOICES] @ chosen
            enters = self._silent(tape, bars, i)
            plans.append(self._choose(linked, bars, float(chance[i]), style, _stale(past, i), enters))
        return plans

    def _silent(self, tape: Tape, bars: Bars, part: int) -> bool:
        """Whether a part has been silent as far as plans reach back, so that there is nothing to copy."""
        start, steps = int(bars.start[0]), int(bars.steps[0])
        first = max(int(bars.known_from[0]), start - LAGS[-1] * steps, 0)
        return not tape.cells[first:start, self.layout.columns[part]].any()

    def _choose(
        self, logits: Floats, bars: Bars, chance: float, style: GrooveStyle, stale: bool, enters: bool = False
    ) -> int:  # fmt: skip
        lags = bars.lags[0] & (not enters)
        possible = np.concatenate([[True], lags, lags])
        scores = np.where(possible, logits, -1e9)
        scores[NEW] += style.fresher + RESTLESS * stale
        scores[VARY:] += RESTLESS * stale
        cumulative = np.cumsum(np.exp(scores - scores.max()))
        return min(int(np.searchsorted(cumulative, chance * cumulative[-1])), CHOICES - 1)

    def draw_drums(self, tape: Tape, bars: Bars, steps: range, heard: int, plan: int, chance: Floats,
                   style: GrooveStyle) -> None:  # fmt: skip
        """Sample the drums on `steps` of the tape, in place; `chance` (len(steps), drums) uniform random numbers."""
        width, link = self.layout.drums, self._links["drum_links"]
        copied = _copied(plan, bars)
        plans = np.full((1, len(self.layout.tracks)), plan)
        for i, now, frames in self._frames(DRUM_STEPS, tape, bars, steps, heard, plans):
            if copied and now not in style.bias:
                tape.cells[now, :width] = tape.cells[now - copied, :width]
                continue
            scores = self._ask(DRUM_STEPS, frames())[0] + style.fuller + style.bias.get(now, 0.0)
            noise = _logistic(chance[i])
            struck = np.zeros(width, np.float32)
            for row in range(width):
                struck[row] = scores[row] + (link[row] @ struck if row else 0.0) + noise[row] > 0
            tape.cells[now, :width] = struck

    def draw_band(self, tape: Tape, bars: Bars, steps: range, heard: int, plans: list[int], present: Floats,
                  chance: Floats, style: GrooveStyle) -> None:  # fmt: skip
        """Sample the pitched parts on `steps` of the tape in place; `chance` (len(steps), parts), `present`
        (tracks,)."""
        copies = [_copied(plan, bars) for plan in plans]
        free = [i for i in self.layout.pitched if present[i] and not copies[i]]
        for i, now, frames in self._frames(BAND_STEPS, tape, bars, steps, heard, np.array([plans])):
            logits = self._ask(BAND_STEPS, frames())[0].reshape(-1, 3) if free else None
            if logits is not None:
                logits = logits + self._entrances(tape, bars, now)
            self._draw_step(tape.cells, now, copies, present, logits, chance[i], style.fuller)

    def _entrances(self, tape: Tape, bars: Bars, now: int) -> Floats:
        """(parts, 3) added to the logits at step `now` of the tape, so that parts silent for ENTRANCE_BARS enter."""
        first = max(int(bars.known_from[0]), now - ENTRANCE_BARS * int(bars.steps[0]))
        found = np.zeros((len(self.layout.pitched), 3), np.float32)
        if now - first >= ENTRANCE_BARS * int(bars.steps[0]):
            waits = [not tape.cells[first:now, self.layout.columns[part]].any() for part in self.layout.pitched]
            found[:, STRIKE] = ENTRANCE * np.array(waits)
        return found

    def _draw_step(self, cells: np.ndarray, now: int, copies: list[int], present: Floats, logits: Floats | None,
                   chance: Floats, fuller: float) -> None:  # fmt: skip
        layout, link = self.layout, self._links["band_links"]
        first = layout.pitched[0]
        row = cells[now]
        for place, part in enumerate(layout.pitched):
            columns = layout.columns[part]
            sounds = now > 0 and bool(cells[now - 1, columns].any())
            if not present[part]:
                row[columns] = 0
            elif copies[part]:
                row[columns] = cells[now - copies[part], columns]
                row[columns.start + 1] &= sounds
            else:
                assert logits is not None
                before = row[layout.columns[first].start : layout.columns[first].start + 2 * place]
                scores = logits[place] + link[3 * place : 3 * place + 3, : 2 * place] @ before
                scores[STRIKE] += fuller
                scores[HOLD] = scores[HOLD] if sounds else -1e9
                cumulative = np.cumsum(np.exp(scores - scores.max()))
                drawn = int(np.searchsorted(cumulative, chance[place] * cumulative[-1]))
                row[columns.start], row[columns.start + 1] = drawn >= STRIKE, drawn == HOLD

    def _frames(self, question: str, tape: Tape, bars: Bars, steps: range, heard: int, plans: Ints
    ) -> Iterator[tuple[int, int, Callable[[], Floats]]]:  # fmt: skip
        """Yield (index, step, its frames) for each step; the frames include the cells decided just before."""
        width = self.layout.drums if question == DRUM_STEPS else self.layout.width
        for begin in range(steps.start, steps.stop, AT_ONCE):
            some = np.arange(begin, min(begin + AT_ONCE, steps.stop))
            built: Floats | None = None

            def frames(now: int, some: Ints = some, begin: int = begin) -> Floats:
                nonlocal built
                if built is None:
                    rows = bars.pick(np.zeros(len(some), np.int64))
                    limit = np.full(len(some), heard)
                    at = np.repeat(plans, len(some), 0)
                    built = step_frames(self.layout, question, tape, rows, some - rows.start, limit, at)
                row = built[now - begin : now - begin + 1]
                low = max(int(bars.known_from[0]), now - REACH)
                row[0, : REACH * width] = 0.0
                row[0, (REACH - now + low) * width : REACH * width] = tape.cells[low:now, :width].ravel()
                return row

            for now in some.tolist():
                yield now - steps.start, now, partial(frames, now)


def _stale(past: Ints, part: int) -> bool:
    """Whether a part's last HISTORY plans (1, HISTORY, tracks) are all copies."""
    plans = past[0, :, part]
    return bool(((plans >= COPY) & (plans < VARY)).all())


def _copied(plan: int, bars: Bars) -> int:
    """Distance in steps from which a plan copies, 0 if it does not."""
    return LAGS[plan - COPY] * int(bars.steps[0]) if COPY <= plan < VARY else 0


def _logistic(uniform: Floats) -> Floats:
    safe = uniform.clip(1e-6, 1 - 1e-6)
    return np.asarray(np.log(safe) - np.log1p(-safe), np.float32)
