"""Inputs of a net while it plays, from the validation split: to set 8-bit ranges and to compare torch with ONNX."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from composerd.contract.frames import Floats, encode
from composerd_export.data.batches import Windows
from composerd_export.data.masks import MaskMix, make_task
from composerd_export.data.rolls import load
from composerd_export.datasets import dataset_named
from composerd_export.training.checkpoint import Checkpoint

Feeds = dict[str, Floats]
"""A session's inputs: `frames`, and `noise` if the net has that input."""
BATCHES, BATCH = 24, 4


def examples_of(point: Checkpoint, data: Path, seed: int = 0) -> list[Feeds]:
    """Inputs from phrases and performances of the validation split. Raises ConfigError if the corpus is missing."""
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
