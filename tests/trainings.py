"""What trainers of every small net have to do."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch

from composerd_export.training.average import weights_of
from composerd_export.training.small_trainer import SmallTrainer


def goes_on_bit_for_bit(one: SmallTrainer[Any], two: SmallTrainer[Any]) -> None:
    """Assert that `two`, restored from what a file keeps of `one`, goes on as `one` does."""
    for _ in range(3):
        one.update()
    state, average = deepcopy(one.state()), weights_of(one.average)  # as a file would keep them
    two.restore(state, average)
    random = torch.get_rng_state()
    first = [one.update() for _ in range(2)]
    torch.set_rng_state(random)
    assert [two.update() for _ in range(2)] == first
    assert all(torch.equal(value, weights_of(two.average)[name]) for name, value in weights_of(one.average).items())
    assert two.schedule.get_last_lr() == one.schedule.get_last_lr()
