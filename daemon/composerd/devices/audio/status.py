"""The state of the sound, as the audio process reports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["starting", "playing", "waiting", "failed", "closed"]
"""waiting: for a device that is missing, busy or lost; failed: software has to be installed"""

BRIEF: dict[State, str] = {
    "starting": "sound starting",
    "waiting": "no sound device yet",
    "failed": "no sound (the log says why)",
    "closed": "sound off",
}
"""short text for each state in which nothing plays"""


@dataclass(frozen=True, slots=True)
class AudioStatus:
    """State, device and latency of the audio output."""

    state: State = "starting"
    problem: str = ""
    device: str = ""
    rate: float = 0.0
    """frames a second granted"""
    latency_ms: float = 0.0
    """milliseconds from the moment a note of the band is due to its sound, the device's own included"""
    block: int = 0
    """frames the device asks for at once: a sound server has a block of its own"""
    underflows: int = 0
    late: int = 0
    """notes that came too late for their frame"""
    voices: int = 0
    restarts: int = 0
    lost: int = 0
    """messages for which there was no room in the pipe"""

    @property
    def brief(self) -> str:
        """A short text for the status line: the device's latency, or that there is no device."""
        if self.state != "playing":
            return BRIEF[self.state]
        stutters = f", stutters: {self.underflows}" if self.underflows else ""
        return f"sound {self.latency_ms:.0f} ms (block {self.block} at {self.rate / 1000:g} kHz){stutters}"

    def __str__(self) -> str:
        if self.state != "playing":
            return self.problem or f"audio: {self.state}"
        stutters = f", {self.underflows} stutters" if self.underflows else ""
        return f"audio: {self.device}, {self.rate / 1000:g} kHz, {self.latency_ms:.0f} ms{stutters}"
