"""`composerd models`: lists the generators with their files and cards."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from composerd.errors import ModelError
from composerd.library.model_files import model_files, read_card


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="also load each one, to check that it works")


def run(args: argparse.Namespace) -> int:
    status, files = 0, model_files()
    width = max(len(name) for name in ("plain", *(file.stem for file in files)))
    for file in files:
        try:
            card = read_card(file)
            print(f"{file.stem:<{width}} {card.genre:<9} {card.family:<8} {file.stat().st_size / 1e6:5.1f} MB  {file}")
            if args.check:
                print(f"{'':<{width}} {_checked(file)}")
        except ModelError as error:
            print(f"composerd: {error}", file=sys.stderr)
            status = error.status
    print(f"{'plain':<{width}} any       rules              built in")
    return status


def _checked(file: Path) -> str:
    from composerd.generators.session import load_model

    load_model(file)
    return "loads and runs"
