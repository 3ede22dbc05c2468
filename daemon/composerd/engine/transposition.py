"""Transposition of the player's keys and of the band, apart.

A key sounds `keys` semitones higher than it is, the band `band` semitones higher than it plays. The band receives the
player as many semitones lower as it sounds higher itself, so that both are in one key whatever the two are.
"""

from __future__ import annotations

from dataclasses import dataclass

from composerd.music.midi import POLY_PRESSURE, Midi


@dataclass(frozen=True, slots=True)
class Transposition:
    """Semitones upwards: of the player's keys, and of the band."""

    keys: int = 0
    band: int = 0

    @property
    def shown(self) -> int:
        """Semitones from the band's chords to those that the player's fingers would play."""
        return self.band - self.keys


def moved(pitch: int, semitones: int) -> int:
    """The pitch transposed by semitones; a pitch outside MIDI's range is moved back into it by octaves."""
    higher = pitch + semitones
    return higher - 12 if higher > 127 else higher + 12 if higher < 0 else higher


class KeyTransposer:
    """Transposes the player's keys; a key is released at the pitch at which it was struck."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, int], tuple[int, int]] = {}
        """(channel, key) -> (pitch that sounds, pitch given to the band)"""

    def read(self, message: Midi, now: Transposition) -> tuple[Midi, Midi]:
        """The message as it sounds, and as it is given to the band."""
        key = (message.channel, message.data1)
        if message.starts_note:
            sounds = moved(message.data1, now.keys)
            self._held[key] = (sounds, moved(sounds, -now.band))
        elif not message.ends_note and message.kind != POLY_PRESSURE:
            return message, message
        sounds, heard = self._held.get(key, (message.data1, message.data1))
        if message.ends_note:
            self._held.pop(key, None)
        return _at(message, sounds), _at(message, heard)

    def release_all(self) -> list[int]:
        """Release all held keys. Returns their pitches as given to the band."""
        heard = sorted({heard for _, heard in self._held.values()})
        self._held.clear()
        return heard


def _at(message: Midi, pitch: int) -> Midi:
    return Midi(message.kind, message.channel, pitch, message.data2)
