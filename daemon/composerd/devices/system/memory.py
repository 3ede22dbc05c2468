"""Returns free memory of the C library to the system (glibc only)."""

from __future__ import annotations

import ctypes
from functools import cache

BIG = 256 << 10
"""bytes: blocks of this size are the system's own. glibc raises this limit to 32 MB with the first big block that is
freed; models that come and go then leave holes (measured: 104 instead of 77 MB after five models, one kept)"""
_M_MMAP_THRESHOLD = -3
"""malloc.h"""


@cache
def _glibc() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None


def keep_little() -> None:
    """Have big blocks returned to the system as soon as they are freed; call it before any is allocated."""
    if (library := _glibc()) is not None:
        library.mallopt(_M_MMAP_THRESHOLD, BIG)


def give_back() -> None:
    """Return free memory to the system; takes about a millisecond, without the interpreter's lock."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)
