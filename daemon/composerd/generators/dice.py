"""Random numbers that belong to their steps, bars and sections: asked again, the same is decided alike."""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np

from composerd.contract.frames import Floats
from composerd.engine.messages import Request
from composerd.generators.moment import Frame
from composerd.music.metre import STEPS_PER_BEAT

NOISE, CHANCE, ARRANGEMENT, BUSYNESS, GROOVE = range(5)
"""What random numbers are drawn for."""
SECTION_BARS = 4


@lru_cache(maxsize=64)
def _drawn(seed: tuple[int, ...], shape: tuple[int, ...], normal: bool) -> Floats:
    """Single-precision numbers, standard normal or from 0 to 1; kept, since a bar is asked for many times."""
    rng = np.random.default_rng(seed)
    found = rng.standard_normal(shape, np.float32) if normal else rng.random(shape, np.float32)
    found.setflags(write=False)
    return found


@lru_cache(maxsize=64)
def uniform(seed: tuple[int, ...], count: int) -> tuple[float, ...]:
    """Numbers from 0 to 1."""
    return tuple(np.random.default_rng(seed).random(count).tolist())


@lru_cache(maxsize=64)
def normal(seed: tuple[int, ...], count: int) -> tuple[float, ...]:
    """Standard normal numbers."""
    return tuple(np.random.default_rng(seed).standard_normal(count).tolist())


def _bar_seed(request: Request, purpose: int, bar: int) -> tuple[int, ...]:
    return request.seed & 0xFFFFFFFF, request.performance, purpose, bar & 0xFFFFFFFF


def section_seed(request: Request, purpose: int, step: int, bars: int = SECTION_BARS) -> tuple[int, ...]:
    """Of the section of `bars` that holds `step`: another song is arranged otherwise, the same alike.

    It hangs on the bar before the section (its first bar, at the start), which has been heard when it begins.
    """
    bar = request.grid.place(step).bar
    section = bar // bars
    begins = request.grid.bar_line(step)
    for _ in range(bar % bars):
        begins = request.grid.bar_line(begins - 1)
    heard_to = begins if section else min(request.grid.next_bar_line(0), request.harmony_from or request.until)
    bar_steps = request.grid.place(begins).bar_steps
    tune = 0
    if heard_to <= request.melody.end:
        heard = request.melody.window(heard_to - bar_steps, heard_to)
        tune = zlib.crc32(heard.pitch.astype("<i2").tobytes())
    return request.seed & 0xFFFFFFFF, request.performance, purpose, section, tune


def noise(request: Request, around: Frame, width: int) -> Floats:
    """Standard normal noise that stays the same within a bar (family musegan)."""
    bars = [request.grid.place(step).bar for step in range(around.first, around.until, STEPS_PER_BEAT)]
    drawn = [_drawn(_bar_seed(request, NOISE, bar), (width,), normal=True) for bar in bars]
    return np.stack(drawn).repeat(STEPS_PER_BEAT, 0)[None]


def chances(request: Request, around: Frame, past: int, width: int) -> Floats:
    """(steps, width) random numbers from 0 to 1 that belong to their steps: asked again, a step decides alike."""
    found = np.zeros((around.steps, width), np.float32)
    step = around.first + past  # what lies before is decided
    while step < around.until:
        place = request.grid.place(step)
        until = min(step - place.step + place.bar_steps, around.until)
        bar = _drawn(_bar_seed(request, CHANCE, place.bar), (place.bar_steps, width), normal=False)
        found[step - around.first : until - around.first] = bar[place.step : place.step + until - step]
        step = until
    return found
