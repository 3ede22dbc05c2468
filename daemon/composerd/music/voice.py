"""Names of the ways to choose the melody among keys that sound together."""

from __future__ import annotations

from typing import Literal

Voice = Literal["top", "bottom", "last", "split"]
"""Which of the keys that sound together is the melody: the highest, the lowest, the last one pressed, or the highest of
those from a split point on."""
