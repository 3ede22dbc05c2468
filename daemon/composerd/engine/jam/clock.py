"""The tempo line of a performance in jam mode: set, tapped, followed, or led by a file or another machine."""

from __future__ import annotations

from math import floor

from composerd.engine.jam.start import JamStart
from composerd.engine.services import ModeServices
from composerd.engine.tempo.follow import grids_of
from composerd.engine.tempo.pulse import Pulse
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.tempo import Tempo

LATEST_GRACE_BEATS = 0.4 / STEPS_PER_BEAT
"""upper limit of the grace: later keys are left out of the step's decision [beats]"""


class JamClock:
    """Converts between seconds and beats of a performance, and bends its tempo. Moments are seconds."""

    def __init__(self, services: ModeServices, begin: JamStart) -> None:
        self._services, self._begun = services, begin
        self.pulse = Pulse(begin.tempo)

    @property
    def tempo(self) -> Tempo:
        return self.pulse.line

    @property
    def free(self) -> bool:
        """Whether neither the bars of a file nor another machine's clock lead it."""
        return not (self._begun.given or self._begun.clocked)

    @property
    def shown_bpm(self) -> float:
        """Quarter notes a minute for the status: those of the other machine where it leads."""
        return self.pulse.nominal if self._begun.clocked else self.tempo.bpm

    @property
    def grace(self) -> float:
        """The time that a step waits for a late key [beats]."""
        grace = self._services.settings().grace_ms * self.pulse.line.bpm / 60_000
        return grace if grace < LATEST_GRACE_BEATS else LATEST_GRACE_BEATS

    def counting_in(self, at: float) -> bool:
        """Whether second `at` lies in the count-in, which is no part of the performance."""
        return not self._begun.given and self.tempo.beat_at(at) * STEPS_PER_BEAT < -0.5

    def retune(self, bpm: float, now: float, beat_at: float | None) -> None:
        """Set the tempo; the nearest beat moves to second `beat_at` unless a file gives the bars."""
        self.pulse.set(bpm, now)
        if beat_at is not None and not self._begun.given:
            self.pulse.aim(Tempo(bpm, beat_at, floor(self.tempo.beat_at(beat_at) + 0.5)), beat_at)

    def lead(self, line: Tempo, now: float) -> None:
        """Catch up with another machine's clock."""
        if self._begun.clocked:
            self.pulse.aim(line, now)
            self.pulse.nominal = line.bpm

    def follow(self, at: float, ending: bool) -> None:
        """Bend the tempo to a key at second `at`, unless a clock leads or the performance is `ending`."""
        if not self._services.choices().follow:
            self.pulse.stop_following()
        elif not self._begun.clocked and not ending:
            settings = self._services.settings()
            late = settings.follow_latency_ms / 1000
            feel = self._services.stage.genre.feel
            self.pulse.follow(at - late, at, settings.follow_range / 100, grids_of(feel))
