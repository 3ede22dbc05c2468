"""Trains generator and discriminator: `update_ratio` updates of the discriminator for each of the generator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from composerd.contract.frames import Floats, Window, encode
from composerd.contract.layout import Layout
from composerd_export.data.batches import WindowBatch, Windows, with_wrong_notes
from composerd_export.data.masks import MaskMix, Task, make_task
from composerd_export.nets.discriminator import Discriminator, context_width
from composerd_export.nets.players import build, draw_noise
from composerd_export.training.adversarial import (
    DISCRIMINATOR_LOSSES,
    feature_distance,
    gradient_penalty,
    real_events,
    sampled_events,
)
from composerd_export.training.average import averaged, linear, restore, schedule
from composerd_export.training.checkpoint import trunk_size
from composerd_export.training.hyperparameters import Hyper
from composerd_export.training.losses import reconstruction
from composerd_export.training.progress import Counts, Diverged, Sums
from composerd_export.training.rollout import rolled

WARM_UP = 200
"""Generator updates until the learning rate is whole."""
EMA = 0.999
"""decay of the averaged weights, an update"""
CLIP = 1.0


class Trainer:
    """Generator, discriminator, their optimisers and the averaged weights."""

    def __init__(self, layout: Layout, family: str, hyper: Hyper, windows: Windows, device: str = "cpu") -> None:
        torch.manual_seed(hyper.seed)
        self.layout, self.hyper, self.windows, self.device = layout, hyper, windows, device
        self.rng = np.random.default_rng(hyper.seed)
        self.net = build(family, layout, trunk_size(hyper)).to(device)
        self.discriminator = Discriminator(layout, spectral=hyper.loss == "hinge").to(device)
        betas = (0.9, 0.98) if hyper.reconstruction else (0.5, 0.9)
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), hyper.learning_rate, betas=betas, weight_decay=hyper.weight_decay
        )
        self.discriminator_optimiser = torch.optim.Adam(
            self.discriminator.parameters(), hyper.discriminator_rate, betas=(0.5, 0.9)
        )
        self.average = averaged(self.net, EMA)
        self.mix = MaskMix(no_plan=hyper.no_plan)
        self.counts = Counts()
        self.steps_per_epoch = max(1, min(hyper.epoch_windows, len(windows)) // hyper.batch)
        self.schedule = self._schedule()

    @property
    def total(self) -> int:
        """Generator updates of the whole training."""
        return self.hyper.epochs * self.steps_per_epoch

    @property
    def progress(self) -> float:
        return self.counts.generator / self.total

    @property
    def adversarial(self) -> bool:
        """Whether the adversarial loss is active at this point of the training."""
        return self.hyper.adversarial > 0 and self.progress >= self.hyper.adversarial_from

    def epoch(self) -> Iterator[Sums]:
        """Trains one epoch; yields the sums after each generator update. Raises Diverged."""
        sums = Sums()
        for _ in range(self.steps_per_epoch):
            if self.adversarial:
                for _ in range(self.hyper.update_ratio):
                    sums.add("discriminator", self.discriminator_step())
            for name, value in self.generator_step().items():
                sums.add(name, value)
            yield sums

    def _schedule(self) -> LambdaLR:
        factor = linear(WARM_UP, self.total)
        return schedule(self.optimiser, self.hyper.learning_rate, factor, self.counts.generator)

    def generator_step(self) -> dict[str, float]:
        """One update of the generator: each named loss term, unweighted."""
        task, batch = self._task()
        truth, weight = batch.window.cells, torch.from_numpy(task.weight)
        logits, frames = self._forward(task.window)
        terms: dict[str, Tensor] = {}
        if self.hyper.reconstruction:
            parts = reconstruction(self.layout, logits, task.window, truth, weight)
            terms = {f"reconstruction {name}": value for name, value in parts.items()}
        loss = self.hyper.reconstruction * sum(terms.values(), torch.zeros(()))
        if self.adversarial:
            added, named = self._adversarial_terms(logits, frames, task, batch)
            loss, terms = loss + added, terms | named
        self._update(self.net, self.optimiser, loss)
        self.counts.generator += 1
        self.schedule.step()
        self.average.update_parameters(self.net)
        return {name: float(value.detach()) for name, value in terms.items()} | {"generator": float(loss.detach())}

    def _adversarial_terms(
        self, logits: Tensor, frames: Tensor, task: Task, batch: WindowBatch
    ) -> tuple[Tensor, dict[str, Tensor]]:
        truth, weight = batch.window.cells, torch.from_numpy(task.weight)
        context = frames[..., : context_width(self.layout)]
        scores, features = self.discriminator(sampled_events(self.layout, logits, task.window, truth, weight), context)
        terms = {"adversarial": -scores.mean()}
        total = self.hyper.adversarial * terms["adversarial"]
        if self.hyper.features:
            with torch.no_grad():
                _, wanted = self.discriminator(real_events(self.layout, truth), context)
            terms["features"] = feature_distance(wanted, features)
            total = total + self.hyper.features * terms["features"]
        return total, terms

    def discriminator_step(self) -> float:
        """One update of the discriminator."""
        task, batch = self._task(rollouts=False)
        truth, weight = batch.window.cells, torch.from_numpy(task.weight)
        with torch.no_grad():
            logits, frames = self._forward(task.window)
            fake = sampled_events(self.layout, logits, task.window, truth, weight)
        context, real = frames[..., : context_width(self.layout)], real_events(self.layout, truth)
        real_scores, _ = self.discriminator(real, context)
        fake_scores, _ = self.discriminator(fake, context)
        loss = DISCRIMINATOR_LOSSES[self.hyper.loss](real_scores, fake_scores)
        if self.hyper.loss == "wasserstein" and self.hyper.penalty:
            loss = loss + self.hyper.penalty * gradient_penalty(self.discriminator, real, fake, context)
        self._update(self.discriminator, self.discriminator_optimiser, loss)
        self.counts.discriminator += 1
        return float(loss.detach())

    def _task(self, rollouts: bool = True) -> tuple[Task, WindowBatch]:
        batch = self.windows.draw(self.hyper.batch, self.rng)
        batch = replace(batch, window=with_wrong_notes(batch.window, self.hyper.wrong_notes, self.rng))
        due = rollouts and self.progress >= self.hyper.rollout_from
        if due and self.rng.random() < self.hyper.rollout:
            return rolled(self.layout, self.answer, batch, self.mix, self.rng), batch
        return make_task(batch, self.layout.tracks, self.mix, self.rng), batch

    def answer(self, window: Window) -> Floats:
        """Logits without gradient, as in a performance."""
        training = self.net.training
        self.net.eval()
        with torch.no_grad():
            logits, _ = self._forward(window)
        self.net.train(training)
        return np.asarray(logits.numpy(), np.float32)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Context in which the net has the averaged weights; the random state of the training is kept."""
        kept = {name: value.clone() for name, value in self.net.state_dict().items()}
        random = torch.get_rng_state()
        self.net.load_state_dict(self.average.module.state_dict())
        try:
            yield
        finally:
            self.net.load_state_dict(kept)
            torch.set_rng_state(random)

    def _forward(self, window: Window) -> tuple[Tensor, Tensor]:
        frames = torch.from_numpy(encode(self.layout, window))
        noise = draw_noise(self.layout, *window.shape)
        with torch.autocast(self.device, torch.bfloat16, enabled=fast_half(self.device)):
            logits = self.net(frames.to(self.device), noise.to(self.device))
        return logits.float().cpu(), frames

    def _update(self, net: torch.nn.Module, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        if not torch.isfinite(loss):
            raise Diverged(f"the loss is {float(loss.detach())} after {self.counts.generator} updates")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        optimiser.step()

    def state(self) -> dict[str, Any]:
        """Everything that a resumed training needs besides the averaged weights."""
        return {
            "net": self.net.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "discriminator_optimiser": self.discriminator_optimiser.state_dict(),
            "generator_updates": self.counts.generator,
            "discriminator_updates": self.counts.discriminator,
            "torch_random": torch.get_rng_state(),
            "numpy_random": str(self.rng.bit_generator.state),
        }

    def restore(self, state: dict[str, Any], average: dict[str, Any]) -> None:
        """The inverse of `state`."""
        self.net.load_state_dict(state["net"])
        self.discriminator.load_state_dict(state["discriminator"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.discriminator_optimiser.load_state_dict(state["discriminator_optimiser"])
        self.counts = Counts(state["generator_updates"], state["discriminator_updates"])
        torch.set_rng_state(state["torch_random"])
        self.rng.bit_generator.state = _random_state(state["numpy_random"])
        restore(self.average, average, self.counts.generator)
        self.schedule = self._schedule()


def _random_state(text: str) -> Any:
    import ast

    return ast.literal_eval(text)


def fast_half(device: str) -> bool:
    """Whether 16-bit arithmetic is quicker than 32-bit here."""
    if device != "cpu":
        return True
    return bool(torch.cpu._is_avx512_bf16_supported())
