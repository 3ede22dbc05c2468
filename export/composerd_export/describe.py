"""`composerd-export describe`: models/README.md, generated from the cards of the files beside it."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from composerd.contract.card import Card
from composerd.errors import ConfigError
from composerd.generators.session import load_model
from composerd_export.hyper import Hyper, preset

INTRODUCTION = """# Models

Made by `composerd-export describe models`, from the card inside each file; do not edit by hand.

Each file holds one players' net and its card (`metadata_props["composerd.card"]`): tracks, inputs and outputs,
decoding, data with licences, hyperparameters and a checksum. The chord plan that the players follow comes from the
harmonist, whose tables belong to the daemon. Weights are stored in 16 bits and computed in 32. A decision is one run
over 32 steps of past and the steps ahead; the daemon asks for about three a beat.
"""
HISTORY = {
    "pop": "Begun with `--epochs 22`; after 8 of them it went on with `--resume --epochs 11`.",
    "jazz": "Trained with `--epochs 10`, then on with `--resume --epochs 20`.",
    "symphony": "Trained with `--epochs 11`, then on with `--resume --epochs 19`.",
}
"""How a model came about, where one command does not say all (the learning rate fades over the epochs given)."""
METRICS = ("closure", "human", "worst", "pcs", "clash", "nic", "on/bar", "QN", "DP", "bass1", "self")
"""Columns of `evaluate --json` that are shown."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="folder of the .onnx files; README.md is written there")
    parser.add_argument(
        "--metrics", type=Path, metavar="DIR", help="folder of `evaluate --json` files, one GENRE.json each"
    )


def run(args: argparse.Namespace) -> int:
    """ConfigError where there is no model, ModelError where one cannot be used."""
    paths = sorted(args.folder.glob("*.onnx")) if args.folder.is_dir() else []
    if not paths:
        raise ConfigError(f"{args.folder}: found no .onnx files")
    sections = [section(path, load_model(path).card, _metrics(args.metrics, path.stem)) for path in paths]
    text = "\n".join([INTRODUCTION, overview(paths), *sections])
    (args.folder / "README.md").write_text(text, encoding="utf-8")
    print(f"{args.folder / 'README.md'}: {len(paths)} models")
    return 0


def _metrics(folder: Path | None, name: str) -> list[dict[str, Any]]:
    """Rows of an evaluation; none where there is none. ConfigError where the file is not one."""
    path = folder / f"{name}.json" if folder else None
    if path is None or not path.is_file():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return [dict(row) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: not what `evaluate --json` writes ({error})") from None


def table(head: list[str], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def overview(paths: list[Path]) -> str:
    rows = []
    for path in paths:
        card = load_model(path).card
        rows.append(
            [
                path.name, card.family, card.genre, ", ".join(track.name for track in card.tracks),
                f"{card.parameters / 1e6:.2f} M", f"{card.multiply_accumulates / 1e6:.0f} M",
                f"{path.stat().st_size / 1e6:.1f} MB",
            ]
        )  # fmt: skip
    head = ["file", "family", "genre", "parts", "parameters", "multiply-accumulates a decision", "size"]
    return table(head, rows)


def section(path: Path, card: Card, metrics: list[dict[str, Any]]) -> str:
    """One model."""
    data = [[str(row["source"]), str(row["licence"]), str(row["pieces"])] for row in card.data]
    parts = [
        f"## {card.name}\n",
        f"`{path.name}`, {card.family}, checksum `{card.checksum}`.\n",
        "Trained with\n",
        "```\n" + command(card) + "\n```\n",
        *([HISTORY[card.name] + "\n"] if card.name in HISTORY else []),
        table(["trained on", "licence", "pieces"], data),
    ]
    if metrics:
        head = ["system", "mode", *METRICS]
        rows = [
            [str(row.get("name", "")), str(row.get("mode", "")), *(_figure(row, m) for m in METRICS)] for row in metrics
        ]
        parts.append(table(head, rows))
    return "\n".join(parts)


def _figure(row: dict[str, Any], name: str) -> str:
    value = row.get("values", row).get(name)
    return f"{value:.2f}" if isinstance(value, (int, float)) and value == value else "–"


def command(card: Card) -> str:
    """The command line whose hyperparameters are the card's."""
    usual = {**Hyper().to_json(), **preset(card.hyperparameters.get("recipe"), card.genre)}
    words = [f"composerd-export train --dataset {card.genre} --model {card.family}"]
    for entry in fields(Hyper):
        value = card.hyperparameters.get(entry.name, usual[entry.name])
        if value != usual[entry.name] or entry.name == "epochs":
            words.append(f"--{entry.name.replace('_', '-')} {value}")
    return (
        " ".join(words)
        + f"\ncomposerd-export export runs/{card.genre}-{card.family}/best.pt -o models/{card.name}.onnx"
    )
