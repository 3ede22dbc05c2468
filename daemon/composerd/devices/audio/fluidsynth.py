"""Loads the C functions of FluidSynth that the synth uses.

FluidSynth 2.0 or later; docs: https://www.fluidsynth.org/api/.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import c_char_p, c_double, c_int, c_void_p
from ctypes.util import find_library
from functools import cache
from typing import Any

from composerd.errors import DeviceError, Reason

INSTALL = "apt install libfluidsynth3 (macOS: brew install fluid-synth; Windows: choco install fluidsynth)"
CHANNEL_MELODIC, CHANNEL_DRUM = 0, 1
_LOG_LEVELS = 5
_LIBRARY = "libfluidsynth.so.3"
"""file name that is tried if the system's list of libraries has no FluidSynth"""

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
    """The functions of _FUNCTIONS as typed attributes named as in C."""

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
    """Load FluidSynth with its messages turned off. Raises DeviceError naming the package to install."""
    try:
        return Fluid(ctypes.CDLL(find_library("fluidsynth") or _LIBRARY))
    except OSError as error:
        raise DeviceError(f"the FluidSynth library is missing: {INSTALL}", about="audio") from error
    except AttributeError as error:
        raise DeviceError(
            f"FluidSynth is older than 2.0 ({error}): {INSTALL}", Reason.UNUSABLE, about="audio"
        ) from error


def pointers(addresses: list[int]) -> ctypes.Array[c_void_p]:
    """A C array of pointers."""
    return (c_void_p * len(addresses))(*addresses)
