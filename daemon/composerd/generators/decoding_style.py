"""Derives the nets' sampling parameters from creativity and variation."""

from __future__ import annotations

from composerd.contract.groove_decoding import GrooveStyle
from composerd.engine.messages import Directions

EVEN = 0.3
"""The creativity at which no bias is added and temperatures are the usual ones."""
BOLDEST = 0.7
"""Relative increase of the pitch temperature from EVEN to creativity 1."""
FULLER = 0.6
"""Added to the onset logits by variation B."""
AGAIN = 0.2
"""Added to the onset logits when a section is played again."""
FRESHER = 3.0
"""Increase of the logit of new bars from creativity 0 to 1."""
DENSER = 1.2
"""Increase of the onset logits from creativity 0 to 1."""


def _bold(directions: Directions) -> float:
    return min(1.0, max(0.0, directions.creativity))


def groove_style(directions: Directions) -> GrooveStyle:
    """Biases of the rhythm: more creativity means more notes and less repetition."""
    more = _bold(directions) - EVEN
    fuller = (FULLER if directions.variation == "B" else 0.0) + AGAIN * directions.again
    return GrooveStyle(more * DENSER + fuller, more * FRESHER)


def pitch_temperature(usual: float, directions: Directions) -> float:
    """Sampling temperature of pitches: 0 at creativity 0, `usual` at EVEN."""
    bold = _bold(directions)
    return usual * (bold / EVEN if bold <= EVEN else 1.0 + BOLDEST * (bold - EVEN) / (1.0 - EVEN))
