"""Volume, mute, pan and effect sends of each channel, as MIDI messages for the synth."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

from composerd.engine.output.mixer import CENTRE
from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.metronome import METRONOME_CHANNEL, METRONOME_PROGRAM
from composerd.music.midi import (
    CHORUS_SEND,
    CONTROL,
    PAN,
    REVERB_SEND,
    VOLUME,
    Midi,
    control,
    program,
)

FULL_VOLUME = 100
"""controller 7 with a fader at 1; 127 is 4 dB more (General MIDI: amplitude grows with its square)"""
_PLAYER_PITCH, _CLICK_PITCH = 67, 77

MIX: dict[str, float] = {
    "player": 1.0,
    "drums": 0.0,
    "bass": 0.0,
    "comp": -3.0,
    "pad": -5.0,
    "lead": -3.0,
    "voice": -1.0,
    "click": -2.0,
}
"""role -> dB of a single note against TARGET of levels.py: what is held all the time stays below"""
_CHORD = 4
"""voices of a part in which chords add up to what MIX means; more are set lower, fewer higher"""
ROOM: dict[str, tuple[int, int]] = {
    "player": (36, 0),
    "drums": (22, 0),
    "bass": (8, 0),
    "comp": (34, 10),
    "pad": (56, 20),
    "lead": (44, 0),
    "voice": (56, 0),
    "click": (0, 0),
}
"""role -> (reverb send, chorus send), 0 to 127: deep instruments dry, sustained ones wet"""
PLACES: dict[str, tuple[int, ...]] = {
    "comp": (44, 86, 54, 76),
    "pad": (88, 40, 76, 52),
    "lead": (74, 50, 82, 46),
    "voice": (46, 82, 64, 56),
}
"""role -> pan of its first part, second, ...; other roles are in the centre"""


@dataclass(frozen=True, slots=True)
class Balance:
    """The intended loudness of a channel: its instrument, its typical pitch, and dB relative to the others."""

    channel: int
    program: int
    pitch: int
    offset: float


def balances(genre: Genre) -> tuple[Balance, ...]:
    """The mix of a genre: the player's, the metronome's and the parts' channels."""
    return (
        Balance(PLAYER_CHANNEL, genre.player_program, _PLAYER_PITCH, MIX["player"]),
        Balance(METRONOME_CHANNEL, METRONOME_PROGRAM, _CLICK_PITCH, MIX["click"]),
        *map(balance_of, genre.parts),
    )


def balance_of(part: Part) -> Balance:
    offset = MIX[part.role] - (10 * log10(part.voices / _CHORD) if part.voices > 1 else 0.0)
    return Balance(part.channel, part.program, (part.low + part.high) // 2, offset)


class ChannelStrips:
    """Keeps volume, mute and trim of every channel, and scales incoming channel volumes by them."""

    def __init__(self) -> None:
        self._volume: dict[int, float] = {}
        self._control: dict[int, int] = {}
        self._muted: set[int] = set()
        self._trim: dict[int, float] = {}

    def through(self, message: Midi) -> Midi:
        """The message for the synth: channel volume (controller 7) scaled by fader, trim and mute."""
        if message.kind != CONTROL or message.data1 != VOLUME:
            return message
        self._control[message.channel] = message.data2
        return self._fader(message.channel)

    def set_volume(self, channel: int, value: float) -> Midi:
        self._volume[channel] = value
        return self._fader(channel)

    def set_muted(self, channel: int, muted: bool) -> Midi:
        (self._muted.add if muted else self._muted.discard)(channel)
        return self._fader(channel)

    def set_trim(self, channel: int, decibels: float) -> Midi:
        """Set the correction [dB] that balances the channel's instrument; it is added to the fader."""
        self._trim[channel] = decibels
        return self._fader(channel)

    def _fader(self, channel: int) -> Midi:
        scaled = self._volume.get(channel, 1.0) * self._control.get(channel, FULL_VOLUME)
        scaled *= 10 ** (self._trim.get(channel, 0.0) / 40)
        return control(channel, VOLUME, 0 if channel in self._muted else min(127, max(0, round(scaled))))


def pan(channel: int, place: float) -> Midi:
    """The pan message (controller 10) for `place` from -1 (left) to 1 (right)."""
    return control(channel, PAN, min(127, max(0, round(CENTRE + 63.5 * place))))


def instruments(genre: Genre) -> tuple[Midi, ...]:
    """Program, pan and effect sends of the player, the parts and the metronome, as messages."""
    setup = [
        *_instrument(PLAYER_CHANNEL, genre.player_program, "player"),
        *_instrument(METRONOME_CHANNEL, METRONOME_PROGRAM, "click"),
    ]
    seen: dict[str, int] = {}
    for part in genre.parts:
        places = PLACES.get(part.role, (CENTRE,))
        nth = seen[part.role] = seen.get(part.role, -1) + 1
        setup += _instrument(part.channel, part.program, part.role, places[nth % len(places)])
    return tuple(setup)


def _instrument(channel: int, number: int, role: str, place: int = CENTRE) -> tuple[Midi, ...]:
    reverb, chorus = ROOM[role]
    return (
        program(channel, number),
        control(channel, PAN, place),
        control(channel, REVERB_SEND, reverb),
        control(channel, CHORUS_SEND, chorus),
    )
