"""Requested fills, breaks and half or double time of a performance in jam mode, and the variation that is played."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf

from composerd.engine.choices import AUTO
from composerd.engine.jam.intensity import Intensity
from composerd.engine.output.timeline import Event
from composerd.engine.requests import Directions
from composerd.music.metre import STEPS_PER_BEAT

EARLY = 0.5 / STEPS_PER_BEAT
"""notes that begin within this distance before a break's bar line belong to the break [beats]"""


class FillsAndBreaks:
    """The fills, breaks and half or double time that were requested, and the variation."""

    def __init__(self) -> None:
        self.intensity = Intensity()
        self._fill_until: int | None = None
        self._rest: tuple[float, float] | None = None
        self._hushed = False
        self.pace = 1.0
        """factor of the set tempo: half, ordinary or double time"""
        self._pace_wanted = 1.0

    def directions(self, given: Directions, drums: range, ending: int | None) -> Directions:
        """Directions for a request that decides the drums over steps `drums`."""
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
        """Toggle: play at `factor` times the tempo from the next bar line on, or at the set tempo again."""
        self._pace_wanted = 1.0 if factor == self._pace_wanted else factor

    def pace_change(self) -> float | None:
        """Factor for the tempo at the coming bar line; None without a change."""
        if self._pace_wanted == self.pace:
            return None
        change, self.pace = self._pace_wanted / self.pace, self._pace_wanted
        return change

    def rest(self, first: int, until: int) -> None:
        """Silence the band in steps [first, until): a break."""
        self._rest = (first / STEPS_PER_BEAT - EARLY, until / STEPS_PER_BEAT - EARLY)
        self._hushed = False

    def hush_beat(self) -> float:
        """Beat at which sounding notes are silenced next; infinity for none."""
        return self._rest[0] if self._rest is not None and not self._hushed else inf

    def hush_due(self, beat: float) -> bool:
        """Whether a break begins by `beat`; True once for each break."""
        due = self.hush_beat() <= beat
        self._hushed = self._hushed or due
        return due

    def audible(self, events: Iterable[Event]) -> list[Event]:
        """`events` without the notes that begin in a break."""
        first, until = self._rest or (inf, inf)
        return [event for event in events if not (event.velocity and first <= event.beat < until)]
