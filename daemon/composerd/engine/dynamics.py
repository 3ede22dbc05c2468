"""The band's loudness follows the player's touch."""

from __future__ import annotations

ORDINARY_VELOCITY = 80
SMOOTHING = 0.1
"""weight of the newest key: some ten notes change the picture"""


class Dynamics:
    def __init__(self, amount: float) -> None:
        """`amount` 0 to 1: how far the band follows."""
        self._amount = amount
        self._player = float(ORDINARY_VELOCITY)

    def hear(self, velocity: int) -> None:
        self._player += SMOOTHING * (velocity - self._player)

    def shaped(self, velocity: int) -> int:
        """The velocity of a note of the band, 1 to 127."""
        gain = 1.0 + self._amount * (self._player / ORDINARY_VELOCITY - 1.0)
        return max(1, min(127, round(velocity * gain)))
