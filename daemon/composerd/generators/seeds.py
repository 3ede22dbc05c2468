"""Random numbers seeded by step, bar and section, so that a repeated request is decided alike."""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np

from composerd.contract.frames import Floats
from composerd.engine.messages import Request
from composerd.generators.window import Frame
from composerd.music.metre import STEPS_PER_BEAT

NOISE, CHANCE, ARRANGEMENT, BUSYNESS, GROOVE, PLANS, CELLS, VOICES, TEXTURES = range(9)
"""Purposes of random numbers, part of their seeds."""
SECTION_BARS = 4


@lru_cache(maxsize=64)
def _drawn(seed: tuple[int, ...], shape: tuple[int, ...], normal: bool) -> Floats:
    """Single-precision numbers, standard normal or from 0 to 1; cached, since a bar is requested many times."""
    rng = np.random.default_rng(seed)
    found = rng.standard_normal(shape, np.float32) if normal else rng.random(shape, np.float32)
    found.setflags(write=False)
    return found


@lru_cache(maxsize=64)
def uniform(seed: tuple[int, ...], count: int) -> tuple[float, ...]:
    """`count` random numbers from 0 to 1."""
    return tuple(np.random.default_rng(seed).random(count).tolist())


@lru_cache(maxsize=64)
def normal(seed: tuple[int, ...], count: int) -> tuple[float, ...]:
    """`count` standard normal random numbers."""
    return tuple(np.random.default_rng(seed).standard_normal(count).tolist())


def _performance_seed(request: Request) -> tuple[int, ...]:
    """Seed of a whole performance, part of all others."""
    return request.seed & 0xFFFFFFFF, request.performance, request.opening


@lru_cache(maxsize=64)
def _permutation(seed: tuple[int, ...], count: int) -> tuple[int, ...]:
    return tuple(np.random.default_rng(seed).permutation(count).tolist())


def permutation(request: Request, purpose: int, count: int) -> tuple[int, ...]:
    """The numbers below `count` in an order that is one for the whole performance."""
    return _permutation((*_performance_seed(request), purpose), count)


def _bar_seed(request: Request, purpose: int, bar: int) -> tuple[int, ...]:
    return *_performance_seed(request), purpose, bar & 0xFFFFFFFF


def section_seed(request: Request, purpose: int, step: int, bars: int = SECTION_BARS) -> tuple[int, ...]:
    """Seed of the section of `bars` bars that holds `step`; it depends on the melody, so that songs are arranged
    differently.

    The melody is that of the bar before the section (of the first bar at the start), which is known when it begins.
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
    return *_performance_seed(request), purpose, section, tune


def unit_chances(request: Request, purpose: int, unit: int, shape: tuple[int, int]) -> Floats:
    """Random numbers of `shape` from 0 to 1, seeded by a unit of bars."""
    return _drawn(_bar_seed(request, purpose, unit), shape, normal=False)


def noise(request: Request, around: Frame, width: int) -> Floats:
    """(steps, width) standard normal noise, constant within a bar (family musegan)."""
    bars = [request.grid.place(step).bar for step in range(around.first, around.until, STEPS_PER_BEAT)]
    drawn = [_drawn(_bar_seed(request, NOISE, bar), (width,), normal=True) for bar in bars]
    return np.stack(drawn).repeat(STEPS_PER_BEAT, 0)[None]


def chances(request: Request, around: Frame, past: int, width: int) -> Floats:
    """(steps, width) random numbers from 0 to 1, seeded by step, so that a step decided again is decided alike."""
    found = np.zeros((around.steps, width), np.float32)
    step = around.first + past  # earlier steps are decided already
    while step < around.until:
        place = request.grid.place(step)
        until = min(step - place.step + place.bar_steps, around.until)
        bar = _drawn(_bar_seed(request, CHANCE, place.bar), (place.bar_steps, width), normal=False)
        found[step - around.first : until - around.first] = bar[place.step : place.step + until - step]
        step = until
    return found
