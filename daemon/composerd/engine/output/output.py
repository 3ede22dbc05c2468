"""Sends messages to all sinks; tracks the player's notes, pedals and wheels so that they can be released exactly."""

from __future__ import annotations

from collections.abc import Sequence

from composerd.engine.output.played import Played
from composerd.engine.ports import Silenceable, Sink
from composerd.music.genre import PLAYER_CHANNEL
from composerd.music.midi import (
    CONTROL,
    MODULATION,
    PITCH_BEND,
    PRESSURE,
    SOFT_PEDAL,
    SOSTENUTO_PEDAL,
    SUSTAIN_PEDAL,
    Midi,
    control,
    note_off,
)

_PEDALS_AND_WHEEL = (MODULATION, SUSTAIN_PEDAL, SOSTENUTO_PEDAL, SOFT_PEDAL)
_AT_REST = {
    **{(CONTROL, number): control(PLAYER_CHANNEL, number, 0) for number in _PEDALS_AND_WHEEL},
    (PITCH_BEND, 0): Midi(PITCH_BEND, PLAYER_CHANNEL, 0, 64),
    (PRESSURE, 0): Midi(PRESSURE, PLAYER_CHANNEL, 0),
}
"""(kind, controller) -> the message that brings it to rest"""
_WHEELS = ((PITCH_BEND, 0), (CONTROL, MODULATION), (PRESSURE, 0))


def which(message: Midi) -> tuple[int, int]:
    """(kind, controller); controller is 0 unless it is a control change."""
    return message.kind, message.data1 if message.kind == CONTROL else 0


def is_wheel(message: Midi) -> bool:
    """Whether `message` is pitch bend, modulation or pressure."""
    return which(message) in _WHEELS


class Output:
    """Sends messages to all sinks and tracks the player's sounding notes, pedals and wheels."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self.sinks = sinks
        self._held: dict[int, int] = {}
        """the player's pitches that sound -> channel of the key that struck last"""
        self._moved: dict[tuple[int, int], Midi] = {}
        """(kind, controller) of pedals and wheels that are not at rest -> the message that brings them to rest"""

    def send(self, played: Played) -> None:
        for sink in self.sinks:
            sink.play(played)

    def player(self, at: float, message: Midi, beat: float | None, replayed: bool = False) -> None:
        """Pass a message of the player's on to the sinks."""
        if message.starts_note:
            if message.data1 in self._held:  # struck again: the note that sounds ends first
                self.send(Played(at, None, note_off(PLAYER_CHANNEL, message.data1), beat, replayed))
            self._held[message.data1] = message.channel
        elif message.ends_note:
            if self._held.get(message.data1, message.channel) != message.channel:
                return  # the end of an earlier note would cut the one that another channel has struck since
            self._held.pop(message.data1, None)
        else:
            self._account(message)
        self.send(Played(at, None, message.on_channel(PLAYER_CHANNEL), beat, replayed))

    def release_keys(self, at: float, but: int | None = None) -> list[int]:
        """End the player's notes except `but`. Returns the pitches released."""
        held = sorted(self._held.keys() - {but})
        for pitch in held:
            self.player(at, note_off(self._held[pitch], pitch), None)
        return held

    def rest_wheels(self, at: float) -> None:
        """Bring pitch bend, modulation and pressure back to rest, not the pedals."""
        for name in _WHEELS:
            if (rest := self._moved.get(name)) is not None:
                self.player(at, rest, None)

    def release_player(self, at: float) -> list[int]:
        """Release keys, pedals and wheels of a keyboard that was unplugged; returns the pitches released."""
        held = self.release_keys(at)
        for rest in tuple(self._moved.values()):
            self.player(at, rest, None)
        return held

    def _account(self, message: Midi) -> None:
        """Update the record of pedals and wheels that are not at rest."""
        name = which(message)
        rest = _AT_REST.get(name)
        if rest is not None and message.on_channel(PLAYER_CHANNEL) != rest:
            self._moved[name] = rest
        else:
            self._moved.pop(name, None)

    def silence(self) -> None:
        """Silence every sink that supports it, on all channels, including reverb tails and other programs' notes."""
        for sink in self.sinks:
            if isinstance(sink, Silenceable):
                sink.panic()

    def close(self) -> None:
        for sink in self.sinks:
            sink.close()
