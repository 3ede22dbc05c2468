"""The commands that make a model again, from its card."""

from __future__ import annotations

from dataclasses import fields

from composerd.contract.card import Card
from composerd_export.training.groove_trainer import GrooveHyper
from composerd_export.training.hyperparameters import RECIPES, Hyper, preset
from composerd_export.training.voicing_trainer import VoicingHyper

GROOVES = dict.fromkeys(("rock", "pop", "jazz"), "rock-pop-jazz")
"""Datasets that a genre's groove and voicing nets are trained on, if not the genre's alone."""
GROOVE_OPTIONS = {"bach": " --moved 0"}
"""Options of `train-groove`, if not the usual ones."""
PLAIN = "--dropped 0 --added 0"
"""Options of voicing nets that a disturbed past makes no better."""
VOICING_OPTIONS = {"bach": f"--epochs 12 --free-bass 0.5 {PLAIN}", "symphony": f"--epochs 14 {PLAIN}"}
"""Options of `train-voicing`, if not the usual ones."""


def hyperparameters(card: Card) -> str:
    """A sentence with all of them, by the names of the options."""
    said = [
        f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float) else f"{name.replace('_', ' ')} {value}"
        for name, value in card.hyperparameters.items()
    ]
    return f"Hyperparameters: {', '.join(said)}.\n"


def command(card: Card) -> str:
    """The commands that train and export the card's model, a line each."""
    out = f"runs/{card.genre}-{card.family}"
    together = GROOVES.get(card.genre, card.genre)
    datasets = together.replace("-", " ")
    groove = f"--epochs {GrooveHyper().epochs}{GROOVE_OPTIONS.get(card.genre, '')}"
    options = VOICING_OPTIONS.get(card.genre, f"--epochs {VoicingHyper().epochs}")
    return (
        f"{training(card)}\ncomposerd-export train-groove --datasets {datasets} {groove}\n"
        f"composerd-export train-voicing --datasets {datasets} {options}\n"
        f"composerd-export export {out}/best.pt --groove runs/groove-{together}/best.pt "
        f"--voicing runs/voicing-{together}/best.pt -o models/{card.name}.onnx"
    )


def training(card: Card, out: str = "") -> str:
    """The command that trains the players' net with the card's hyperparameters, into the folder `out`."""
    recipe = str(card.hyperparameters.get("recipe", RECIPES[0]))
    usual = {**Hyper().to_json(), **preset(recipe, card.genre)}
    words = [f"composerd-export train --dataset {card.genre} --model {card.family}"]
    if recipe != RECIPES[0]:
        words.append(f"--recipe {recipe}")
    for entry in fields(Hyper):
        value = card.hyperparameters.get(entry.name, usual[entry.name])
        if value != usual[entry.name] or entry.name == "epochs":
            said = f"{value:g}" if isinstance(value, float) else value
            words.append(f"--{entry.name.replace('_', '-')} {said}")
    return " ".join([*words, f"--out {out}"] if out else words)
