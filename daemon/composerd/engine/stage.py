"""Where everything leaves: the listeners, and the exact account of what the player holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from composerd.engine.messages import Played
from composerd.engine.mixer import Mixer
from composerd.engine.ports import Silenceable, Sink
from composerd.engine.timeline import Event
from composerd.music.genre import PLAYER_CHANNEL, Genre
from composerd.music.metronome import METRONOME_CHANNEL, METRONOME_PROGRAM
from composerd.music.midi import (
    ALL_NOTES_OFF,
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
    note_on,
    program,
)
from composerd.music.tempo import Tempo

_PEDALS_AND_WHEEL = (MODULATION, SUSTAIN_PEDAL, SOSTENUTO_PEDAL, SOFT_PEDAL)
_AT_REST = {
    **{(CONTROL, number): control(PLAYER_CHANNEL, number, 0) for number in _PEDALS_AND_WHEEL},
    (PITCH_BEND, 0): Midi(PITCH_BEND, PLAYER_CHANNEL, 0, 64),
    (PRESSURE, 0): Midi(PRESSURE, PLAYER_CHANNEL, 0),
}
"""(kind, controller) -> the message that brings it to rest"""
_WHEELS = ((PITCH_BEND, 0), (CONTROL, MODULATION), (PRESSURE, 0))


def which(message: Midi) -> tuple[int, int]:
    """(kind, controller), the latter 0 for what is no control change."""
    return message.kind, message.data1 if message.kind == CONTROL else 0


def is_wheel(message: Midi) -> bool:
    """Whether it bends or colours the notes that sound: pitch bend, modulation, pressure."""
    return which(message) in _WHEELS


class Stage:
    def __init__(self, sinks: Sequence[Sink], genre: Genre) -> None:
        self._sinks = sinks
        self._held: set[int] = set()
        self._moved: dict[tuple[int, int], Midi] = {}
        """(kind, controller) -> what brings it back, of the player's pedals and wheels that are not at rest"""
        self._sounding: set[tuple[int, int]] = set()
        self.mixer = Mixer()
        self._swing: float | None = None
        self.genre = genre
        self.set_genre(genre)

    def set_genre(self, genre: Genre) -> None:
        """Call with no note of the band sounding."""
        self._page = genre
        self.genre = self._with_swing(genre)
        self.mixer.new_genre()
        self._sounding.clear()
        self._unmixed, self._clicked = True, False
        for sink in self._sinks:
            sink.set_genre(genre)

    def set_swing(self, amount: float | None) -> None:
        """Swing every genre by `amount`, 0 to 1; None: as its page has it."""
        self._swing = amount
        self.genre = self._with_swing(self._page)

    def _with_swing(self, genre: Genre) -> Genre:
        return genre if self._swing is None else replace(genre, feel=replace(genre.feel, swing=self._swing))

    def mix(self, at: float) -> None:
        """Bring volumes, places and mutes to what the mixer says; call after it or the genre changed."""
        self._unmixed = False
        for part, message in self.mixer.due_volumes(self.genre, self._clicked):
            self._send(Played(at, part, message))
        for part, message in self.mixer.due_places(self.genre):
            self._send(Played(at, part, message))
        for part, pitch in sorted(self._sounding):
            if self.mixer.silent(self.genre.parts[part], self.genre):
                self._band_note(at, part, pitch, 0, None)

    def player(self, at: float, message: Midi, beat: float | None, replayed: bool = False) -> None:
        """Pass the player's own message on, before anything else is done with it."""
        if message.starts_note:
            self._held.add(message.data1)
        elif message.ends_note:
            self._held.discard(message.data1)
        else:
            self._account(message)
        self._send(Played(at, None, message.on_channel(PLAYER_CHANNEL), beat, replayed))

    def _account(self, message: Midi) -> None:
        """Remember the pedals and wheels that are not at rest."""
        name = which(message)
        rest = _AT_REST.get(name)
        if rest is not None and message.on_channel(PLAYER_CHANNEL) != rest:
            self._moved[name] = rest
        else:
            self._moved.pop(name, None)

    def band(self, events: Iterable[Event], tempo: Tempo, now: float) -> None:
        """Send notes of the band, each due at its own moment; one whose moment has passed is due now."""
        if self._unmixed:
            self.mix(now)
        for event in events:
            at = min(now, tempo.second_at(event.beat))
            self._band_note(at, event.part, event.pitch, event.velocity, event.beat)

    def click(self, at: float, message: Midi) -> None:
        """A message of the metronome, which is told its instrument and its volume first."""
        if not self._clicked:
            self._send(Played(at, None, program(METRONOME_CHANNEL, METRONOME_PROGRAM)))
            self._clicked = True
            self.mix(at)
        self._send(Played(at, None, message))

    def hush(self, at: float) -> None:
        """Release what the band sounds, whatever its timeline says."""
        for part, pitch in sorted(self._sounding):
            self._band_note(at, part, pitch, 0, None)

    def _band_note(self, at: float, part: int, pitch: int, velocity: int, beat: float | None) -> None:
        """A note of a part begins (`velocity` > 0) or ends, unless it is muted or ended before."""
        one = self.genre.parts[part]
        if velocity and not self.mixer.silent(one, self.genre):
            self._sounding.add((part, pitch))
            self._send(Played(at, part, note_on(one.channel, pitch, velocity), beat))
        elif not velocity and (part, pitch) in self._sounding:
            self._sounding.discard((part, pitch))
            self._send(Played(at, part, note_off(one.channel, pitch), beat))

    def release_keys(self, at: float, but: int | None = None) -> list[int]:
        """End the player's notes, not `but`; the pitches released."""
        held = sorted(self._held - {but})
        for pitch in held:
            self.player(at, note_off(PLAYER_CHANNEL, pitch), None)
        return held

    def rest_wheels(self, at: float) -> None:
        """Bring pitch bend, modulation and pressure back to rest, not the pedals."""
        for name in _WHEELS:
            if (rest := self._moved.get(name)) is not None:
                self.player(at, rest, None)

    def release_player(self, at: float) -> list[int]:
        """Let go of the keys that a vanished keyboard holds, of its pedals and wheels; the pitches released."""
        held = self.release_keys(at)
        for rest in tuple(self._moved.values()):
            self.player(at, rest, None)
        return held

    def panic(self, at: float) -> None:
        """All notes off and pedal up on every channel in use, whatever is believed to sound."""
        channels: list[tuple[int | None, int]] = [(None, PLAYER_CHANNEL)]
        channels += [(index, part.channel) for index, part in enumerate(self.genre.parts)]
        for part, channel in channels:
            self._send(Played(at, part, control(channel, SUSTAIN_PEDAL, 0)))
            self._send(Played(at, part, control(channel, ALL_NOTES_OFF, 0)))
        for sink in self._sinks:
            if isinstance(sink, Silenceable):
                sink.panic()

    def close(self) -> None:
        for sink in self._sinks:
            sink.close()

    def _send(self, played: Played) -> None:
        for sink in self._sinks:
            sink.play(played)
