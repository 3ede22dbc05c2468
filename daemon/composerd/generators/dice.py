"""Random numbers that belong to their steps, bars and sections: asked again, the same is decided alike."""

from __future__ import annotations

import zlib

import numpy as np

from composerd.contract.frames import Floats
from composerd.engine.messages import Request
from composerd.generators.moment import Frame
from composerd.music.metre import STEPS_PER_BEAT

NOISE, CHANCE, ARRANGEMENT, BUSYNESS, GROOVE = range(5)
"""What random numbers are drawn for."""
SECTION_BARS = 4


def _rng(request: Request, purpose: int, bar: int) -> np.random.Generator:
    return np.random.default_rng([request.seed & 0xFFFFFFFF, request.performance, purpose, bar & 0xFFFFFFFF])


def section_rng(request: Request, purpose: int, step: int, bars: int = SECTION_BARS) -> np.random.Generator:
    """Random numbers of the section of `bars` that holds `step`: another song is arranged otherwise, the same alike.

    They hang on the bar before the section (its first bar, at the start), which has been heard when it begins.
    """
    bar = request.grid.place(step).bar
    section = bar // bars
    begins = request.grid.bar_line(step)
    for _ in range(bar % bars):
        begins = request.grid.bar_line(begins - 1)
    heard_to = begins if section else min(request.grid.next_bar_line(0), request.harmony_from or request.until)
    bar_steps = request.grid.place(begins).bar_steps
    heard = request.melody.window(heard_to - bar_steps, heard_to)
    known = heard_to <= request.melody.end
    tune = zlib.crc32(heard.pitch.astype("<i2").tobytes()) if known else 0
    return np.random.default_rng([request.seed & 0xFFFFFFFF, request.performance, purpose, section, tune])


def noise(request: Request, around: Frame, width: int) -> Floats:
    """Standard normal noise that stays the same within a bar (family musegan)."""
    bars = [request.grid.place(step).bar for step in range(around.first, around.until, STEPS_PER_BEAT)]
    drawn = {bar: _rng(request, NOISE, bar).standard_normal(width, np.float32) for bar in set(bars)}
    return np.repeat(np.stack([drawn[bar] for bar in bars]), STEPS_PER_BEAT, 0)[None]


def chances(request: Request, around: Frame, past: int, width: int) -> Floats:
    """(steps, width) random numbers from 0 to 1 that belong to their steps: asked again, a step decides alike."""
    found = np.zeros((around.steps, width), np.float32)
    step = around.first + past  # what lies before is decided
    while step < around.until:
        place = request.grid.place(step)
        until = min(step - place.step + place.bar_steps, around.until)
        bar = _rng(request, CHANCE, place.bar).random((place.bar_steps, width), np.float32)
        found[step - around.first : until - around.first] = bar[place.step : place.step + until - step]
        step = until
    return found
