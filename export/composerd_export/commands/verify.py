"""`composerd-export verify`: compares torch with ONNX, and plays the model as the daemon does."""

from __future__ import annotations

import argparse
from pathlib import Path

from composerd_export.data.folder import DATA_VARIABLE, data_folder
from composerd_export.onnx.examples import examples_of
from composerd_export.onnx.verify import verify
from composerd_export.training.checkpoint import load_checkpoint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, help="an .onnx file")
    parser.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="checkpoint that it was exported from, to compare with torch"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help=f"folder of the corpora (default: ${DATA_VARIABLE} or ./data)"
    )


def run(args: argparse.Namespace) -> int:
    point = load_checkpoint(args.checkpoint) if args.checkpoint else None
    print(verify(args.model, point, examples_of(point, data_folder(args.data)) if point else ()))
    return 0
