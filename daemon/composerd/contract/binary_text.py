"""Binary data as text, for the entries of a model file: LZMA, then base 85 (the alphabet of RFC 1924)."""

from __future__ import annotations

import base64
import lzma


def packed(data: bytes) -> str:
    return base64.b85encode(lzma.compress(data, preset=9)).decode()


def unpacked(text: str) -> bytes:
    """The bytes of such a text. Raises ValueError or LZMAError."""
    return lzma.decompress(base64.b85decode(text))
