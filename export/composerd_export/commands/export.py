"""`composerd-export export`: writes a checkpoint as one ONNX file with its card."""

from __future__ import annotations

import argparse
from pathlib import Path

from composerd.errors import ConfigError
from composerd.library.model_files import INT8
from composerd_export.data.folder import data_folder
from composerd_export.onnx.examples import examples_of
from composerd_export.onnx.verify import verify
from composerd_export.onnx.writer import write_model
from composerd_export.training.checkpoint import load_checkpoint
from composerd_export.training.groove_checkpoint import GrooveCheckpoint
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path, help="checkpoint written by `train`: best.pt or last.pt")
    parser.add_argument(
        "--groove",
        type=Path,
        required=True,
        metavar="FILE",
        help="checkpoint of the groove net, written by `train-groove`",
    )
    parser.add_argument(
        "--voicing", type=Path, metavar="FILE", help="checkpoint of the voicing net, written by `train-voicing`"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="model file to write (.onnx)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the corpora, for the validation split")
    parser.add_argument("--harmony", type=Path, metavar="FILE", help="harmonist of a genre of your own (.npz)")
    parser.add_argument(
        "--int8", action="store_true", help="in 8 bits: quicker on many processors; name the file NAME-int8.onnx"
    )
    parser.add_argument("--no-verify", action="store_true", help="do not compare the file with torch, nor play it")


def run(args: argparse.Namespace) -> int:
    if args.output.suffix != ".onnx":
        raise ConfigError(f"--output: found {args.output.name}, expected a name that ends in .onnx")
    if args.int8 != args.output.stem.endswith(INT8):
        raise ConfigError(
            f"--output: found {args.output.name}, expected {INT8} before .onnx with --int8, and only then"
        )
    point, groove = load_checkpoint(args.checkpoint), GrooveCheckpoint.load(args.groove)
    examples = examples_of(point, data_folder(args.data)) if args.int8 else None
    voicing = VoicingCheckpoint.load(args.voicing) if args.voicing else None
    card = write_model(point, args.output, groove, args.harmony, examples, voicing)
    size = args.output.stat().st_size / 1e6
    print(
        f"{args.output}: {card.family} for {card.genre}, {card.parameters / 1e6:.2f} M parameters, "
        f"{card.multiply_accumulates / 1e6:.0f} M multiply-accumulates a decision, {size:.1f} MB"
    )
    if args.no_verify:
        return 0
    print(verify(args.output, point, examples or examples_of(point, data_folder(args.data))))
    return 0
