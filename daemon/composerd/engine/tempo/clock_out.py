"""MIDI clock for other machines: 24 ticks a quarter note while the band plays, the first of them with the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, inf
from typing import Protocol

from composerd.engine.tempo.clock_in import CONTINUE, POSITION, START, STOP, TICK, TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from composerd.music.tempo import Tempo

Send = Callable[[float, Sequence[int]], None]
"""moment it is due, the MIDI bytes"""


class Clocked(Protocol):
    """A source of beats: a performance mode."""

    @property
    def playing(self) -> bool: ...
    @property
    def tempo(self) -> Tempo: ...
    def beat_at(self, second: float) -> float | None: ...


class ClockOut:
    """Sends MIDI clock while the band plays."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._next: int | None = None
        """number of the next tick; None while stopped"""
        self._last_tick_at = inf
        """second of the last call of `tick`"""
        self._last_sent_at = -inf
        """moment of the last message; none is stamped earlier [s]"""

    def deadline(self, source: Clocked) -> float:
        """The moment of the next tick, or of the start after a count-in [s]; infinity while stopped."""
        if self._next is not None:
            return source.tempo.second_at(self._next / TICKS_PER_BEAT)
        begins = source.tempo.second_at(0.0) if source.playing else -inf
        return begins if begins > self._last_tick_at else inf

    def tick(self, source: Clocked, now: float) -> None:
        """Send all that is due up to `now`. Call after everything that may start, stop or move the beat."""
        beat, self._last_tick_at = source.beat_at(now), now
        if self._next is not None and (beat is None or beat * TICKS_PER_BEAT < self._next - TICKS_PER_BEAT):
            self.stop(now)  # over, or another performance has begun
        if beat is None:
            return
        if self._next is None:
            self._start(source, beat, now)
        while (due := self.deadline(source)) <= now + 1e-9:
            self._send_at(min(due, now), (TICK,))
            assert self._next is not None
            self._next += 1

    def stop(self, now: float) -> None:
        if self._next is not None:
            self._send_at(now, (STOP,))
            self._next = None

    def _start(self, source: Clocked, beat: float, now: float) -> None:
        """Send a start at the top, else a song position and continue at the next 16th, the unit of song positions."""
        if beat * TICKS_PER_BEAT < 1:
            self._send_at(min(now, source.tempo.second_at(0.0)), (START,))
            self._next = 0
            return
        place = ceil(beat * TICKS_PER_BEAT / TICKS_PER_SIXTEENTH - 1e-9)
        self._send_at(now, (POSITION, place & 0x7F, place >> 7 & 0x7F))
        self._send_at(now, (CONTINUE,))
        self._next = place * TICKS_PER_SIXTEENTH

    def _send_at(self, at: float, data: Sequence[int]) -> None:
        self._last_sent_at = max(self._last_sent_at, at)
        self._send(self._last_sent_at, data)
