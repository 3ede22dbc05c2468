"""Progress of a training: numbers of updates, and means of an epoch's loss terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


class Diverged(ArithmeticError):
    """Raised if a loss is not finite."""


@dataclass(slots=True)
class Counts:
    """Numbers of updates so far."""

    generator: int = 0
    discriminator: int = 0


@dataclass(slots=True)
class Sums:
    """Sums and counts of an epoch's loss terms."""

    totals: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        self.totals[name] = self.totals.get(name, 0.0) + value
        self.counts[name] = self.counts.get(name, 0) + 1

    def means(self) -> dict[str, float]:
        return {name: total / self.counts[name] for name, total in self.totals.items()}


def stopped(last: Path, epoch: int) -> str:
    """The message after Ctrl-C: where the last whole `epoch` is kept, if there is one."""
    if not epoch:
        return "\nstopped in the first epoch, of which nothing is kept"
    return f"\nstopped; {last} holds epoch {epoch}: go on with --resume"
