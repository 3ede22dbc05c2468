"""Validation losses of a training."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch

from composerd_export.data.batches import Windows
from composerd_export.data.masks import make_task
from composerd_export.training.losses import reconstruction
from composerd_export.training.progress import Diverged
from composerd_export.training.trainer import Trainer


def validate(trainer: Trainer, windows: Windows, batches: int = 3) -> dict[str, float]:
    """Validation losses [nats a step], on the same windows every time. Raises Diverged if they are not finite."""
    found: dict[str, float] = {}
    base = replace(trainer.mix, no_plan=0.0, forget=0.0, ahead=0.0)
    for name, mix in (
        ("phrase", replace(base, phrase=1.0, causal=0.0)),
        ("jam", replace(base, phrase=0.0, causal=1.0, reactive=1.0)),
    ):
        rng, total = np.random.default_rng(7), 0.0
        for _ in range(batches):
            batch = windows.draw(64, rng)
            task = make_task(batch, trainer.layout.tracks, mix, rng)
            near = task.weight * (task.weight > 1.5) if name == "jam" else task.weight
            logits = torch.from_numpy(trainer.answer(task.window))
            parts = reconstruction(trainer.layout, logits, task.window, batch.window.cells, torch.from_numpy(near))
            total += float(sum(parts.values(), torch.zeros(())))
        found[f"validation {name}"] = total / batches
    if not all(math.isfinite(value) for value in found.values()):
        raise Diverged("the validation loss is not a number")
    return found
