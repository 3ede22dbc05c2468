"""Audio settings, each with its unit; default.yaml holds the same values with comments for users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """Device, SoundFont, latency and mix of the audio output."""

    enabled: Literal["auto", "always", "never"] = "auto"
    """auto: sound unless a MIDI output was chosen; always: beside MIDI too; never: MIDI only"""
    device: str = ""
    """part of an output device's name, see `composerd ports`; empty: the system's default"""
    soundfont: str = ""
    """path or name of a .sf2 or .sf3 file; empty: the best one found on this machine"""
    rate: Annotated[int, Meta(ge=8000, le=96000)] = 48000
    """frames a second asked of the device; it may grant another"""
    block: Annotated[int, Meta(ge=16, le=4096)] = 256
    """frames computed at once: a key sounds up to one block later (256 on a PC, 512 on a Raspberry Pi)"""
    latency_ms: Annotated[float, Meta(ge=0, le=500)] = 0.0
    """milliseconds of buffer asked of the device; 0: the least it calls safe. Doubled by itself while it stutters"""
    volume: Annotated[float, Meta(ge=0, le=1.25)] = 1.0
    """master fader: 1 as intended, 0.5 is 12 dB less, 0 silent"""
    player_volume: Annotated[float, Meta(ge=0, le=1.25)] = 1.0
    """the player's own fader"""
    click_volume: Annotated[float, Meta(ge=0, le=1.25)] = 0.8
    """the metronome's fader"""
    reverb: Annotated[float, Meta(ge=0, le=1)] = 0.5
    """how much of the room is heard: 0 none"""
    polyphony: Annotated[int, Meta(ge=16, le=256)] = 128
    """voices at once; the oldest and quietest make room (64 on a Raspberry Pi)"""
    realtime: bool = True
    """whether the sound's thread asks the system for real-time priority"""
