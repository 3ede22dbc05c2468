"""The state of the performance, as status line, control socket and page show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from composerd.engine.command_fields import CurrentValue


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State of the performance for status line, control socket and view."""

    state: str
    genre: str
    bpm: float
    bar: int = 0
    beat: int = 0
    chord: str = ""
    next_chord: str = ""
    key: str = ""
    """the estimated key, or the one set by the player"""
    keyboard: str | None = None
    late: int = 0
    dropped: int = 0
    notes: tuple[str, ...] = field(default=())
    variation: str = ""
    """A or B; `auto A` or `auto B` if the player's intensity decides"""
    muted: tuple[str, ...] = ()
    """names or roles of parts"""
    solo: tuple[str, ...] = ()
    follow: bool = False
    """whether the tempo follows the player's"""
    left_hand: bool = False
    """whether keys below the split are chords"""
    metre: str = ""
    """time signature of the bar that plays"""
    controls: Mapping[str, CurrentValue | Mapping[str, CurrentValue]] = field(default_factory=dict)
    """word of a command -> current value of what it sets, or part -> value; see Command.current"""
    song: str = ""
    """title of the song whose chart is played"""
    place: str = ""
    """position in it: section, chorus, bar"""
    ahead: tuple[str, ...] = ()
    """names of the next chords"""
    preset: str = ""
    """name of the preset that was applied last"""
    set_list: str = ""
    """the set list that is open, its entry and the one after it"""
