"""Memory that the C library keeps for itself, given back to the system (glibc; elsewhere nothing is done)."""

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
    """Let big blocks go back to the system as soon as they are freed; before the first is made."""
    if (library := _glibc()) is not None:
        library.mallopt(_M_MMAP_THRESHOLD, BIG)


def give_back() -> None:
    """Give back what is free now: about a millisecond, other threads run on."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)
