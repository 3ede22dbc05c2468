"""Draws masks of the net's input, so that one net serves phrase, jam, single parts and the rest of a bar."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from composerd.contract.frames import Window
from composerd.contract.layout import DRUMS, Track
from composerd_export.data.batches import WINDOW, WindowBatch

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
PHRASE, CAUSAL, ORDERLESS = range(3)


@dataclass(frozen=True, slots=True)
class MaskMix:
    """Shares of the situations that are trained."""

    phrase: float = 0.3
    """share of windows whose melody is wholly known"""
    causal: float = 0.55
    """share of windows cut at a moment of a live performance"""
    reactive: float = 0.6
    """of those: the note on the decided step is known"""
    ahead: float = 0.1
    """of those: up to a bar of melody more is known"""
    no_plan: float = 0.1
    """share of windows without any chord plan"""
    plan_noise: float = 0.12
    """share of planned chords replaced, up to the one that rules now"""
    future_noise: float = 0.4
    """share of predicted chords that are replaced"""
    forget: float = 0.3
    """share of windows in which some of the band's past is masked"""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A window with flags of what is known, and the weight of each undecided cell in the loss."""

    window: Window
    weight: npt.NDArray[np.float32]
    """(B, T, tracks)"""
    moment: Ints
    """(B,) first step that is decided"""
    kind: Ints
    """(B,) PHRASE, CAUSAL or ORDERLESS"""


def _bar_line_after(window: Window, moment: Ints) -> Ints:
    """(B,) the first bar line after `moment`, at most the window's end."""
    lines = (window.phase == 0) | (window.phase == 16)
    later = lines & (np.arange(WINDOW)[None] > moment[:, None])
    return np.where(later.any(1), np.argmax(later, 1), WINDOW)


def make_task(batch: WindowBatch, tracks: tuple[Track, ...], mix: MaskMix, rng: np.random.Generator) -> Task:
    """Draws a random situation for each window."""
    size, time = len(batch.valid), np.arange(WINDOW)[None]
    kind = np.searchsorted(np.cumsum([mix.phrase, mix.causal]), rng.random(size))
    late = rng.random(size) < 0.75
    moment = np.where(late, rng.integers(28, 53, size), rng.integers(0, 53, size))
    phrase_start = np.where(rng.random(size) < 0.5, 0, rng.integers(0, 49, size))
    moment = np.where(kind == PHRASE, phrase_start, moment)
    heard = _melody_heard(kind, moment, mix, rng)
    known, weight = _parts(batch, tracks, kind, moment, rng)
    known &= _remembered(known.shape, mix.forget, rng) & batch.window.known
    weight = weight * (~known) * batch.valid[..., None] * batch.present[:, None]
    window = replace(batch.window, melody_known=(time < heard[:, None]) & batch.valid, known=known)
    return Task(_planned(window, batch, kind, moment, mix, rng), weight.astype(np.float32), moment, kind)


def _melody_heard(kind: Ints, moment: Ints, mix: MaskMix, rng: np.random.Generator) -> Ints:
    """(B,) number of known melody steps."""
    chance = rng.random(len(kind))
    ahead = np.where(chance < mix.reactive, 1, 0)
    ahead = np.where(chance > 1 - mix.ahead, rng.integers(2, 17, len(kind)), ahead)
    return np.where(kind == CAUSAL, moment + ahead, WINDOW)


def _parts(
    batch: WindowBatch, tracks: tuple[Track, ...], kind: Ints, moment: Ints, rng: np.random.Generator
) -> tuple[Flags, npt.NDArray[np.float64]]:
    """Known flags and weights (B, T, tracks) before `_remembered`."""
    size, count, time = len(kind), len(tracks), np.arange(WINDOW)[None, :, None]
    cut = np.repeat(moment[:, None], count, 1)
    line = _bar_line_after(batch.window, moment)
    planned_ahead = rng.random(size) < 0.8
    for i, track in enumerate(tracks):
        if track.kind == DRUMS:
            cut[:, i] = np.where((kind == CAUSAL) & planned_ahead, line, moment)
    known = time < cut[:, None]
    given = (rng.random((size, count)) < 0.25) & (rng.random(size) < 0.3)[:, None] & (kind != CAUSAL)[:, None]
    block = rng.choice([1, 4, 8], size)
    holes = np.take_along_axis(rng.random((size, WINDOW, count)), time // block[:, None, None], 1)
    scattered = holes < rng.random(size)[:, None, None]
    known = np.where((kind == ORDERLESS)[:, None, None], scattered, known | given[:, None])
    near = np.where(time < cut[:, None] + 4, 2.0, np.where(time < cut[:, None] + 16, 0.8, 0.15))
    return known, np.where((kind == CAUSAL)[:, None, None], near, 1.0)


def _remembered(shape: tuple[int, ...], forget: float, rng: np.random.Generator) -> Flags:
    """Known flags with 15 % of the beats masked in some windows, so that the net does not rely on copying."""
    size, steps, count = shape
    lost = np.repeat(rng.random((size, steps // 4, count)) < 0.15, 4, 1)
    some: Flags = ~(lost & (rng.random(size) < forget)[:, None, None])
    return some


def _planned(
    window: Window, batch: WindowBatch, kind: Ints, moment: Ints, mix: MaskMix, rng: np.random.Generator
) -> Window:
    """A chord plan with errors like a harmonist's: few up to now, more beyond, where it may also be missing."""
    size, time = len(kind), np.arange(WINDOW)[None]
    cell = batch.cell - batch.cell[:, :1]
    now = np.take_along_axis(cell, np.minimum(moment, WINDOW - 1)[:, None], 1)
    later = (cell > now) & (kind == CAUSAL)[:, None]
    share = np.where(later, mix.future_noise, mix.plan_noise)
    share = share * (rng.random(size) < 0.7)[:, None] / 0.7
    wrong = np.take_along_axis(rng.random((size, WINDOW)), cell % WINDOW, 1) < share
    source = np.take_along_axis(rng.integers(0, WINDOW, (size, WINDOW)), cell % WINDOW, 1)
    chord = np.where(wrong, np.take_along_axis(window.chord, source, 1), window.chord)
    bass = np.where(wrong, np.take_along_axis(window.chord_bass, source, 1), window.chord_bass)
    root = chord % 12
    plain = (rng.random(size) < 0.5)[:, None] & (chord >= 0)
    bass = np.where(plain, root, bass)
    horizon = np.where(rng.random(size) < 0.5, WINDOW, moment + rng.integers(1, 17, size))
    horizon = np.where(kind == CAUSAL, horizon, WINDOW)
    seen = (time < horizon[:, None]) & (rng.random(size) >= mix.no_plan)[:, None]
    return replace(window, chord=chord, chord_bass=bass, chord_known=seen & batch.valid)
