"""Keeps the samples of the instruments in use in memory, so that no program change reads a disk in the audio thread.

FluidSynth loads the samples of an instrument when a channel selects it, and shares them among its synths: selected
here first, on another thread, they are already loaded when the playing synth selects them.
"""

from __future__ import annotations

import os
from pathlib import Path

from composerd.devices.audio import fluidsynth as fluid
from composerd.devices.audio.c_output import quiet
from composerd.music.midi import DRUM_CHANNEL


class SampleKeeper:
    """A silent synth that selects the same instruments as the playing one, on its 16 channels."""

    def __init__(self, soundfont: Path) -> None:
        self._lib = fluid.load()
        self._settings = self._lib.new_fluid_settings()
        self._lib.fluid_settings_setint(self._settings, b"synth.dynamic-sample-loading", 1)
        self._lib.fluid_settings_setint(self._settings, b"synth.polyphony", 1)
        self._synth = self._lib.new_fluid_synth(self._settings)
        with quiet():
            self._lib.fluid_synth_sfload(self._synth, os.fsencode(soundfont), 1)

    def keep(self, channel: int, number: int) -> None:
        """Load program `number` of `channel` (1 to 16) and release the one before. Takes up to 0.1 s."""
        at = channel - 1
        self._lib.fluid_synth_bank_select(self._synth, at, 128 if channel == DRUM_CHANNEL else 0)
        self._lib.fluid_synth_program_change(self._synth, at, number)

    def close(self) -> None:
        self._lib.delete_fluid_synth(self._synth)
        self._lib.delete_fluid_settings(self._settings)
