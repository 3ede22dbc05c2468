"""A key: tonic and mode."""

from __future__ import annotations

from dataclasses import dataclass

from composerd.music.charts.spelling import key_name, parse_key
from composerd.music.chords import ChordPlan


@dataclass(frozen=True, slots=True)
class Key:
    tonic: int
    """pitch class, 0 = C"""
    minor: bool = False

    def __str__(self) -> str:
        return key_name(self.tonic, self.minor)


def key_of(text: str) -> Key | None:
    """The key that `text` names (`Eb`, `F#m`); None for no text or `none`. Raises ValueError for anything else."""
    if text.strip().lower() in ("", "none"):
        return None
    return Key(*parse_key(text.strip()[0].upper() + text.strip()[1:]))


def heard_key(said: Key | None, plan: ChordPlan) -> str:
    """The name of the key that was set, else of the plan's; empty if neither is known."""
    if said is not None:
        return str(said)
    return "" if plan.key is None else str(Key(plan.key, plan.minor))
