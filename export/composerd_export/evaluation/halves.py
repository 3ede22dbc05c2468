"""The two halves of a validation split: weights and decoding are tuned on one, figures are reported of the other."""

from __future__ import annotations

import hashlib

HALVES = ("reported", "tuning", "both")
OTHER_HALF = {"reported": "tuning", "tuning": "reported"}


def is_reported(work: str) -> bool:
    """Whether a work belongs to the reported half: it depends on its name alone, whatever else is in the split."""
    return int(hashlib.sha1(work.encode()).hexdigest(), 16) % 2 == 1


def in_half(work: str, half: str) -> bool:
    """Whether a work belongs to one of HALVES."""
    return half == "both" or is_reported(work) == (half == "reported")
