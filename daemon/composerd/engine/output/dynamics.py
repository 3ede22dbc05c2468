"""The band's loudness follows the player's touch."""

from __future__ import annotations

ORDINARY_VELOCITY = 80
SMOOTHING = 0.1
"""weight of the newest key: some ten notes change the picture"""
SLACK_UP, SLACK_DOWN = 5.0, 2.0
"""velocity units by which the player's touch may rise, or fall, before the band's loudness moves with it"""
SOFT = 2.0
"""how much further than `amount` the band follows a player softer than ordinary, at most fully: no player is buried"""


class Dynamics:
    """Tracks the player's loudness for the band to follow."""

    def __init__(self, amount: float) -> None:
        """`amount` 0 to 1: how far the band follows a player who plays louder than usual (softer: SOFT times that)."""
        self._louder, self._softer = amount, min(1.0, SOFT * amount)
        self._player = self._followed = float(ORDINARY_VELOCITY)

    def hear(self, velocity: int) -> None:
        """A key of the player's. The band's level is dragged along on a slack rope: no accent pumps it up and down."""
        self._player += SMOOTHING * (velocity - self._player)
        self._followed = min(self._player + SLACK_DOWN, max(self._player - SLACK_UP, self._followed))

    def shaped(self, velocity: int) -> int:
        """The velocity of a note of the band, 1 to 127."""
        change = self._followed / ORDINARY_VELOCITY - 1.0
        gain = 1.0 + (self._louder if change > 0 else self._softer) * change
        return max(1, min(127, round(velocity * gain)))
