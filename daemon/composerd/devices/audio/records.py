"""The records of the pipe to the audio process: of one fixed size, so that each is written whole or not at all."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from composerd.music.midi import ALL_SOUND_OFF, CONTROL, PROGRAM, SUSTAIN_PEDAL, Midi

_FORMAT = struct.Struct("<dfBBBB")
SIZE = _FORMAT.size
ALL = 0
"""channel number in records for all channels"""


class Op(IntEnum):
    """The kinds of records."""

    LIVE = 0
    """a MIDI message that sounds as soon as possible"""
    DUE = 1
    """a MIDI message that sounds at its moment, plus the fixed latency"""
    VOLUME = 2
    """a fader, `value` from 0; channel ALL is the master"""
    PAN = 3
    """`value` from -1 (left) to 1 (right)"""
    MUTE = 4
    """`value` 1 silences the channel, 0 lets it sound"""
    PANIC = 5
    """silence at once, and drop the scheduled records"""
    QUIT = 6
    """fade out and end"""
    BALANCE = 7
    """a channel's instrument: program `data1` around pitch `data2`, `value` dB above the others"""
    PREPARE = 8
    """as BALANCE, of an instrument that may be wanted soon"""
    INSTRUMENT = 9
    """as BALANCE, and play it: once its samples are loaded, and until then the instrument before"""


class Record(NamedTuple):
    """One record: operation, moment `at` [s, monotonic clock] and the fields of a `Midi` message."""

    op: Op
    at: float = 0.0
    channel: int = ALL
    kind: int = 0
    data1: int = 0
    data2: int = 0
    value: float = 0.0

    @property
    def message(self) -> Midi:
        return Midi(self.kind, self.channel, self.data1, self.data2)

    @classmethod
    def of(cls, op: Op, at: float, message: Midi) -> Record:
        return cls(op, at, message.channel, message.kind, message.data1, message.data2)

    @property
    def lasting(self) -> tuple[int, ...] | None:
        """The key of the state that this record sets (a later record with the same key replaces it), or None."""
        if self.op in (Op.VOLUME, Op.PAN, Op.MUTE, Op.BALANCE, Op.INSTRUMENT):
            return (self.op, self.channel)
        if self.op > Op.DUE or self.kind not in (CONTROL, PROGRAM):
            return None
        if self.kind == PROGRAM:
            return (PROGRAM, self.channel)
        passing = self.data1 >= ALL_SOUND_OFF or self.data1 == SUSTAIN_PEDAL
        return None if passing else (CONTROL, self.channel, self.data1)

    def pack(self) -> bytes:
        status = self.kind | max(0, self.channel - 1) if self.kind else self.channel
        return _FORMAT.pack(self.at, self.value, self.op, status, self.data1, self.data2)


def unpack(data: bytes) -> Iterator[Record]:
    """Decode the complete records in `data`."""
    for at, value, op, status, data1, data2 in _FORMAT.iter_unpack(data[: len(data) // SIZE * SIZE]):
        if status < 0x80:
            yield Record(Op(op), at, status, 0, data1, data2, value)
        else:
            yield Record(Op(op), at, (status & 0x0F) + 1, status & 0xF0, data1, data2, value)


class Memory:
    """Keeps the last record of each lasting kind, to be repeated to a new synth."""

    def __init__(self) -> None:
        self._records: dict[tuple[int, ...], Record] = {}

    def keep(self, record: Record) -> None:
        key = record.lasting
        if record.op == Op.BALANCE:  # another genre has the channel
            self._records.pop((Op.INSTRUMENT, record.channel), None)
        if key is not None:
            self._records[key] = record._replace(op=Op.LIVE if record.op == Op.DUE else record.op)

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._records.values()))
