"""Plays the incoming records on the synth in real time: records and the device's clock in, blocks of samples out."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count

import numpy as np

from composerd.devices.audio.channel_strip import Balance, ChannelStrips, pan
from composerd.devices.audio.clock import FrameClock
from composerd.devices.audio.records import ALL, Memory, Op, Record
from composerd.devices.audio.synth import Event, Samples, Synth
from composerd.music.midi import Midi, program

MARGIN = 0.002
"""longest time from a record's moment until it is read from the pipe, with the callbacks' jitter [s]"""
STALE = 0.25
"""seconds after which a key that was pressed while there was no device is discarded"""
KNEE, CEILING = 0.8, 0.99
"""limiter: samples beyond KNEE are bent towards CEILING, without look-ahead"""
_FADE = 256
"""frames from sound to silence on a panic"""
UNMEASURED = -16.0
"""gain of an instrument that has not been measured yet [dB]: low, since some are 20 dB louder than others"""
_SETTLING = 8
"""blocks that are measured before the latency is fixed"""


Known = Callable[[int, int, int], float | None]
"""channel, program, pitch -> dB"""


class Performer:
    """Schedules records on the synth. Not thread-safe: only the device's callback calls `receive` and `block`."""

    def __init__(self, synth: Synth, memory: Memory, volume: float = 1.0, known: Known = lambda *_: None) -> None:
        """`known` gives the trim [dB] of a channel's program, or None if it has not been measured."""
        self.synth, self._memory = synth, memory
        self.clock = FrameClock(synth.rate)
        self.latency = 0.0
        """seconds from a record's moment to its sound, the same for all that are due"""
        self.late = 0
        self.blocks = 0
        self.frames = 0
        """length of the last block, which the device chooses"""
        self.quit = False
        self.unbalanced: deque[Balance] = deque()
        """channels whose instruments another thread is to load and measure; the results go to `trims`"""
        self.trims: deque[tuple[Balance, float]] = deque()
        """what was measured, in dB"""
        self._known = known
        self._balances: dict[int, Balance] = {}
        """by channel"""
        self._coming: dict[int, Balance] = {}
        """channel -> instrument that it plays once its samples are loaded"""
        self._silence = False
        self._fixed = False
        self._strips = ChannelStrips()
        self._gain = self._wanted_gain = volume**2
        self._queue: list[tuple[float, int, Record]] = []
        self._order = count()
        self._now: list[Event] = []
        for record in memory:
            self._handle(record)

    def receive(self, records: Iterable[Record], now: float) -> None:
        """Schedule the records that arrived through the pipe until second `now`."""
        for record in records:
            self._memory.keep(record)
            if record.op == Op.DUE:
                heapq.heappush(self._queue, (record.at, next(self._order), record))
            elif record.op != Op.LIVE or now - record.at < STALE or record.lasting or record.message.ends_note:
                self._handle(record)
        while self.trims:
            balance, trim = self.trims.popleft()
            if self._coming.get(balance.channel) == balance:
                self._balances[balance.channel] = self._coming.pop(balance.channel)
                self._now.append((self.synth.position, program(balance.channel, balance.program)))
            if self._balances.get(balance.channel) == balance:
                self._now.append((self.synth.position, self._strips.set_trim(balance.channel, trim + balance.offset)))

    def block(self, frames: int, now: float, output_delay: float) -> Samples:
        """The next `frames` frames, (2, frames), within -CEILING to CEILING.

        They sound `output_delay` seconds after `now`.
        """
        self.clock.update(self.synth.position, now + output_delay)
        self._settle(frames, output_delay)
        events = self._now + self._due(self.synth.horizon(frames))
        events.sort(key=lambda event: event[0])
        self._now = []
        block = self.synth.render(frames, events)
        self._amplify(block)
        if self._silence:
            self._fade(block)
        self.blocks += 1
        self.frames = frames
        return bent(block)

    def _handle(self, record: Record) -> None:
        message = None
        if record.op == Op.LIVE:
            message = self._strips.through(record.message)
        elif record.op == Op.VOLUME and record.channel == ALL:
            self._wanted_gain = record.value**2
        elif record.op == Op.VOLUME:
            message = self._strips.set_volume(record.channel, record.value)
        elif record.op == Op.MUTE:
            message = self._strips.set_muted(record.channel, bool(record.value))
        elif record.op == Op.PAN:
            message = pan(record.channel, record.value)
        elif record.op == Op.BALANCE:
            message = self._balance(_balance_of(record))
        elif record.op == Op.INSTRUMENT:
            balance = self._coming[record.channel] = _balance_of(record)
            self.unbalanced.append(balance)
        elif record.op == Op.PREPARE:
            self._measured(_balance_of(record))
        else:
            self._queue.clear()
            self._now.clear()
            self._silence = True
            self.quit |= record.op == Op.QUIT
        if message is not None:
            self._now.append((self.synth.position, message))

    def _balance(self, balance: Balance) -> Midi:
        self._balances[balance.channel] = balance
        self._coming.pop(balance.channel, None)
        trim = self._measured(balance)
        return self._strips.set_trim(balance.channel, UNMEASURED if trim is None else trim + balance.offset)

    def _measured(self, balance: Balance) -> float | None:
        """The trim [dB], or None until it is measured; always requests the samples, since loading is too slow here."""
        self.unbalanced.append(balance)
        return self._known(balance.channel, balance.program, balance.pitch)

    def _due(self, horizon: int) -> list[Event]:
        """Remove the events due before frame `horizon` and return them."""
        events = []
        until = self.clock.second_at(horizon - 0.5) - self.latency
        while self._queue and self._queue[0][0] < until:
            at, _, record = heapq.heappop(self._queue)
            frame = round(self.clock.frame_at(at + self.latency))
            self.late += frame < self.synth.position
            events.append((frame, self._strips.through(record.message)))
        return events

    def _settle(self, frames: int, output_delay: float) -> None:
        """Set the latency so that a record that just missed a callback, and is MARGIN late, can still be on time."""
        if not self._fixed:
            needed = output_delay + frames / self.synth.rate + MARGIN
            self.latency = max(self.latency, needed)
            self._fixed = self.blocks >= _SETTLING

    def _amplify(self, block: Samples) -> None:
        if self._gain == self._wanted_gain:
            if self._gain != 1.0:
                block *= np.float32(self._gain)
            return
        block *= np.linspace(self._gain, self._wanted_gain, block.shape[1], dtype=np.float32)
        self._gain = self._wanted_gain

    def _fade(self, block: Samples) -> None:
        frames = min(_FADE, block.shape[1])
        block[:, :frames] *= np.linspace(1.0, 0.0, frames, dtype=np.float32)
        block[:, frames:] = 0.0
        self.synth.silence()
        self._silence = False


def _balance_of(record: Record) -> Balance:
    return Balance(record.channel, record.data1, record.data2, record.value)


def bent(block: Samples) -> Samples:
    """Limit `block` with a soft knee: unchanged up to KNEE, approaching CEILING beyond."""
    size = np.abs(block)
    if float(size.max(initial=0.0)) <= KNEE:
        return block
    over = KNEE + (CEILING - KNEE) * np.tanh((size - KNEE) / (CEILING - KNEE))
    return np.where(size > KNEE, np.copysign(over, block), block).astype(np.float32)
