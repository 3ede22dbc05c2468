"""The band's loudness follows the player's touch."""

from __future__ import annotations

ORDINARY_VELOCITY = 80
SMOOTHING = 0.1
"""weight of the newest key: some ten notes change the picture"""
SLACK = 5.0
"""velocity units by which the player's touch may wander before the band's loudness moves with it"""


class Dynamics:
    def __init__(self, amount: float) -> None:
        """`amount` 0 to 1: how far the band follows."""
        self._amount = amount
        self._player = self._followed = float(ORDINARY_VELOCITY)

    def hear(self, velocity: int) -> None:
        """A key of the player's. The band's level is dragged along on a slack rope: no accent pumps it up and down."""
        self._player += SMOOTHING * (velocity - self._player)
        self._followed = min(self._player + SLACK, max(self._player - SLACK, self._followed))

    def shaped(self, velocity: int) -> int:
        """The velocity of a note of the band, 1 to 127."""
        gain = 1.0 + self._amount * (self._followed / ORDINARY_VELOCITY - 1.0)
        return max(1, min(127, round(velocity * gain)))
