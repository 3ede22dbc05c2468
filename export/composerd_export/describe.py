"""`composerd-export describe`: models/README.md, generated from the cards of the files beside it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from composerd.contract.card import Card
from composerd.errors import ConfigError
from composerd.generators.session import load_model
from composerd.model_files import INT8
from composerd_export.curves import Curves, draw_curves
from composerd_export.hyper import RECIPES, Hyper, preset

INTRODUCTION = """# Models

Made by `composerd-export describe models`, from the card inside each file; do not edit by hand.

Each file holds one players' net and its card (`metadata_props["composerd.card"]`): tracks, inputs and outputs,
decoding, data with licences, hyperparameters and a checksum. The chord plan that the players follow comes from the
harmonist, whose tables belong to the daemon. Weights are stored in 16 bits and computed in 32. A decision is one run
over 32 steps of past and the steps ahead; the daemon asks for about three a beat.

Files that end in -int8 are the same nets in 8 bits (`composerd-export export ... --int8`), equal in the tables below.
The setting engine.precision takes them by itself (auto) on x86 processors with VNNI, where they were measured to be
quicker: on a core of an AMD EPYC a run takes 0.6 ms in 8 bits and 1.9 in 32. On others `composerd doctor` says which
is quicker there. bach has no such file: all files together stay below 40 MB, and its decisions are the fewest.

The tables are of 24 clips of 8 bars of each genre's validation split, each played four times with other timing and
chance: human is what was played there, another song (in key) and shifted by a bar are wrong accompaniments, nearest
neighbour copies bars of the training songs, plain is the daemon's rules. `wgan-gp` is the classical recipe on the same
net, for about the same processor time as ours; ours without adversarial loss is trained for as many epochs as ours.
closure is 1 for accompaniments that fit as well as the human one and 0 for another song's; human is the distance of
the texture from human in standard deviations, worst that of the texture metric that is furthest off; pcs, clash and
nic are harmony, QN qualified notes, UPC the pitch classes that a part uses in a bar, DP drum pattern, bass1 the bass
on beat 1, groove how alike the rhythms of neighbouring bars are, self the self-similarity of bars, songs the
similarity between songs, seeds that between two seeds' accompaniments of a song. The second table of a model shows the
range of creativity, from 0 (safe) to 1 (bold): the bolder, the more notes (on/bar) and pitch classes (UPC), and up to
its middle the less alike the rhythms of neighbouring bars (groove).

How to read them: how the nets' answers are decoded, and the harmonist's weights of pop, rock and symphony, were chosen
on these very clips, so that songs never heard may fare worse; all is of one training and seed, and differences of .03
are within what another seed changes: with and without adversarial loss bach is the same by that measure. The trainings
without adversarial loss were continued from ours at the epoch before the discriminator joins, up to which both are the
same. Pictures show the losses of every epoch and how the net plays along with validation melodies.
"""
METRICS = (
    "closure", "human", "worst", "pcs", "clash", "nic", "on/bar", "QN", "UPC", "DP", "bass1", "groove", "self", "songs",
    "seeds",
)  # fmt: skip
"""Columns of `evaluate --json` that are shown."""
FIGURES = "figures"
"""Folder of what `evaluate --json` wrote, beside the models."""
CURVES = "curves"
"""Folder of the pictures of the trainings, beside the README."""
MORE = ("-creativity",)
"""Further evaluations of a model, by the endings of their files."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="folder of the .onnx files; README.md is written there")
    parser.add_argument(
        "--metrics",
        type=Path,
        metavar="DIR",
        help=f"folder of `evaluate --json` files: NAME.json, NAME-creativity.json (default: {FIGURES} in FOLDER)",
    )


def run(args: argparse.Namespace) -> int:
    """ConfigError where there is no model, ModelError where one cannot be used."""
    paths = sorted(args.folder.glob("*.onnx")) if args.folder.is_dir() else []
    if not paths:
        raise ConfigError(f"{args.folder}: found no .onnx files")
    whole = [path for path in paths if not path.stem.endswith(INT8)]
    cards, figures = {path: load_model(path).card for path in whole}, args.metrics or args.folder / FIGURES
    for path, card in cards.items():
        if rows := curves_of(card):
            (args.folder / CURVES).mkdir(exist_ok=True)
            draw_curves(rows, args.folder / CURVES / f"{path.stem}.png")
    sections = [section(path, card, _evaluations(figures, path.stem)) for path, card in cards.items()]
    text = "\n".join([INTRODUCTION, overview(paths), *sections])
    (args.folder / "README.md").write_text(text, encoding="utf-8")
    print(f"{args.folder / 'README.md'}: {len(paths)} models")
    return 0


def curves_of(card: Card) -> Curves:
    """A row an epoch, from the lists in the card."""
    lists = card.metrics.get("curves", {})
    rows = zip(*lists.values(), strict=True)
    return [{name: value for name, value in zip(lists, row, strict=True) if value is not None} for row in rows]


@dataclass(frozen=True, slots=True)
class Found:
    """What `evaluate --json` wrote."""

    rows: list[dict[str, Any]]
    command: str = ""
    trained: dict[str, str] = field(default_factory=dict)
    """row -> the command that trained what it shows"""


def _evaluations(folder: Path, name: str) -> list[Found]:
    return [found for suffix in ("", *MORE) if (found := _metrics(folder, name + suffix)) is not None]


def _metrics(folder: Path, name: str) -> Found | None:
    """An evaluation, None where there is none. ConfigError where the file is not one."""
    path = folder / f"{name}.json"
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        about = dict(values.get("about", {}))
        rows = [dict(row) for row in values["rows"]]
        return Found(rows, str(about.get("command", "")), dict(about.get("trained", {})))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
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


def section(path: Path, card: Card, found: Sequence[Found]) -> str:
    """One model: where it comes from, and a table for each evaluation."""
    data = [[str(row["source"]), str(row["licence"]), str(row["pieces"])] for row in card.data]
    parts = [
        f"## {card.name}\n",
        f"`{path.name}`, {card.family}, checksum `{card.checksum}`.\n",
        "Trained with\n",
        "```\n" + command(card) + "\n```\n",
        hyperparameters(card),
        *([f"![curves of the training]({CURVES}/{path.stem}.png)\n"] if curves_of(card) else []),
        table(["trained on", "licence", "pieces"], data),
        *(_measured(one) for one in found),
    ]
    return "\n".join(parts)


def hyperparameters(card: Card) -> str:
    """All of them, in the words of the options."""
    said = [
        f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float) else f"{name.replace('_', ' ')} {value}"
        for name, value in card.hyperparameters.items()
    ]
    return f"Hyperparameters: {', '.join(said)}.\n"


def _measured(found: Found) -> str:
    """The table, the command that gives it, and how the systems beside ours were trained."""
    rows = [
        [str(row.get("name", "")), str(row.get("mode", "")), *(_figure(row, m) for m in METRICS)] for row in found.rows
    ]
    parts = [table(["system", "mode", *METRICS], rows)]
    if found.command:
        parts.append("```\n" + "\n".join([*found.trained.values(), found.command]) + "\n```\n")
    return "\n".join(parts)


def _figure(row: dict[str, Any], name: str) -> str:
    value = row.get("values", row).get(name)
    return f"{value:.2f}" if isinstance(value, (int, float)) and value == value else "–"


def command(card: Card) -> str:
    """The commands that make the card's model."""
    out = f"runs/{card.genre}-{card.family}"
    return f"{training(card)}\ncomposerd-export export {out}/best.pt -o models/{card.name}.onnx"


def training(card: Card, out: str = "") -> str:
    """The command line whose hyperparameters are the card's."""
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
