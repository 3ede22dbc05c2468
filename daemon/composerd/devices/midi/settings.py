"""Settings of the MIDI ports. Read by every command, so nothing here needs a MIDI library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

VIRTUAL = "virtual"
"""name of an output that is a port of our own, for others to connect to"""


@dataclass(frozen=True, slots=True)
class MidiSettings:
    """MIDI system, ports and polling."""

    api: Literal["auto", "alsa", "jack"] = "auto"
    """MIDI system; auto: ALSA's sequencer, else a running JACK server"""
    keyboard: tuple[str, ...] = ()
    """parts of the names of the keyboards' ports, all of which are used; empty: found by itself"""
    output: str = ""
    """part of the name of the synth's port, or `virtual` for a port of its own; empty: a likely synth, else virtual"""
    clock_in: str = ""
    """part of the name of the port whose MIDI clock is used (engine.sync: midi); empty: the keyboard's own"""
    poll_ms: Annotated[int, Meta(ge=20, le=1000)] = 400
    """interval of looking for plugged and pulled devices if the MIDI system does not notify [ms]"""
