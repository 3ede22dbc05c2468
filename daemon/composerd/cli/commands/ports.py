"""`composerd ports`: lists MIDI ports, audio outputs and SoundFonts, and marks those that would be used."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

from composerd.cli.options import add_settings, load_config
from composerd.config.layers import Settings
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.midi.ports import PortListing, check_names, list_ports
from composerd.errors import DeviceError

Audio = tuple[tuple[str, ...], str | None]
"""names of outputs or SoundFonts, and the one that would be used"""
FLAGS = ("--in", "--out", "--midi-api", "--audio", "--no-audio", "--soundfont")
OWN_PORT = "a virtual port of its own, `composerd`, to connect a synth to"
T = TypeVar("T")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    settings = load_config(args).settings
    silent = settings.audio.enabled == "never"
    midi = _tried("MIDI", _midi, settings)
    fonts, audio = (None, None) if silent else (_tried("audio", look, settings) for look in (_soundfonts, _audio))
    if midi is not None:
        _list(f"{midi.api} inputs (keyboards):", midi.inputs, midi.keyboard)
        _list(f"{midi.api} outputs (synths):", midi.outputs, midi.output)
    if audio is not None:
        _list("audio outputs:", *audio)
    if fonts is not None:
        _list("SoundFonts:", *fonts)
    audio = audio if fonts is not None else None
    if midi is not None:
        print(f"plays from: {midi.keyboard or 'no keyboard yet; composerd waits for one'}")
        print(f"plays to:   {_target(settings, midi, audio)}")
    return port_status(settings, midi, audio)


def port_status(settings: Settings, midi: PortListing | None, audio: Audio | None) -> int:
    """Exit status: 0 if MIDI or audio is usable and everything that the settings name exists."""
    wants_midi = settings.midi.api != "auto" or bool(settings.midi.keyboard or settings.midi.output)
    wants_audio = _asked_for(settings.audio)
    sounds = audio is not None and bool(audio[0])
    enough = (midi or not wants_midi) and (sounds or not wants_audio) and (midi or sounds)
    return 0 if enough else DeviceError.status


def _asked_for(audio: AudioSettings) -> bool:
    return audio.enabled == "always" or (audio.enabled == "auto" and bool(audio.device or audio.soundfont))


def _tried(name: str, look: Callable[[Settings], T], settings: Settings) -> T | None:
    try:
        return look(settings)
    except DeviceError as error:
        print(f"composerd: no {name}: {error.problem if error.about == name else error}", file=sys.stderr)
        return None


def _midi(settings: Settings) -> PortListing:
    listing = list_ports(settings.midi)
    check_names(listing, settings.midi)
    return listing


def _soundfonts(settings: Settings) -> Audio:
    """Raises DeviceError if there is no port, not the requested one, or nothing to play it with."""
    from composerd.devices.audio import fluidsynth as fluid
    from composerd.devices.audio.soundfonts import find_soundfont, list_soundfonts

    fluid.load()
    chosen = find_soundfont(settings.audio.soundfont)
    others = [font for font in list_soundfonts() if font.resolve() != chosen.resolve()]
    return tuple(map(str, (chosen, *others))), str(chosen)


def _audio(settings: Settings) -> Audio:
    """DeviceError where PortAudio, or the output that is asked for, is missing."""
    from composerd.devices.audio.portaudio import choose, let_go, list_audio_devices

    devices = list_audio_devices()
    let_go()
    wanted = settings.audio.enabled != "never" and (devices or settings.audio.device)
    return tuple(map(str, devices)), str(choose(devices, settings.audio.device)) if wanted else None


def _target(settings: Settings, midi: PortListing, audio: Audio | None) -> str:
    """The MIDI output that would be used, as app.outputs decides it."""
    sounds_here = audio is not None and audio[1] and (settings.audio.enabled == "always" or not settings.midi.output)
    port = (midi.output if settings.midi.output or not sounds_here else None) or OWN_PORT
    return f"{audio[1]}, and {port}" if sounds_here and audio else port


def _list(title: str, names: Iterable[str], chosen: str | None) -> None:
    print(title)
    lines = [f"  {'*' if name == chosen else ' '} {name}" for name in names]
    print("\n".join(lines or ["    none"]))
