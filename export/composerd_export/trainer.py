"""Both nets and their updates: R of the discriminator for each of the generator."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from composerd.contract.frames import Floats, Window, encode
from composerd.contract.layout import Layout
from composerd_export.adversarial import CRITIC_LOSSES, feature_distance, gradient_penalty, real_events, sampled_events
from composerd_export.checkpoint import trunk_size
from composerd_export.data.batches import Batch, Windows, with_wrong_notes
from composerd_export.data.masks import MaskMix, Task, make_task
from composerd_export.hyper import Hyper
from composerd_export.losses import reconstruction
from composerd_export.nets.critic import Critic, context_width
from composerd_export.nets.players import build, draw_noise
from composerd_export.rollout import rolled

WARM_UP = 200
"""Generator updates until the learning rate is whole."""
EMA = 0.999
CLIP = 1.0


class Diverged(ArithmeticError):
    """A loss is no longer a number."""


@dataclass(slots=True)
class Counts:
    """Updates so far."""

    generator: int = 0
    critic: int = 0


@dataclass(slots=True)
class Sums:
    """Means of what happened in an epoch."""

    totals: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        self.totals[name] = self.totals.get(name, 0.0) + value
        self.counts[name] = self.counts.get(name, 0) + 1

    def means(self) -> dict[str, float]:
        return {name: total / self.counts[name] for name, total in self.totals.items()}


class Trainer:
    """Generator, discriminator, their optimisers and the averaged weights."""

    def __init__(self, layout: Layout, family: str, hyper: Hyper, windows: Windows, device: str = "cpu") -> None:
        torch.manual_seed(hyper.seed)
        self.layout, self.hyper, self.windows, self.device = layout, hyper, windows, device
        self.rng = np.random.default_rng(hyper.seed)
        self.net = build(family, layout, trunk_size(hyper)).to(device)
        self.critic = Critic(layout, spectral=hyper.loss == "hinge").to(device)
        betas = (0.9, 0.98) if hyper.reconstruction else (0.5, 0.9)
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), hyper.learning_rate, betas=betas, weight_decay=hyper.weight_decay
        )
        self.critic_optimiser = torch.optim.Adam(self.critic.parameters(), hyper.critic_rate, betas=(0.5, 0.9))
        self.average = {name: value.clone() for name, value in self.net.state_dict().items()}
        self.mix = MaskMix(no_plan=hyper.no_plan)
        self.counts = Counts()
        self.steps_per_epoch = max(1, min(hyper.epoch_windows, len(windows)) // hyper.batch)

    @property
    def total(self) -> int:
        """Generator updates of the whole training."""
        return self.hyper.epochs * self.steps_per_epoch

    @property
    def progress(self) -> float:
        return self.counts.generator / self.total

    @property
    def adversarial(self) -> bool:
        """Whether the discriminator takes part by now."""
        return self.hyper.adversarial > 0 and self.progress >= self.hyper.adversarial_from

    def epoch(self) -> Iterator[Sums]:
        """One pass; yields after each generator update. Raises Diverged."""
        sums = Sums()
        for _ in range(self.steps_per_epoch):
            self._set_rates()
            if self.adversarial:
                for _ in range(self.hyper.update_ratio):
                    sums.add("critic", self.critic_step())
            for name, value in self.generator_step().items():
                sums.add(name, value)
            yield sums

    def _set_rates(self) -> None:
        warm = min(1.0, (self.counts.generator + 1) / WARM_UP)
        fade = max(0.02, 1.0 - self.progress)
        for group in self.optimiser.param_groups:
            group["lr"] = self.hyper.learning_rate * warm * fade

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
        self._follow()
        return {name: float(value.detach()) for name, value in terms.items()} | {"generator": float(loss.detach())}

    def _adversarial_terms(
        self, logits: Tensor, frames: Tensor, task: Task, batch: Batch
    ) -> tuple[Tensor, dict[str, Tensor]]:
        truth, weight = batch.window.cells, torch.from_numpy(task.weight)
        context = frames[..., : context_width(self.layout)]
        scores, features = self.critic(sampled_events(self.layout, logits, task.window, truth, weight), context)
        terms = {"adversarial": -scores.mean()}
        total = self.hyper.adversarial * terms["adversarial"]
        if self.hyper.features:
            with torch.no_grad():
                _, wanted = self.critic(real_events(self.layout, truth), context)
            terms["features"] = feature_distance(wanted, features)
            total = total + self.hyper.features * terms["features"]
        return total, terms

    def critic_step(self) -> float:
        """One update of the discriminator."""
        task, batch = self._task(rollouts=False)
        truth, weight = batch.window.cells, torch.from_numpy(task.weight)
        with torch.no_grad():
            logits, frames = self._forward(task.window)
            fake = sampled_events(self.layout, logits, task.window, truth, weight)
        context, real = frames[..., : context_width(self.layout)], real_events(self.layout, truth)
        real_scores, _ = self.critic(real, context)
        fake_scores, _ = self.critic(fake, context)
        loss = CRITIC_LOSSES[self.hyper.loss](real_scores, fake_scores)
        if self.hyper.loss == "wasserstein" and self.hyper.penalty:
            loss = loss + self.hyper.penalty * gradient_penalty(self.critic, real, fake, context)
        self._update(self.critic, self.critic_optimiser, loss)
        self.counts.critic += 1
        return float(loss.detach())

    def _task(self, rollouts: bool = True) -> tuple[Task, Batch]:
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
        """The net has the averaged weights meanwhile; no random number of the training is used up."""
        kept = {name: value.clone() for name, value in self.net.state_dict().items()}
        random = torch.get_rng_state()
        self.net.load_state_dict(self.average)
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

    def _follow(self) -> None:
        """The averaged weights follow the trained ones."""
        keep = min(EMA, self.counts.generator / (self.counts.generator + 20))
        with torch.no_grad():
            for name, value in self.net.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)

    def state(self) -> dict[str, Any]:
        """Everything that a resumed training needs besides the averaged weights."""
        return {
            "net": self.net.state_dict(), "critic": self.critic.state_dict(),
            "optimiser": self.optimiser.state_dict(), "critic_optimiser": self.critic_optimiser.state_dict(),
            "generator_updates": self.counts.generator, "critic_updates": self.counts.critic,
            "torch_random": torch.get_rng_state(), "numpy_random": str(self.rng.bit_generator.state),
        }  # fmt: skip

    def restore(self, state: dict[str, Any], average: dict[str, Any]) -> None:
        """The inverse of `state`."""
        self.net.load_state_dict(state["net"])
        self.critic.load_state_dict(state["critic"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.critic_optimiser.load_state_dict(state["critic_optimiser"])
        self.counts = Counts(state["generator_updates"], state["critic_updates"])
        torch.set_rng_state(state["torch_random"])
        self.rng.bit_generator.state = _random_state(state["numpy_random"])
        self.average = {name: value.clone() for name, value in average.items()}


def _random_state(text: str) -> Any:
    import ast

    return ast.literal_eval(text)


def fast_half(device: str) -> bool:
    """Whether 16-bit arithmetic is quicker than 32-bit here."""
    if device != "cpu":
        return True
    return bool(torch.cpu._is_avx512_bf16_supported())


def validate(trainer: Trainer, windows: Windows, batches: int = 3) -> dict[str, float]:
    """Nats per step on the validation split, on the same windows every time. Diverged where they are no numbers."""
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
