"""Thresholds that make the net play as densely as the corpus, found by letting it play live on validation windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from composerd.contract.card import Decoding
from composerd.contract.decoding import Decoder, Style, chance_width
from composerd.contract.frames import Window
from composerd.contract.layout import DRUMS, MONO, Layout
from composerd.music.roll import ONSET, REST
from composerd_export.data.batches import WINDOW, Batch, Windows
from composerd_export.data.rolls import Rolls
from composerd_export.rollout import Forward

STEP, SETTLED = 4, 16
"""A live decision every beat; what is played before step SETTLED is not counted."""
ROUNDS, PACE, FURTHEST = 6, 0.7, 3.0
"""Corrections, how much of each is believed, and how far a threshold goes, in logits."""
LEAST_RATE = 0.01
"""Onsets a step below which a song's part counts as not playing."""
Rates = npt.NDArray[np.float64]


def live(layout: Layout, forward: Forward, batch: Batch, style: Style, rng: np.random.Generator) -> Window:
    """The windows of `batch` accompanied from nothing as in a jam: a beat at a time, its first melody step heard."""
    time = np.arange(WINDOW)[None]
    cells = tuple(np.zeros_like(rows) for rows in batch.window.cells)
    window = replace(batch.window, cells=cells)
    decoder = Decoder(layout)
    chance = rng.random((*window.shape, chance_width(layout)), np.float32)
    for first in range(0, WINDOW, STEP):
        melody_known = batch.valid & (time <= first)
        known = np.broadcast_to((time < first)[..., None], window.known.shape) & batch.window.known
        logits = forward(replace(window, known=known, melody_known=melody_known))
        melody = np.where(melody_known, window.melody, REST)
        span = (first, first + STEP)
        for i, rows in decoder.harmony(logits, cells, melody, *span, style, chance).items():
            cells[i][:, slice(*span)] = rows
        for i, track in enumerate(layout.tracks):
            if track.kind == DRUMS:
                cells[i][:, slice(*span)] = decoder.drums(logits, *span, style, chance)
    return window


def onset_rates(layout: Layout, window: Window, batch: Batch) -> dict[str, Rates]:
    """Per track: onsets a step where the piece has the part; drums by class."""
    counted = batch.valid & (np.arange(WINDOW) >= SETTLED)[None]
    rates = {}
    for i, track in enumerate(layout.tracks):
        mask = counted & batch.present[:, i, None]
        struck = window.cells[i] == ONSET
        rows = struck if track.kind == DRUMS else struck.any(2, keepdims=True)
        rates[track.name] = np.asarray(rows[mask].mean(0) if mask.any() else np.zeros(rows.shape[2]), np.float64)
    return rates


def song_rates(rolls: Rolls, layout: Layout) -> dict[str, tuple[float, float]]:
    """Per pitched track: mean and deviation over songs of the log of its onsets a step."""
    found = {}
    bounds = np.searchsorted(rolls.piece, np.arange(len(rolls.meta) + 1))
    for i, track in enumerate(layout.tracks):
        if track.kind == DRUMS:
            continue
        struck = np.cumsum(np.pad((rolls.cells[i] == ONSET).any(1), (1, 0)))
        here = rolls.present[:, i] & (np.diff(bounds) >= WINDOW)
        rates = ((struck[bounds[1:]] - struck[bounds[:-1]]) / np.maximum(1, np.diff(bounds)))[here]
        logs = np.log(rates[rates > LEAST_RATE])
        if len(logs):
            found[track.name] = (round(float(logs.mean()), 3), round(float(logs.std()), 3))
    return found


def calibrated(
    layout: Layout, forward: Forward, windows: Windows, decoding: Decoding, size: int = 96, seed: int = 11
) -> Decoding:
    """`decoding` with thresholds that bring every part's density to the truth's."""
    batch = windows.draw(size, np.random.default_rng(seed))
    wanted = onset_rates(layout, batch.window, batch)
    shifts: dict[str, Rates] = {name: np.zeros(len(rate)) for name, rate in wanted.items()}
    for turn in range(ROUNDS):
        style = Style(decoding.temperature, decoding.rhythm, *_thresholds(layout, shifts))
        played = live(layout, forward, batch, style, np.random.default_rng(seed + turn))
        found = onset_rates(layout, played, batch)
        for name, shift in shifts.items():
            ratio = np.log((found[name] + 0.004) / (wanted[name] + 0.004))
            shifts[name] = np.clip(shift + PACE * ratio, -FURTHEST, FURTHEST)
    thresholds, drums = _thresholds(layout, shifts)
    return replace(decoding, thresholds=thresholds, drum_thresholds=drums)


def _thresholds(layout: Layout, shifts: dict[str, Rates]) -> tuple[dict[str, float], tuple[float, ...]]:
    """As `Style` has them: a mono part's density is the ease with which it holds."""
    named: dict[str, float] = {}
    drums: tuple[float, ...] = ()
    for track in layout.tracks:
        shift = shifts[track.name]
        if track.kind == DRUMS:
            drums = tuple(round(float(value), 3) for value in shift)
        elif track.kind == MONO:
            named[f"{track.name}.hold"] = round(-float(shift[0]), 3)
        else:
            named[track.name] = round(float(shift[0]), 3)
    return named, drums
