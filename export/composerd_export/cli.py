"""`composerd-export`: a thin table of subcommands."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from composerd.errors import ComposerdError

COMMANDS: dict[str, tuple[str, str]] = {
    "data": ("composerd_export.data.command", "import MIDI folders, show corpora"),
    "fit-harmonist": ("composerd_export.harmony", "learn a harmonist's tables from corpora"),
    "train": ("composerd_export.train", "train a generator and its critic"),
    "evaluate": ("composerd_export.evaluation.command", "measure a model beside truth and baselines"),
    "export": ("composerd_export.export", "write a checkpoint as an ONNX file with its card"),
    "describe": ("composerd_export.describe", "write models/README.md from the cards of the models"),
    "verify": ("composerd_export.verify", "compare torch with ONNX, load and play it as the daemon does, time it"),
}
"""Name: the module with `add_arguments(parser)` and `run(args) -> int`, and what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; a user's mistake is one line on stderr."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="composerd-export", description="Train, evaluate and export generators.")
    rows = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = next((word for word in words if word in COMMANDS), None)
    for name, (module, about) in COMMANDS.items():
        row = rows.add_parser(name, help=about, description=about)
        if name == chosen:
            importlib.import_module(module).add_arguments(row)
    try:
        return int(importlib.import_module(COMMANDS[(args := parser.parse_args(words)).command][0]).run(args))
    except ComposerdError as error:
        print(f"composerd-export: {error}", file=sys.stderr)
        return error.status


if __name__ == "__main__":
    sys.exit(main())
