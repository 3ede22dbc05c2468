"""The form of a performance: fills, breaks, the choice of variation, and what the generator is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import inf

from composerd.engine.intensity import Intensity
from composerd.engine.messages import Directions
from composerd.engine.settings import EngineSettings
from composerd.engine.timeline import Event
from composerd.music.metre import STEPS_PER_BEAT

AUTO = "auto"
"""a variation chosen by how the player plays"""
EARLY = 0.5 / STEPS_PER_BEAT
"""beats before a break's bar line from which on notes belong to it"""


@dataclass(slots=True)
class Choices:
    """What the player chose; it outlives a performance and a change of mode."""

    directions: Directions = field(default_factory=Directions)
    """its variation may be AUTO"""
    follow: bool = False
    left_hand: bool = False
    metronome: bool = False

    @classmethod
    def of(cls, settings: EngineSettings) -> Choices:
        return cls(follow=settings.follow, left_hand=settings.left_hand, metronome=settings.metronome)

    def take(self, before: EngineSettings, settings: EngineSettings) -> None:
        """Settings were read again: what differs from those `before` holds, whatever was chosen since."""
        for name in ("follow", "left_hand", "metronome"):
            if getattr(before, name) != getattr(settings, name):
                setattr(self, name, getattr(settings, name))


class Form:
    """Of one performance. Fills that end groups of bars are the generator's own; asked-for ones come from here."""

    def __init__(self) -> None:
        self.intensity = Intensity()
        self._fill_until: int | None = None
        self._rest: tuple[float, float] | None = None
        self._hushed = False
        self.pace = 1.0
        """half, ordinary or double time: what the tempo set was multiplied by"""
        self._pace_wanted = 1.0

    def directions(self, given: Directions, drums: range, ending: int | None) -> Directions:
        """For a request whose drums are decided over `drums`."""
        variation = self.variation(given)
        asked = self._fill_until
        fill = asked if asked is not None and drums.start < asked <= drums.stop else None
        if (variation, fill, ending) == (given.variation, given.fill_until, given.ending_at):
            return given
        return replace(given, variation=variation, fill_until=fill, ending_at=ending)

    def variation(self, given: Directions) -> str:
        """A or B."""
        return self.intensity.variation if given.variation == AUTO else given.variation

    def fill(self, until: int) -> None:
        """Lead into the bar line at step `until` with a fill."""
        self._fill_until = until

    def turn_pace(self, factor: float) -> None:
        """`factor` from the next bar line on, or back where that is the pace."""
        self._pace_wanted = 1.0 if factor == self._pace_wanted else factor

    def pace_change(self) -> float | None:
        """What to multiply the tempo by at the coming bar line, where it changes."""
        if self._pace_wanted == self.pace:
            return None
        change, self.pace = self._pace_wanted / self.pace, self._pace_wanted
        return change

    def rest(self, first: int, until: int) -> None:
        """The band is silent in steps [first, until)."""
        self._rest = (first / STEPS_PER_BEAT - EARLY, until / STEPS_PER_BEAT - EARLY)
        self._hushed = False

    def hush_beat(self) -> float:
        """When what sounds is to be silenced next; infinity for never."""
        return self._rest[0] if self._rest is not None and not self._hushed else inf

    def hush_due(self, beat: float) -> bool:
        """Whether a break begins by `beat`; it is answered once."""
        due = self.hush_beat() <= beat
        self._hushed = self._hushed or due
        return due

    def audible(self, events: Iterable[Event]) -> list[Event]:
        """Without the notes that would begin in a break."""
        first, until = self._rest or (inf, inf)
        return [event for event in events if not (event.velocity and first <= event.beat < until)]
