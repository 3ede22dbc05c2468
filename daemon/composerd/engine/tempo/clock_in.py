"""MIDI clock from another machine: unevenly arriving ticks become a tempo line, and start, stop and song position."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from composerd.engine.messages import ClockHeard
from composerd.music.tempo import MAX_BPM, MIN_BPM, Tempo

TICK, START, CONTINUE, STOP, POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
"""status bytes (MIDI 1.0, system common and real time)"""
TICKS_PER_BEAT = 24
TICKS_PER_SIXTEENTH = 6
MEMORY = 24
"""number of ticks that the tempo is estimated from: a beat"""
ENOUGH = 4
"""number of ticks needed for a tempo"""
COAST = 1.0
"""time without a tick after which the clock counts as lost [s]"""


def clock_message(at: float, data: Sequence[int]) -> ClockHeard | None:
    """The clock message in MIDI bytes; None for any other."""
    if data and data[0] in (TICK, START, CONTINUE, STOP):
        return ClockHeard(at, data[0])
    if len(data) == 3 and data[0] == POSITION:
        return ClockHeard(at, POSITION, data[1] | data[2] << 7)
    return None


class ClockIn:
    """A line through the ticks by an expanding memory filter (Morrison 1969): ±5 ms of jitter become one."""

    def __init__(self) -> None:
        self.running = False
        self._next: int | None = 0
        """position of the next tick, in ticks from the start of the song; None: stopped at `_place`"""
        self._place = 0
        self._count = 0
        """number of ticks in the estimate"""
        self._second = self._period = 0.0
        """moment of the last tick and seconds to the next, smoothed"""
        self._heard = self._begun = -inf

    def read(self, clock: ClockHeard) -> bool:
        """Take a clock message; True if a running clock jumped to another place in the song."""
        if clock.status == TICK:
            self._tick(clock.at)
        elif clock.status == POSITION:
            # while it runs, the next tick is more exact, unless the clock continues from here
            self._place = clock.position * TICKS_PER_SIXTEENTH
        elif clock.status == STOP:
            self.running = False
        elif clock.status in (START, CONTINUE):
            return self._begin(clock)
        return False

    def _begin(self, clock: ClockHeard) -> bool:
        if clock.status == START:
            self._place = 0
        jumps = self.running and self._next is not None and self._next != self._place
        self.running, self._next, self._begun = True, None, clock.at
        return jumps

    @property
    def bpm(self) -> float | None:
        """Quarter notes a minute; None before there are enough ticks."""
        if self._count < ENOUGH or self._period <= 0:
            return None
        return min(MAX_BPM, max(MIN_BPM, 60 / (TICKS_PER_BEAT * self._period)))

    def line(self, otherwise: float) -> Tempo | None:
        """The song's tempo line while it runs; None before its first tick. `otherwise`: tempo until one is known."""
        if not self.running or self._next is None:
            return None
        return Tempo(self.bpm or otherwise, self._second, (self._next - 1) / TICKS_PER_BEAT)

    def lost(self, now: float) -> bool:
        """Whether a running clock has sent no tick for COAST seconds."""
        return now >= self.lost_at()

    def lost_at(self) -> float:
        """Second at which a running clock without further ticks counts as lost; infinity while it does not run."""
        return max(self._heard, self._begun) + COAST if self.running else inf

    def _tick(self, at: float) -> None:
        self._smooth(at)
        self._heard = at
        if self._next is None:
            self._next = self._place
        if self.running:
            self._next += 1
            self._place = self._next

    def _smooth(self, at: float) -> None:
        """Update the estimate with a tick. A busy machine sends its ticks late, but sends them all."""
        if self._count == 0 or at - self._heard > COAST:
            self._count, self._second, self._period = 1, at, 0.0
            return
        if self._count == 1:
            self._count, self._period, self._second = 2, at - self._second, at
            return
        self._count = n = min(self._count + 1, MEMORY)
        miss = at - self._second - self._period
        self._second += self._period + miss * 2 * (2 * n - 1) / (n * (n + 1))
        self._period = max(1e-3, self._period + miss * 6 / (n * (n + 1)))
