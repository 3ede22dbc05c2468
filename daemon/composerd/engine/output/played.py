"""What is sent to the sinks: a MIDI message with its moment, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass

from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import Midi


@dataclass(frozen=True, slots=True)
class Played:
    """A message to the sinks. `at`: when it is due [s]; `part`: its index in the genre, None for the player."""

    at: float
    part: int | None
    message: Midi
    beat: float | None = None
    """quarter notes since bar 1; None while no clock runs"""
    replayed: bool = False
    """the player's own notes coming back in phrase mode: placed at `at`, as the band is, not as soon as possible"""

    @property
    def is_click(self) -> bool:
        """Whether it is a metronome click: audible, but not part of the performance."""
        return self.part is None and self.message.channel == METRONOME_CHANNEL
