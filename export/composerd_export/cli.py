"""The command line `composerd-export`: parses the options and runs a subcommand."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from composerd.errors import ComposerdError

COMMANDS: dict[str, tuple[str, str]] = {
    "data": ("composerd_export.commands.data", "import folders of MIDI files, show corpora"),
    "fit-harmonist": (
        "composerd_export.commands.fit_harmonist",
        "train a harmonist on songs with chords or on a corpus",
    ),
    "train": ("composerd_export.commands.train", "train a generator and its discriminator"),
    "train-groove": (
        "composerd_export.commands.train_groove",
        "train the net that plans the bars of a band and samples its rhythm",
    ),
    "train-voicing": (
        "composerd_export.commands.train_voicing",
        "train the net that samples the notes of lines and chords",
    ),
    "equip": ("composerd_export.commands.equip", "put a groove net or a voicing net into model files"),
    "evaluate": ("composerd_export.commands.evaluate", "compare a model's music with people's and with baselines"),
    "export": ("composerd_export.commands.export", "write a checkpoint as an ONNX file with its card"),
    "describe": ("composerd_export.commands.describe", "write models/README.md from the cards of the models"),
    "verify": (
        "composerd_export.commands.verify",
        "compare torch with ONNX, play the model as the daemon does, time it",
    ),
}
"""Subcommand -> the module with its `add_arguments(parser)` and `run(args) -> int`, and its help."""


EXTRA = ("torch", "onnx", "matplotlib", "sklearn", "threadpoolctl", "tqdm")
"""Libraries of the optional dependencies `export`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand and returns its exit status.

    A user's mistake, a file that cannot be written or a missing library is one line on stderr."""
    words = list(sys.argv[1:] if argv is None else argv)
    chosen = next((word for word in words if word in COMMANDS), None)
    try:
        args = parser_of(chosen).parse_args(words)
        return int(importlib.import_module(COMMANDS[args.command][0]).run(args))
    except ComposerdError as error:
        text, status = str(error), error.status
    except OSError as error:
        if error.filename is None:
            raise
        text, status = f"{error.filename}: {error.strerror}", ComposerdError.status
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in EXTRA:
            raise
        text, status = f"{chosen} needs {library}, which is not installed: pip install '.[export]' in the checkout", 1
    print(f"composerd-export: {text}", file=sys.stderr)
    return status


def parser_of(chosen: str | None) -> argparse.ArgumentParser:
    """The parser: with options for the `chosen` subcommand only, because imports of the others take long."""
    parser = argparse.ArgumentParser(prog="composerd-export", description="Train, evaluate and export generators.")
    rows = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, about) in COMMANDS.items():
        row = rows.add_parser(name, help=about, description=about)
        if name == chosen:
            importlib.import_module(module).add_arguments(row)
    return parser


if __name__ == "__main__":
    sys.exit(main())
