"""Intensity of the player's playing by bars, and the variation (A or B) that follows from it."""

from __future__ import annotations

from composerd.engine.output.dynamics import ORDINARY_VELOCITY

ORDINARY_DENSITY = 1.5
"""onsets a beat"""
SPARSEST, DENSEST = 0.5, 2.5
"""limits of the density, relative to the ordinary one"""
UP, DOWN = 1.3, 1.05
"""intensity above which B is chosen and below which A is; between them nothing changes"""
BARS = 2
"""bars in a row that must agree before the variation changes"""


class Intensity:
    """Loudness times the root of density, both 1 where ordinary. A change needs two bars that agree (hysteresis)."""

    def __init__(self) -> None:
        self.variation = "A"
        self._velocities: list[int] = []
        self._agreeing = 0

    def add(self, velocity: int) -> None:
        self._velocities.append(velocity)

    def bar_ended(self, beats: float) -> None:
        """Close a bar of `beats` quarter notes; a bar without notes changes nothing."""
        if not self._velocities:
            return
        loud = sum(self._velocities) / len(self._velocities) / ORDINARY_VELOCITY
        dense = min(DENSEST, max(SPARSEST, len(self._velocities) / beats / ORDINARY_DENSITY))
        self._velocities.clear()
        self._update_variation(loud * dense**0.5)

    def _update_variation(self, intensity: float) -> None:
        other = {"A": intensity >= UP, "B": intensity <= DOWN}[self.variation]
        self._agreeing = self._agreeing + 1 if other else 0
        if self._agreeing >= BARS:
            self.variation, self._agreeing = {"A": "B", "B": "A"}[self.variation], 0
