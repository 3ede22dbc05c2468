"""`composerd models`: the generators there are, where they lie, and what they say of themselves."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from composerd import paths
from composerd.contract.card import KEY, Card, decode_card
from composerd.errors import ModelError

_VALUE_TAG = 0x12
"""protobuf: field 2, length-delimited (onnx.proto, StringStringEntryProto.value)"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="also load each one as a performance would")


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


def model_files() -> list[Path]:
    """The files a genre's `model` can name, in order of names; the user's hide ours of the same name."""
    found: dict[str, Path] = {}
    for folder in paths.model_folders():
        for file in folder.glob("*.onnx"):
            found.setdefault(file.stem, file)
    return [found[name] for name in sorted(found)]


def read_card(file: Path) -> Card:
    """The card of a model file, without loading the model (which takes half a second). Raises ModelError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ModelError(f"{file}: cannot be read: {error.strerror}") from error
    at = data.find(KEY.encode())
    if at < 0:
        raise ModelError(f"{file}: card: found none, expected an ONNX file with an entry {KEY} in its metadata")
    start = at + len(KEY) + 1
    length, start = _varint(data, start)
    text = data[start : start + length]
    if data[at + len(KEY) : at + len(KEY) + 1] != bytes([_VALUE_TAG]) or len(text) < length:
        raise ModelError(f"{file}: card: found a broken or cut entry {KEY}")
    return decode_card(text.decode("utf-8", "replace"), str(file))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A protobuf varint at `at`, and where it ends."""
    value = shift = 0
    for byte in data[at : at + 10]:
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return value, at


def _checked(file: Path) -> str:
    from composerd.generators.session import load_model

    load_model(file)
    return "loads and runs"
