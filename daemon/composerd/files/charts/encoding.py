"""Encodings of text charts: UTF-8, UTF-16 or UTF-32 by the byte order mark, else UTF-8 or Latin-1."""

from __future__ import annotations

import codecs

from composerd.files.charts.problem import ChartProblem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),  # before UTF-16, whose mark begins alike
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def in_utf8(data: bytes) -> bytes:
    """A text with a byte order mark as UTF-8 without one; anything else as it is. Raises ChartProblem."""
    name = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if name is None:
        return data
    try:
        return data.decode(name).encode()
    except UnicodeError:
        encoding = name.removesuffix("-sig").upper()
        raise ChartProblem(1, 1, f"found a text marked as {encoding} that is not, expected UTF-8") from None


def decoded(data: bytes) -> str:
    """UTF-8, else Latin-1, which many old song files are in. Raises ChartProblem for UTF-16 without its mark."""
    if data.count(0) > len(data) // 4:
        what = "found zeros between the letters, as in UTF-16 without a byte order mark, expected UTF-8"
        raise ChartProblem(1, 1, what)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
