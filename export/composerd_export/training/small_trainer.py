"""Trains a small net (groove, voicing): optimiser, schedule, averaged weights, resuming."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from composerd_export.training.average import averaged, half_cosine, restore, schedule

Net = TypeVar("Net", bound=nn.Module)
WARM_UP, EMA, CLIP = 100, 0.998, 1.0


class SmallHyper(Protocol):
    """Base class of the hyperparameters of a small net."""

    @property
    def epochs(self) -> int: ...
    @property
    def epoch_updates(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def weight_decay(self) -> float: ...
    @property
    def seed(self) -> int: ...


class SmallTrainer(ABC, Generic[Net]):
    """A net, its optimiser and the averaged weights."""

    def __init__(self, net: Net, hyper: SmallHyper) -> None:
        self.net, self._base = net, hyper
        self.rng = np.random.default_rng(hyper.seed)
        self.optimiser = torch.optim.AdamW(
            net.parameters(), hyper.learning_rate, betas=(0.9, 0.98), weight_decay=hyper.weight_decay
        )
        self.average = averaged(net, EMA)
        self.updates = 0
        self.schedule = self._schedule()

    @abstractmethod
    def losses(self) -> dict[str, Tensor]:
        """The loss terms of an update."""

    @property
    def epoch_updates(self) -> int:
        return self._base.epoch_updates

    @property
    def total(self) -> int:
        """Number of updates of the whole training."""
        return self._base.epochs * self._base.epoch_updates

    def update(self) -> dict[str, float]:
        """Make one update. Returns the loss terms."""
        self.net.train()
        terms = self.losses()
        loss = sum(terms.values(), torch.zeros(()))
        self.optimiser.zero_grad(set_to_none=True)
        if loss.requires_grad:  # not if nothing was drawn that could be learned
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), CLIP)
        self.optimiser.step()
        self.updates += 1
        self.schedule.step()
        self.average.update_parameters(self.net)
        return {name: float(value.detach()) for name, value in terms.items()}

    def _schedule(self) -> LambdaLR:
        return schedule(self.optimiser, self._base.learning_rate, half_cosine(WARM_UP, self.total), self.updates)

    def state(self) -> dict[str, Any]:
        """The state that a resumed training needs besides the averaged weights."""
        return {
            "net": self.net.state_dict(), "optimiser": self.optimiser.state_dict(), "updates": self.updates,
            "torch_random": torch.get_rng_state(), "numpy_random": str(self.rng.bit_generator.state),
        }  # fmt: skip

    def restore(self, state: dict[str, Any], average: dict[str, Tensor]) -> None:
        """The inverse of `state`."""
        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.updates = state["updates"]
        torch.set_rng_state(state["torch_random"])
        self.rng.bit_generator.state = ast.literal_eval(state["numpy_random"])
        restore(self.average, average, self.updates)
        self.schedule = self._schedule()
