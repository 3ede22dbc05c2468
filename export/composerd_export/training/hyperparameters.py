"""Hyperparameters: each declared once with its range, default and meaning; checked before anything is loaded."""

from __future__ import annotations

import argparse
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any

from composerd.contract.card import current_names
from composerd.errors import ConfigError

RECIPES = ("composerd", "wgan-gp")
LOSSES = ("hinge", "wasserstein")


def _number(default: float, low: float, high: float, about: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "about": about})


@dataclass(frozen=True, slots=True)
class Hyper:
    """Hyperparameters of a training."""

    recipe: str = field(
        default="composerd",
        metadata={"choices": RECIPES, "about": "composerd (reconstruction and adversarial) or wgan-gp (adversarial)"},
    )
    loss: str = field(default="hinge", metadata={"choices": LOSSES, "about": "the adversarial loss"})
    epochs: int = _number(40, 1, 10000, "passes over the training windows")
    epoch_windows: int = _number(8192, 32, 10_000_000, "most windows in a pass")
    batch: int = _number(48, 1, 1024, "windows in an update")
    learning_rate: float = _number(1.5e-3, 1e-6, 1e-1, "peak step size of the generator")
    discriminator_rate: float = _number(4e-4, 1e-6, 1e-1, "step size of the discriminator")
    update_ratio: int = _number(1, 1, 10, "discriminator updates for each generator update")
    reconstruction: float = _number(1.0, 0.0, 100.0, "weight of the masked reconstruction")
    adversarial: float = _number(0.1, 0.0, 100.0, "weight of the adversarial loss")
    features: float = _number(0.5, 0.0, 100.0, "weight of matching the discriminator's features")
    penalty: float = _number(10.0, 0.0, 1000.0, "weight of the gradient penalty (wasserstein)")
    adversarial_from: float = _number(0.7, 0.0, 1.0, "share of the training before the adversarial loss is added")
    rollout: float = _number(0.45, 0.0, 1.0, "probability that an update uses a past played by the net itself")
    rollout_from: float = _number(0.2, 0.0, 1.0, "share of the training before rollouts begin")
    wrong_notes: float = _number(0.015, 0.0, 0.5, "share of melody notes played wrong")
    no_plan: float = _number(0.1, 0.0, 1.0, "share of windows without a chord plan")
    width: int = _number(128, 16, 1024, "channels at 16ths; half as many more at eighths, 2.25 times at quarters")
    middle: int = _number(3, 1, 12, "blocks at quarters")
    dropout: float = _number(0.1, 0.0, 0.9, "share of features dropped")
    weight_decay: float = _number(0.02, 0.0, 1.0, "decay of the weights")
    seed: int = _number(1, 0, 2**31 - 1, "seed of all random choices")

    def __post_init__(self) -> None:
        for entry in fields(self):
            found, limits = getattr(self, entry.name), entry.metadata
            option = "--" + entry.name.replace("_", "-")
            if "choices" in limits and found not in limits["choices"]:
                raise ConfigError(f"{option}: found {found!r}, expected one of {', '.join(limits['choices'])}")
            if "low" in limits and not limits["low"] <= found <= limits["high"]:
                raise ConfigError(f"{option}: found {found}, expected {limits['low']} to {limits['high']}")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Hyper:
        """The inverse of `to_json`; unknown names are left out, old ones read."""
        known = {entry.name for entry in fields(cls)}
        return cls(**{name: value for name, value in current_names(values).items() if name in known})


def add_options(parser: argparse.ArgumentParser) -> None:
    """One option per hyperparameter."""
    for entry in fields(Hyper):
        limits, default = entry.metadata, entry.default
        if default is MISSING:
            continue
        option = "--" + entry.name.replace("_", "-")
        if "choices" in limits:
            parser.add_argument(option, choices=limits["choices"], help=f"{limits['about']} (default: {default})")
        else:
            low, high, usual = (_digits(one) for one in (limits["low"], limits["high"], default))
            text = f"{limits['about']} ({low} to {high}, default: {usual})"
            parser.add_argument(option, type=type(default), metavar="N", help=text)


def _digits(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"


PRESETS: dict[str, dict[str, Any]] = {
    "composerd": {},
    "wgan-gp": {
        "loss": "wasserstein", "update_ratio": 5, "reconstruction": 0.0, "features": 0.0, "adversarial": 1.0,
        "adversarial_from": 0.0, "rollout": 0.0, "learning_rate": 2e-4, "discriminator_rate": 2e-4, "weight_decay": 0.0,
    },
}  # fmt: skip
"""Recipe -> the defaults that it changes; `wgan-gp` has no reconstruction (Gulrajani et al., 2017)."""
DATASET_PRESETS: dict[str, dict[str, Any]] = {"bach": {"no_plan": 0.3, "dropout": 0.2}}


def preset(recipe: str | None, dataset: str) -> dict[str, Any]:
    """The default values of a recipe for a dataset."""
    name = recipe or "composerd"
    return {"recipe": name, **DATASET_PRESETS.get(dataset, {}), **PRESETS[name]}


def from_options(options: argparse.Namespace, base: dict[str, Any] | None = None) -> Hyper:
    """Hyperparameters: `base`, overridden by the options given. Raises ConfigError outside a range."""
    given = {entry.name: getattr(options, entry.name) for entry in fields(Hyper)}
    return Hyper.from_json({**(base or {}), **{name: value for name, value in given.items() if value is not None}})
