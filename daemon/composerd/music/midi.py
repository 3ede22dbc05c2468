"""MIDI channel messages as values (MIDI 1.0 specification, table 1)."""

from __future__ import annotations

from dataclasses import dataclass

NOTE_OFF, NOTE_ON, POLY_PRESSURE, CONTROL, PROGRAM, PRESSURE, PITCH_BEND = (
    0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0,
)  # fmt: skip
BANK_SELECT, MODULATION, VOLUME, PAN, BANK_SELECT_FINE, SUSTAIN_PEDAL = 0, 1, 7, 10, 32, 64
SOSTENUTO_PEDAL, SOFT_PEDAL, REVERB_SEND, CHORUS_SEND = 66, 67, 91, 93
PEDAL_DOWN = 64
"""lowest controller value at which a pedal counts as pressed"""
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123
DRUM_CHANNEL = 10
"""General MIDI's percussion channel, counted from 1."""

_ONE_DATA_BYTE = (PROGRAM, PRESSURE)


@dataclass(frozen=True, slots=True)
class Midi:
    """One channel message. `kind` is the status byte's high nibble, `channel` counts from 1 to 16."""

    kind: int
    channel: int
    data1: int
    data2: int = 0

    @property
    def starts_note(self) -> bool:
        return self.kind == NOTE_ON and self.data2 > 0

    @property
    def ends_note(self) -> bool:
        return self.kind == NOTE_OFF or (self.kind == NOTE_ON and self.data2 == 0)

    def on_channel(self, channel: int) -> Midi:
        return self if channel == self.channel else Midi(self.kind, channel, self.data1, self.data2)

    def to_bytes(self) -> list[int]:
        """The message as it goes over the wire: 2 or 3 ints."""
        status = self.kind | (self.channel - 1)
        return [status, self.data1] if self.kind in _ONE_DATA_BYTE else [status, self.data1, self.data2]


def note_on(channel: int, pitch: int, velocity: int) -> Midi:
    return Midi(NOTE_ON, channel, pitch, velocity)


def note_off(channel: int, pitch: int) -> Midi:
    return Midi(NOTE_OFF, channel, pitch, 64)


def control(channel: int, number: int, value: int) -> Midi:
    return Midi(CONTROL, channel, number, value)


def program(channel: int, number: int) -> Midi:
    """Program change; `number` is General MIDI's, counted from 0."""
    return Midi(PROGRAM, channel, number)


def parse(data: bytes | list[int]) -> Midi | None:
    """The channel message in `data`, or None for anything else: system messages, cut or malformed ones."""
    if len(data) < 2 or not 0x80 <= data[0] < 0xF0:
        return None
    kind = data[0] & 0xF0
    wanted = 2 if kind in _ONE_DATA_BYTE else 3
    if len(data) < wanted or any(not 0 <= byte < 128 for byte in data[1:wanted]):
        return None
    return Midi(kind, (data[0] & 0x0F) + 1, data[1], data[2] if wanted == 3 else 0)


def silence() -> list[Midi]:
    """Pedals up, all notes off and all sound off, on all sixteen channels."""
    numbers = (SUSTAIN_PEDAL, SOSTENUTO_PEDAL, ALL_NOTES_OFF, ALL_SOUND_OFF)
    return [control(channel, number, 0) for number in numbers for channel in range(1, 17)]
