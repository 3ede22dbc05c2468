"""A SoundFont (2.01) with one sine and the presets that a test asks for, put together byte by byte."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from pathlib import Path

_RATE, _LENGTH, _QUIET = 44_100, 441, 46
"""frames of ten periods of 1 kHz, and the zeros that a sample must be followed by"""
_INSTRUMENT, _SAMPLE_ID, _LOOPS = 41, 53, 54
"""generators"""


def soundfont_of(path: Path, presets: Iterable[tuple[int, int]]) -> Path:
    """A SoundFont at `path` whose presets (bank, program) all play the sine."""
    wave = [round(20_000 * math.sin(2 * math.pi * frame / 44.1)) for frame in range(_LENGTH)]
    samples = struct.pack(f"<{_LENGTH + _QUIET}h", *wave, *[0] * _QUIET)
    body = b"sfbk" + _list(b"INFO", _chunk(b"ifil", struct.pack("<HH", 2, 1)), _chunk(b"INAM", b"sine\0\0"))
    body += _list(b"sdta", _chunk(b"smpl", samples)) + _list(b"pdta", *_data(sorted(presets)))
    path.write_bytes(_chunk(b"RIFF", body))
    return path


def _data(presets: list[tuple[int, int]]) -> Iterable[bytes]:
    count = len(presets)
    heads = [_preset(f"p{bank}:{program}", program, bank, index) for index, (bank, program) in enumerate(presets)]
    yield _chunk(b"phdr", b"".join(heads) + _preset("EOP", 0, 0, count))
    yield _chunk(b"pbag", b"".join(struct.pack("<HH", index, 0) for index in range(count + 1)))
    yield _chunk(b"pmod", bytes(10))
    yield _chunk(b"pgen", struct.pack("<HH", _INSTRUMENT, 0) * count + bytes(4))
    yield _chunk(b"inst", struct.pack("<20sH20sH", b"sine", 0, b"EOI", 1))
    yield _chunk(b"ibag", struct.pack("<HHHH", 0, 0, 2, 0))
    yield _chunk(b"imod", bytes(10))
    yield _chunk(b"igen", struct.pack("<HHHH", _LOOPS, 1, _SAMPLE_ID, 0) + bytes(4))
    sine = struct.pack("<20sIIIIIBbHH", b"sine", 0, _LENGTH, 0, _LENGTH, _RATE, 84, 0, 0, 1)
    yield _chunk(b"shdr", sine + struct.pack("<20s26x", b"EOS"))


def _preset(name: str, program: int, bank: int, bag: int) -> bytes:
    return struct.pack("<20sHHH12x", name.encode(), program, bank, bag)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(kind: bytes, *chunks: bytes) -> bytes:
    return _chunk(b"LIST", kind + b"".join(chunks))
