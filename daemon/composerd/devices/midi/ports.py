"""The list of MIDI ports that `composerd ports` prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from composerd.devices.midi import port_names
from composerd.devices.midi.port_names import plain
from composerd.devices.midi.settings import VIRTUAL, MidiSettings
from composerd.devices.midi.system import find_system


@dataclass(frozen=True, slots=True)
class PortListing:
    """The MIDI ports found, and those that would be used."""

    api: str
    """ALSA or JACK"""
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    keyboard: str | None
    """the keyboard that would be used; None: composerd would wait for one"""
    output: str | None
    """the synth's port that would be used; None: a virtual port"""
    taken: bool = False
    """whether another composerd uses the keyboard"""


def list_ports(settings: MidiSettings) -> PortListing:
    """The machine's MIDI ports, and the ones that were chosen. Raises DeviceError if there is no MIDI system."""
    system = find_system(settings.api)
    try:
        inputs, outputs = system.inputs(), system.outputs()
        keyboard = next(iter(port_names.heard(inputs, settings.keyboard)), None)
        taken = keyboard is not None and system.taken(keyboard)
    finally:
        system.close()
    synths = [] if settings.output == VIRTUAL else port_names.synths(outputs, settings.output, keyboard)
    return PortListing(
        system.api.name,
        _shown(inputs),
        _shown(outputs),
        keyboard and plain(keyboard),
        plain(synths[0]) if synths else None,
        taken,
    )


def check_names(listing: PortListing, settings: MidiSettings) -> None:
    """Raise ConfigError for a named port that does not exist, but not where there are no ports at all yet."""
    for option, wanted, names in (
        *(("--in", one, listing.inputs) for one in settings.keyboard),
        ("--out", "" if settings.output == VIRTUAL else settings.output, listing.outputs),
    ):
        if wanted and names and not any(wanted.lower() in name.lower() for name in names):
            raise port_names.unknown_port(option, wanted, names)


def _shown(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(plain(name) for name in names if not port_names.is_own(name))
