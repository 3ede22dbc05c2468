"""Makes the band's loudness follow the player's."""

from __future__ import annotations

ORDINARY_VELOCITY = 80
SMOOTHING = 0.1
"""weight of the newest key in the moving average: about ten notes count"""
SLACK_UP, SLACK_DOWN = 5.0, 2.0
"""dead zone: velocity units by which the player's loudness may rise, or fall, without changing the band's"""
SOFT = 2.0
"""factor of `amount` for a player softer than ordinary (limited to 1), so that the band never covers the player"""


class Dynamics:
    """Tracks the player's loudness for the band to follow."""

    def __init__(self, amount: float) -> None:
        """`amount` 0 to 1: how far the band follows a player who plays louder than usual (softer: SOFT times that)."""
        self._louder, self._softer = amount, min(1.0, SOFT * amount)
        self._player = self._followed = float(ORDINARY_VELOCITY)

    def add(self, velocity: int) -> None:
        """Take the velocity of a key of the player's; single accents stay within the dead zone."""
        self._player += SMOOTHING * (velocity - self._player)
        self._followed = min(self._player + SLACK_DOWN, max(self._player - SLACK_UP, self._followed))

    def shaped(self, velocity: int) -> int:
        """The velocity of a note of the band, 1 to 127."""
        change = self._followed / ORDINARY_VELOCITY - 1.0
        gain = 1.0 + (self._louder if change > 0 else self._softer) * change
        return max(1, min(127, round(velocity * gain)))
