"""Settings of the MIDI ports, and the list that `composerd ports` prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from composerd.devices import port_names
from composerd.devices.midi_system import find_system
from composerd.devices.port_names import plain

VIRTUAL = "virtual"
"""name of an output that is a port of our own, for others to connect to"""


@dataclass(frozen=True, slots=True)
class MidiSettings:
    api: Literal["auto", "alsa", "jack"] = "auto"
    """MIDI system; auto: ALSA's sequencer, or a running JACK server where there is none"""
    keyboard: str = ""
    """part of the name of the keyboard's port; empty: found by itself"""
    output: str = ""
    """part of the name of the synth's port, or `virtual` for a port of our own; empty: a likely synth, else virtual"""
    clock_in: str = ""
    """part of the name of the port whose MIDI clock is heard (engine.sync: midi); empty: the keyboard's own"""
    poll_ms: Annotated[int, Meta(ge=20, le=1000)] = 100
    """milliseconds between looks for plugged and pulled devices"""


@dataclass(frozen=True, slots=True)
class PortListing:
    api: str
    """ALSA or JACK"""
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    keyboard: str | None
    """what would be played from; None: waits for one"""
    output: str | None
    """what would be played to; None: a virtual port"""


def list_ports(settings: MidiSettings) -> PortListing:
    """The machine's MIDI ports and the choice made among them. DeviceError where there is no MIDI system."""
    system = find_system(settings.api)
    try:
        inputs, outputs = system.inputs(), system.outputs()
    finally:
        system.close()
    keyboard = next(iter(port_names.keyboards(inputs, settings.keyboard)), None)
    synths = [] if settings.output == VIRTUAL else port_names.synths(outputs, settings.output, keyboard)
    return PortListing(
        system.api.name,
        _shown(inputs),
        _shown(outputs),
        keyboard and plain(keyboard),
        plain(synths[0]) if synths else None,
    )


def check_names(listing: PortListing, settings: MidiSettings) -> None:
    """ConfigError for a port named by the user that is not among those there; with none at all it is waited for."""
    for option, wanted, names in (
        ("--in", settings.keyboard, listing.inputs),
        ("--out", "" if settings.output == VIRTUAL else settings.output, listing.outputs),
    ):
        if wanted and names and not any(wanted.lower() in name.lower() for name in names):
            raise port_names.unknown_port(option, wanted, names)


def _shown(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(plain(name) for name in names if not port_names.is_own(name))
