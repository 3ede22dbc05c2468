"""FluidSynth's own player of MIDI files as the measure of what is read: every note that it starts, without sound."""

from __future__ import annotations

import ctypes
import ctypes.util
from ctypes import CFUNCTYPE, c_char_p, c_double, c_int, c_size_t, c_void_p

import pytest

OK, PLAYING = 0, 1
_FUNCTIONS = {
    "new_fluid_settings": (c_void_p, []),
    "fluid_settings_setnum": (c_int, [c_void_p, c_char_p, c_double]),
    "fluid_settings_setint": (c_int, [c_void_p, c_char_p, c_int]),
    "new_fluid_synth": (c_void_p, [c_void_p]),
    "new_fluid_player": (c_void_p, [c_void_p]),
    "fluid_player_add_mem": (c_int, [c_void_p, c_char_p, c_size_t]),
    "fluid_player_set_playback_callback": (c_int, [c_void_p, c_void_p, c_void_p]),
    "fluid_player_set_tempo": (c_int, [c_void_p, c_int, c_double]),
    "fluid_player_play": (c_int, [c_void_p]),
    "fluid_player_get_status": (c_int, [c_void_p]),
    "fluid_midi_event_get_type": (c_int, [c_void_p]),
    "fluid_midi_event_get_channel": (c_int, [c_void_p]),
    "fluid_midi_event_get_key": (c_int, [c_void_p]),
    "fluid_midi_event_get_velocity": (c_int, [c_void_p]),
    "fluid_synth_write_float": (c_int, [c_void_p, c_int, *([c_void_p, c_int, c_int] * 2)]),
    "fluid_set_log_function": (c_void_p, [c_int, c_void_p, c_void_p]),
    "delete_fluid_player": (None, [c_void_p]),
    "delete_fluid_synth": (None, [c_void_p]),
    "delete_fluid_settings": (None, [c_void_p]),
}
_Heard = CFUNCTYPE(c_int, c_void_p, c_void_p)
_Log = CFUNCTYPE(None, c_int, c_char_p, c_void_p)
_silent = _Log(lambda _level, _text, _data: None)
_TEMPO_IN_MICROSECONDS, _FASTEST, _BLOCK, _MOST_BLOCKS = 2, 1.0, 64, 4000


def library() -> ctypes.CDLL:
    """Skips the test where FluidSynth is not installed."""
    name = ctypes.util.find_library("fluidsynth")
    if name is None:
        pytest.skip("needs FluidSynth")
    found = ctypes.CDLL(name)
    for function, (result, arguments) in _FUNCTIONS.items():
        getattr(found, function).restype = result
        getattr(found, function).argtypes = arguments
    for level in range(5):
        found.fluid_set_log_function(level, _silent, None)
    return found


def notes_of(fluid: ctypes.CDLL, data: bytes) -> list[tuple[int, int, int]]:
    """(channel from 1, pitch, velocity) of every note that FluidSynth starts when it plays `data`, sorted."""
    heard: list[tuple[int, int, int]] = []

    def hear(_data: int, event: int) -> int:
        if fluid.fluid_midi_event_get_type(event) == 0x90 and fluid.fluid_midi_event_get_velocity(event) > 0:
            channel = fluid.fluid_midi_event_get_channel(event) + 1
            heard.append((channel, fluid.fluid_midi_event_get_key(event), fluid.fluid_midi_event_get_velocity(event)))
        return OK

    callback = _Heard(hear)
    settings = fluid.new_fluid_settings()
    fluid.fluid_settings_setint(settings, b"synth.polyphony", 1)
    synth = fluid.new_fluid_synth(settings)
    player = fluid.new_fluid_player(synth)
    fluid.fluid_player_set_playback_callback(player, callback, None)
    fluid.fluid_player_add_mem(player, data, len(data))
    fluid.fluid_player_set_tempo(player, _TEMPO_IN_MICROSECONDS, _FASTEST)
    fluid.fluid_player_play(player)
    left, right = ((ctypes.c_float * _BLOCK)() for _ in range(2))
    for _ in range(_MOST_BLOCKS):
        if fluid.fluid_player_get_status(player) != PLAYING:
            break
        fluid.fluid_synth_write_float(synth, _BLOCK, left, 0, 1, right, 0, 1)
    fluid.delete_fluid_player(player)
    fluid.delete_fluid_synth(synth)
    fluid.delete_fluid_settings(settings)
    return sorted(heard)
