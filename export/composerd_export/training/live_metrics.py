"""Measures how a net in training plays along with validation melodies, beyond its likelihood."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from composerd.contract.decoding import Decoder, Style, chance_width
from composerd.contract.frames import Window
from composerd.contract.layout import DRUMS, Layout
from composerd.music.roll import ONSET, REST
from composerd_export.data.batches import WINDOW, WindowBatch, Windows
from composerd_export.metrics.consonance import clashes, consonance
from composerd_export.training.preview import as_rolls
from composerd_export.training.rollout import Forward

STEP, SETTLED = 4, 16
"""A live decision every beat; what is played before step SETTLED is not counted."""
ORDINARY = Style(temperature=0.9, rhythm=0.9)
"""Sampling parameters of a net in training, which decides its own rhythm."""


def heard(layout: Layout, forward: Forward, windows: Windows, count: int = 24, seed: int = 5) -> dict[str, float]:
    """Consonance (pcs, -1 to 1), clash (0 to 1) and density (of onsets, 1 is the corpus's) of live playing."""
    rng = np.random.default_rng(seed)
    batch = windows.draw(count, rng)
    played = live(layout, forward, batch, ORDINARY, rng)
    harmony = [_harmony(layout, played, index) for index in range(count)]
    return {
        "music consonance": float(np.mean([one[0] for one in harmony])),
        "music clash": float(np.mean([one[1] for one in harmony])),
        "music density": _onsets(layout, played, batch) / max(1, _onsets(layout, batch.window, batch)),
    }


def _harmony(layout: Layout, played: Window, index: int) -> tuple[float, float]:
    pitched = [1 + i for i, track in enumerate(layout.tracks) if track.kind != DRUMS]
    sounding, melody = (
        as_rolls(layout, played, index)[pitched, SETTLED:],
        played.melody[index, SETTLED:].astype(np.int16),
    )
    return consonance(melody, sounding), clashes(melody, sounding)


def _onsets(layout: Layout, window: Window, batch: WindowBatch) -> int:
    """Onsets of the pitched parts that the pieces have, within them."""
    count = 0
    for i, track in enumerate(layout.tracks):
        if track.kind != DRUMS:
            counted = batch.valid & batch.present[:, i, None]
            count += int((window.cells[i] == ONSET).any(2)[:, SETTLED:][counted[:, SETTLED:]].sum())
    return count


def live(layout: Layout, forward: Forward, batch: WindowBatch, style: Style, rng: np.random.Generator) -> Window:
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
