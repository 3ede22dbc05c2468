"""FluidSynth's C functions that pyfluidsynth does not offer in the form needed: a table, loaded once.

pyfluidsynth finds and loads the library; `fluid_synth_process` (separate outputs, mixed into our own float buffers)
and the voice list are called through its handle. FluidSynth 2.0 or later; docs: https://www.fluidsynth.org/api/.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Callable
from ctypes import c_char_p, c_double, c_int, c_void_p
from functools import cache
from typing import Any

from composerd.errors import DeviceError

INSTALL = "apt install libfluidsynth3 (macOS: brew install fluid-synth; Windows: choco install fluidsynth)"
CHANNEL_MELODIC, CHANNEL_DRUM = 0, 1
_LOG_LEVELS = 5

_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "new_fluid_settings": (c_void_p, []),
    "delete_fluid_settings": (None, [c_void_p]),
    "fluid_settings_setint": (c_int, [c_void_p, c_char_p, c_int]),
    "fluid_settings_setnum": (c_int, [c_void_p, c_char_p, c_double]),
    "new_fluid_synth": (c_void_p, [c_void_p]),
    "delete_fluid_synth": (None, [c_void_p]),
    "fluid_set_log_function": (c_void_p, [c_int, c_void_p, c_void_p]),
    "fluid_synth_sfload": (c_int, [c_void_p, c_char_p, c_int]),
    "fluid_synth_set_channel_type": (c_int, [c_void_p, c_int, c_int]),
    "fluid_synth_bank_select": (c_int, [c_void_p, c_int, c_int]),
    "fluid_synth_noteon": (c_int, [c_void_p, c_int, c_int, c_int]),
    "fluid_synth_noteoff": (c_int, [c_void_p, c_int, c_int]),
    "fluid_synth_cc": (c_int, [c_void_p, c_int, c_int, c_int]),
    "fluid_synth_program_change": (c_int, [c_void_p, c_int, c_int]),
    "fluid_synth_channel_pressure": (c_int, [c_void_p, c_int, c_int]),
    "fluid_synth_key_pressure": (c_int, [c_void_p, c_int, c_int, c_int]),
    "fluid_synth_pitch_bend": (c_int, [c_void_p, c_int, c_int]),
    "fluid_synth_set_reverb": (c_int, [c_void_p, c_double, c_double, c_double, c_double]),
    "fluid_synth_system_reset": (c_int, [c_void_p]),
    "fluid_synth_process": (c_int, [c_void_p, c_int, c_int, c_void_p, c_int, c_void_p]),
    "fluid_synth_get_voicelist": (None, [c_void_p, c_void_p, c_int, c_int]),
    "fluid_synth_get_active_voice_count": (c_int, [c_void_p]),
    "fluid_voice_get_channel": (c_int, [c_void_p]),
}  # fmt: skip


class Fluid:
    """The functions of _FUNCTIONS, typed, as attributes by their C names."""

    def __init__(self, library: Any) -> None:
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)
        for level in range(_LOG_LEVELS):
            self.fluid_set_log_function(level, None, None)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        raise AttributeError(name)


@cache
def load() -> Fluid:
    """FluidSynth, silenced. Raises DeviceError naming the package to install."""
    try:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            import fluidsynth  # prints where it found the library when CI is set
        return Fluid(fluidsynth._fl)
    except (ImportError, OSError) as error:
        raise DeviceError(f"audio: the FluidSynth library is missing: {INSTALL}") from error
    except AttributeError as error:
        raise DeviceError(f"audio: FluidSynth is older than 2.0 ({error}): {INSTALL}") from error


def pointers(addresses: list[int]) -> ctypes.Array[c_void_p]:
    """A C array of pointers."""
    return (c_void_p * len(addresses))(*addresses)
