"""`composerd-export describe`: writes models/README.md from the cards and figures of the models."""

from __future__ import annotations

import argparse
from pathlib import Path

from composerd.errors import ConfigError
from composerd.files.atomic import write_text
from composerd.generators.session import load_model
from composerd.library.model_files import INT8
from composerd_export.evaluation.readme import CURVES, FIGURES, curves_of, readme
from composerd_export.training.curves import draw_curves


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="folder of the .onnx files; README.md is written there")
    parser.add_argument(
        "--metrics",
        type=Path,
        metavar="DIR",
        help="folder of what `evaluate --json` wrote: NAME.json, NAME-judge.json, NAME-creativity.json "
        f"(default: {FIGURES} in FOLDER)",
    )


def run(args: argparse.Namespace) -> int:
    """Writes README.md and the curves. Raises ConfigError if there is no model, ModelError if one cannot be used."""
    paths = sorted(args.folder.glob("*.onnx")) if args.folder.is_dir() else []
    if not paths:
        raise ConfigError(f"{args.folder}: found no .onnx files")
    cards = {path: load_model(path).card for path in paths}
    for path, card in cards.items():
        if (rows := curves_of(card)) and not path.stem.endswith(INT8):
            (args.folder / CURVES).mkdir(exist_ok=True)
            draw_curves(rows, args.folder / CURVES / f"{path.stem}.png")
    write_text(args.folder / "README.md", readme(cards, args.metrics or args.folder / FIGURES))
    print(f"{args.folder / 'README.md'}: {len(paths)} models")
    return 0
