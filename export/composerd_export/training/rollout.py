"""Self-rollout: windows whose past is replaced by the net's own playing, decided as in the daemon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from composerd.contract.decoding import Decoder, Style, chance_width
from composerd.contract.frames import Floats, Window
from composerd.contract.layout import DRUMS, Layout
from composerd.music.roll import REST
from composerd_export.data.batches import WINDOW, WindowBatch
from composerd_export.data.masks import CAUSAL, MaskMix, Task, make_task

Forward = Callable[[Window], Floats]
"""Logits (B, T, out_width) for a window, without gradient."""
LENGTHS = (2, 4, 4, 8, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class Span:
    """Steps [first, until) are played by the net."""

    first: int
    until: int


def draw_span(rng: np.random.Generator) -> Span:
    until = int(rng.integers(12, 53))
    return Span(max(0, until - int(rng.choice(LENGTHS))), until)


def rolled(
    layout: Layout,
    forward: Forward,
    batch: WindowBatch,
    mix: MaskMix,
    rng: np.random.Generator,
    span: Span | None = None,
) -> Task:
    """A live situation whose latest past was played by the net; the target stays the truth."""
    span = span or draw_span(rng)
    causal = replace(mix, phrase=0.0, causal=1.0, forget=mix.forget / 2)
    task = make_task(batch, layout.tracks, causal, rng)
    moment = np.full(len(task.moment), span.until)
    task = _at(task, batch, layout, moment, mix, rng)
    played = play(layout, forward, task.window, span, rng)
    return replace(task, window=replace(task.window, cells=played))


def _at(
    task: Task,
    batch: WindowBatch,
    layout: Layout,
    moment: npt.NDArray[np.int64],
    mix: MaskMix,
    rng: np.random.Generator,
) -> Task:
    """The task moved to one moment for all windows."""
    time = np.arange(WINDOW)
    heard = moment + np.where(rng.random(len(moment)) < mix.reactive, 1, 0)
    cut = np.repeat(moment[:, None], len(layout.tracks), 1)
    known = (time[None, :, None] < cut[:, None]) & batch.window.known
    near = np.where(time < moment[0] + 4, 2.0, np.where(time < moment[0] + 16, 0.8, 0.15))[None, :, None]
    weight = near * ~known * batch.valid[..., None] * batch.present[:, None]
    melody_known = (time[None] < heard[:, None]) & batch.valid
    window = replace(task.window, known=known, melody_known=melody_known)
    return Task(window, weight.astype(np.float32), moment, np.full(len(moment), CAUSAL))


def play(
    layout: Layout, forward: Forward, window: Window, span: Span, rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], ...]:
    """Cells of `window` with [first, until) played by the net, the melody heard up to each half or to the end."""
    time = np.arange(WINDOW)
    melody_end = span.until if rng.random() < 0.6 else span.first + 1
    known = window.known & (time < span.first)[None, :, None]
    asked = replace(window, known=known, melody_known=window.melody_known & (time < melody_end)[None])
    logits = forward(asked)
    style = Style(temperature=float(rng.choice([0.0, 0.3, 0.6])), rhythm=float(rng.choice([0.0, 0.3, 0.6])))
    decoder = Decoder(layout)
    chance = rng.random((*window.shape, chance_width(layout)), np.float32)
    melody = np.where(asked.melody_known, asked.melody, REST)
    found = decoder.harmony(logits, window.cells, melody, span.first, span.until, style, chance)
    cells = [rows.copy() for rows in window.cells]
    for i, rows in found.items():
        cells[i][:, span.first : span.until] = rows
    for i, track in enumerate(layout.tracks):
        if track.kind == DRUMS:
            drums = decoder.drums(logits, span.first, span.until, replace(style, rhythm=0.6), chance)
            cells[i][:, span.first : span.until] = drums
    return tuple(cells)
