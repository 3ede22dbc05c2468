"""Model files: finds them, reads their cards, and chooses a net's precision."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import structs

from composerd.config import paths
from composerd.contract.card import KEY, NO_CHECKSUM, Card, decode_card
from composerd.errors import Line, ModelError, unreadable

INT8 = "-int8"
"""Suffix of the name of a file that holds its net in 8 bits."""
VNNI = frozenset({"avx_vnni", "avx512_vnni"})
"""Flags of x86 processors that multiply and add 8-bit numbers in one instruction."""
_VALUE_TAG = 0x12
"""protobuf: field 2, length-delimited (onnx.proto, StringStringEntryProto.value)"""


def find_model(name: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The model file called `name`, the user's before the shipped one, or None."""
    files = (folder / f"{name}.onnx" for folder in paths.model_folders(environ))
    return next((file for file in files if os.path.isfile(file)), None)  # false, too, where access is denied


def model_files() -> list[Path]:
    """All model files by name; a user's file hides the shipped one of the same name."""
    found: dict[str, Path] = {}
    for folder in paths.model_folders():
        for file in folder.glob("*.onnx"):
            found.setdefault(file.stem, file)
    return [found[name] for name in sorted(found)]


def in_precision(file: Path, precision: str) -> Path:
    """`file`, or its 8-bit version beside it (NAME-int8.onnx) if that exists and `precision` asks for it.

    `int8` always takes the 8-bit file; `auto` takes it if the processor is faster with 8 bits, and only if both files
    hold the same net (not one of an earlier training).
    """
    small = file.with_name(f"{file.stem}{INT8}.onnx")
    if precision == "fp32" or not os.path.isfile(small):
        return file
    return small if precision == "int8" or (eight_bits_are_quick() and _same_net(file, small)) else file


@functools.cache
def eight_bits_are_quick(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this processor runs 8-bit nets faster (measured: those with VNNI)."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not VNNI.isdisjoint(flags.split())


def _same_net(one: Path, other: Path) -> bool:
    try:
        cards = [structs.replace(read_card(file), name="", checksum=NO_CHECKSUM) for file in (one, other)]
    except ModelError:
        return False
    return cards[0] == cards[1]


def read_card(file: Path) -> Card:
    """The card of a model file, without loading the model (which takes half a second). Raises ModelError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot be read: {error.strerror}", unreadable(error), place=Line(str(file))) from error
    at = data.find(KEY.encode())
    if at < 0:
        expected = f"an ONNX file with an entry {KEY} in its metadata"
        raise ModelError(place=Line(str(file)), field="card", found="none", expected=expected)
    start = at + len(KEY) + 1
    length, start = _varint(data, start)
    text = data[start : start + length]
    if data[at + len(KEY) : at + len(KEY) + 1] != bytes([_VALUE_TAG]) or len(text) < length:
        raise ModelError(f"card: the entry {KEY} is broken or truncated", place=Line(str(file)))
    return decode_card(text.decode("utf-8", "replace"), str(file))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """(value, index after it) of the protobuf varint at `at`."""
    value = shift = 0
    for byte in data[at : at + 10]:
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return value, at
