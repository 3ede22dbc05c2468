"""`composerd-export equip`: puts a groove net, a voicing net or both into model files."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import onnx

from composerd.contract.card import GROOVE_KEY, KEY, NO_CHECKSUM, VOICING_KEY, decode_card, seal
from composerd.errors import ConfigError, ModelError
from composerd.files.atomic import write_bytes
from composerd_export.onnx.groove import groove_entry
from composerd_export.onnx.voicing import voicing_entry
from composerd_export.training.groove_checkpoint import GrooveCheckpoint
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("models", type=Path, nargs="+", metavar="FILE", help="model files (.onnx) to change")
    parser.add_argument(
        "--groove", type=Path, metavar="FILE", help="checkpoint of the groove net, written by `train-groove`"
    )
    parser.add_argument(
        "--voicing", type=Path, metavar="FILE", help="checkpoint of the voicing net, written by `train-voicing`"
    )


def run(args: argparse.Namespace) -> int:
    """Replaces the nets in each file. Raises ConfigError if a file is missing or its parts are others."""
    if args.groove is None and args.voicing is None:
        raise ConfigError("equip: expected --groove, --voicing or both, found neither")
    groove = GrooveCheckpoint.load(args.groove) if args.groove else None
    voicing = VoicingCheckpoint.load(args.voicing) if args.voicing else None
    for path in args.models:
        equip(path, groove, voicing)
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


def equip(path: Path, groove: GrooveCheckpoint | None, voicing: VoicingCheckpoint | None) -> None:
    """Writes the file anew, whole or not at all, with the nets that are given in it."""
    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    except Exception as error:  # protobuf's own kinds
        raise ConfigError(f"{path}: not an ONNX file ({str(error)[:100]})") from None
    entries = {entry.key: entry.value for entry in model.metadata_props}
    entries[KEY] = re.sub(r'("checksum": ?")[0-9a-f]{64}"', rf'\g<1>{NO_CHECKSUM}"', entries.get(KEY, ""))
    try:
        card = decode_card(entries[KEY], str(path))
    except ModelError as error:
        raise ConfigError(str(error)) from None
    if groove is not None:
        entries[GROOVE_KEY] = groove_entry(groove, card, path)
    if voicing is not None:
        entries[VOICING_KEY] = voicing_entry(voicing, card, path)
    del model.metadata_props[:]
    for key, value in entries.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    write_bytes(path, seal(model.SerializeToString()))
