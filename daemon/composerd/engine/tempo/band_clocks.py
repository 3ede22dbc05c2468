"""MIDI clock of a band: another machine's leads it, its own is sent."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from composerd.engine.messages import ClockHeard
from composerd.engine.mode import Cue, End
from composerd.engine.tempo.clock_in import STOP, TICK, ClockIn
from composerd.engine.tempo.clock_out import ClockOut, Send

if TYPE_CHECKING:
    from composerd.engine.band import Band

TEMPO_NEWS = 0.005
"""relative difference from the set tempo from which on a clock that only ticks changes it"""


class BandClocks:
    """The band's MIDI clocks, in and out; the conductor calls `tend` after every message and deadline."""

    def __init__(self, band: Band, send: Send) -> None:
        self._band = band
        self._in, self._out = ClockIn(), ClockOut(send)

    @property
    def leading(self) -> bool:
        """Whether another machine's clock runs."""
        return self._in.running

    def deadline(self, sends: bool) -> float:
        """The next moment [s] at which `tend` has something to do."""
        return min(self._in.lost_at(), self._out.deadline(self._band.mode) if sends else inf)

    def heard(self, clock: ClockHeard, now: float) -> None:
        """Another machine's clock starts, leads and ends the band; ticks alone set the tempo."""
        mode = self._band.mode
        jumped = self._in.read(clock)
        line = self._in.line(mode.bpm)
        if clock.status == STOP:
            mode.lead(None, clock.at)
            mode.end(End.NOW, clock.at)
        elif jumped:  # as at the end of a loop: the next tick begins anew
            mode.lead(None, clock.at)
        elif clock.status == TICK and line is not None:
            mode.lead(line, now)
        elif clock.status == TICK and (bpm := self._in.bpm) and abs(bpm / mode.bpm - 1) > TEMPO_NEWS:
            mode.retune(bpm, clock.at)

    def tend(self, now: float, sends: bool) -> bool:
        """Send the ticks that are due, if `sends`; end the band if the other clock is lost, which is returned."""
        mode, lost = self._band.mode, self._in.lost(now)
        if lost:
            self._in = ClockIn()
            mode.lead(None, now)
            mode.carry_out(Cue.END, now)
        if sends:
            self._out.tick(mode, now)
        else:
            self._out.stop(now)
        return lost

    def stop(self, now: float) -> None:
        self._out.stop(now)
