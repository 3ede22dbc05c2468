"""What a net hears while it plays, read off the validation split: to set 8-bit ranges, to compare torch with ONNX."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from composerd.contract.frames import Floats, encode
from composerd_export.checkpoint import Checkpoint
from composerd_export.data.batches import Windows
from composerd_export.data.masks import MaskMix, make_task
from composerd_export.data.rolls import load
from composerd_export.nets.datasets import dataset_named

Feeds = dict[str, Floats]
"""What a session is fed: `frames`, and `noise` where the net has some."""
BATCHES, BATCH = 24, 4


def examples_of(point: Checkpoint, data: Path, seed: int = 0) -> list[Feeds]:
    """Moments of phrases and performances on the validation split. ConfigError where the corpus is missing."""
    dataset = replace(dataset_named(point.dataset, data), tracks=point.tracks)
    windows, rng = Windows(load(dataset, data, "valid"), point.tracks), np.random.default_rng(seed)
    found = []
    for _ in range(BATCHES):
        task = make_task(windows.draw(BATCH, rng), point.tracks, MaskMix(), rng)
        feeds = {"frames": encode(point.layout, task.window)}
        if point.family == "musegan":
            feeds["noise"] = rng.standard_normal((*task.window.shape, point.layout.noise_width)).astype(np.float32)
        found.append(feeds)
    return found
