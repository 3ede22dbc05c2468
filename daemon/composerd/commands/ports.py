"""`composerd ports`: MIDI ports, audio outputs and SoundFonts there are, and which would be used."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from composerd.commands.options import add_settings, load_config
from composerd.config import Settings
from composerd.errors import DeviceError

FLAGS = ("--in", "--out", "--midi-api", "--audio", "--soundfont")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    settings = load_config(args).settings
    status = 0
    for name, show in (("MIDI", _midi), ("audio", _audio)):
        try:
            show(settings, print)
        except DeviceError as error:
            print(f"composerd: {name}: {str(error).removeprefix(f'{name}: ')}", file=sys.stderr)
            status = error.status
    return status


def _midi(settings: Settings, write: Callable[[str], None]) -> None:
    from composerd.devices.ports import check_names, list_ports

    listing = list_ports(settings.midi)
    check_names(listing, settings.midi)
    _list(f"{listing.api} inputs (keyboards):", listing.inputs, listing.keyboard, write)
    _list(f"{listing.api} outputs (synths):", listing.outputs, listing.output, write)
    write(f"plays from: {listing.keyboard or 'no keyboard yet; composerd waits for one'}")
    write(f"plays to:   {listing.output or 'a virtual port of its own, `composerd`, to connect a synth to'}")


def _audio(settings: Settings, write: Callable[[str], None]) -> None:
    from composerd.devices.audio.portaudio import choose, list_audio_devices
    from composerd.devices.soundfonts import find_soundfont

    devices = list_audio_devices()
    chosen = str(choose(devices, settings.audio.device)) if devices or settings.audio.device else None
    _list("audio outputs:", tuple(map(str, devices)), chosen, write)
    write(f"SoundFont:  {find_soundfont(settings.audio.soundfont)}")


def _list(title: str, names: tuple[str, ...], chosen: str | None, write: Callable[[str], None]) -> None:
    write(title)
    for name in names:
        write(f"  {'*' if name == chosen else ' '} {name}")
    if not names:
        write("    none")
